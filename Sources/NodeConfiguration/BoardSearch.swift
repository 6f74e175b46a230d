import SensorCore

extension BoardDescription {
    /// Finds and reads the board that a configuration names. Faults of the board file keep their own places.
    static func find(_ node: YAMLNode, in file: MappingReader, folders: [String]) -> BoardDescription? {
        guard let wanted = file.value(of: node, key: "board", as: .text) else { return nil }
        let faults = file.faults
        if wanted.contains("/") {
            return load(resolve(wanted, besideFile: faults.file), at: node.position, faults: faults)
        }
        var found: [String] = []
        for folder in folders {
            let names = namesInFolder(folder, endingIn: boardSuffix)
            if names.contains(wanted) {
                return load("\(folder)/\(wanted)\(boardSuffix)", at: node.position, faults: faults)
            }
            found += names.filter { !found.contains($0) }
        }
        if found.isEmpty {
            faults.add(
                at: node.position,
                """
                there is no board \(quoted(wanted)), nor any other in \(list(folders)): copy the folder Boards of the source there, run 'make install', \
                or let REALLABOR_BOARDS name that folder
                """)
            return nil
        }
        let places: Sentence = "boards found: \(list(found)); folders searched: \(list(folders))"
        if let near = nearest(to: wanted, among: found) {
            faults.add(at: node.position, "there is no board \(quoted(wanted)); did you mean '\(near)'? \(places)")
        } else {
            faults.add(at: node.position, "there is no board \(quoted(wanted)); \(places)")
        }
        return nil
    }

    private static func list(_ names: [String]) -> Sentence {
        names.isEmpty ? "none" : Sentence(verbatim: names.joined(separator: ", "))
    }

    private static let boardSuffix = ".yaml"

    private static func load(_ path: String, at position: SourcePosition, faults: FaultCollector) -> BoardDescription? {
        let ownFaults = FaultCollector(file: path)
        do throws(FileUnreadable) {
            let bytes = try readFile(path)
            let base = path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...]
            let name = base.hasSuffix(boardSuffix) ? base.dropLast(boardSuffix.count) : base
            let board = read(bytes, name: String(name), faults: ownFaults)
            faults.add(ownFaults.faults)
            return board
        } catch {
            faults.add(at: position, "cannot read the board file \(error.path): \(error.reason)")
            return nil
        }
    }
}

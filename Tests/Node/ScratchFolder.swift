import Glibc

/// A folder of its own for one test, gone with the object.
final class ScratchFolder {
    let path: String

    init() {
        var template = Array("/tmp/reallabor-node-XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil, "mkdtemp failed")
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { removeTree(path) }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    @discardableResult
    func write(_ name: String, _ content: [UInt8]) -> String {
        let descriptor = open(file(name), O_CREAT | O_WRONLY | O_TRUNC, 0o644)
        precondition(descriptor >= 0, "can't create \(file(name))")
        precondition(Glibc.write(descriptor, content, content.count) == content.count, "can't write \(file(name))")
        close(descriptor)
        return file(name)
    }

    @discardableResult
    func write(_ name: String, _ content: String) -> String { write(name, Array(content.utf8)) }

    func names() -> [String] { entries(path).map(\.name) }
}

/// Everything in a file; empty when there is none.
func content(of path: String) -> [UInt8] {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var content: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = read(descriptor, &piece, piece.count)
        guard count > 0 else { return content }
        content += piece[..<count]
    }
}

private func entries(_ path: String) -> [(name: String, isFolder: Bool)] {
    guard let stream = opendir(path) else { return [] }
    defer { closedir(stream) }
    var found: [(String, Bool)] = []
    while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        if name != "." && name != ".." { found.append((name, entry.pointee.d_type == UInt8(DT_DIR))) }
    }
    return found
}

private func removeTree(_ path: String) {
    for entry in entries(path) {
        if entry.isFolder { removeTree("\(path)/\(entry.name)") } else { unlink("\(path)/\(entry.name)") }
    }
    rmdir(path)
}

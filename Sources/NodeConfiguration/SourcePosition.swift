import SensorCore

/// A place in a text file; line and column are 1-based, columns count Unicode scalars.
struct SourcePosition: Hashable, Comparable, SentenceConvertible {
    var line: Int
    var column: Int

    static let start = SourcePosition(line: 1, column: 1)

    static func < (a: SourcePosition, b: SourcePosition) -> Bool {
        (a.line, a.column) < (b.line, b.column)
    }

    /// For messages that name a second place: "line 4, column 7".
    var sentence: Sentence { "line \(line), column \(column)" }
}

/// Gathers the faults of one file, so that all of them are told at once.
final class FaultCollector {
    let file: String
    private var doubtful: [(position: SourcePosition, said: Sentence)] = []
    private var found: [(position: SourcePosition, said: Sentence)] = []
    private var fromOtherFiles: [ConfigurationFault] = []
    /// In the order of reading.
    private(set) var assumed: [AssumedValue] = []

    init(file: String) { self.file = file }

    var isEmpty: Bool { found.isEmpty && fromOtherFiles.isEmpty }

    func add(at position: SourcePosition, _ said: Sentence) { found.append((position, said)) }

    /// What works, but not for what it is meant for: see `NodeConfiguration.doubts`.
    func doubt(at position: SourcePosition, _ said: Sentence) { doubtful.append((position, said)) }

    func assume(_ value: AssumedValue) { assumed.append(value) }

    /// Faults of a file that this one names.
    func add(_ faults: [ConfigurationFault]) { fromOtherFiles += faults }

    /// Adds a remark to the last fault of this file.
    func noteOnLast(_ remark: Sentence) {
        guard let last = found.indices.max(by: { (found[$0].position, $0) < (found[$1].position, $1) }) else { return }
        found[last].said = "\(found[last].said); \(remark)"
    }

    /// In order of position.
    var doubts: [ConfigurationFault] {
        doubtful.sorted { $0.position < $1.position }.map {
            ConfigurationFault(file: file, line: $0.position.line, column: $0.position.column, said: $0.said)
        }
    }

    /// In order of position; faults at the same place in the order they were found.
    var faults: [ConfigurationFault] {
        let order = found.indices.sorted { (found[$0].position, $0) < (found[$1].position, $1) }
        return order.map { index in
            let (position, said) = found[index]
            return ConfigurationFault(file: file, line: position.line, column: position.column, said: said)
        } + fromOtherFiles
    }
}

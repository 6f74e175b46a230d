package import SensorCore

/// One thing that a check has found, as a value: for a line on the terminal, a log, or a program that reads JSON.
package struct Finding: Hashable, Sendable {
    package enum Severity: Int, Hashable, Sendable, Comparable {
        /// Worth knowing; nothing is to be done.
        case note
        /// The node works, but not as well as it could, or not for long.
        case warning
        /// Something that the configuration asks for does not work.
        case error

        package static func < (one: Severity, other: Severity) -> Bool { one.rawValue < other.rawValue }
    }

    /// What kind of finding it is, the same in each version and language: "bus-unusable".
    package var id: String
    package var severity: Severity
    /// What it is about: "bus i2c-1", "node.yaml:3:5".
    package var place: Sentence
    package var what: Sentence
    /// What the person at the box can do about it; nil where `what` says it.
    package var advice: Sentence?
    /// All of it for a person, without a line break at the end.
    package var text: Sentence

    /// - Parameter text: nil puts the parts together: "PLACE: WHAT; ADVICE".
    package init(
        id: String, _ severity: Severity, at place: Sentence, _ what: Sentence, advice: Sentence? = nil, text: Sentence? = nil
    ) {
        self.id = id
        self.severity = severity
        self.place = place
        self.what = what
        self.advice = advice
        self.text = text ?? advice.map { "\(place): \(what); \($0)" } ?? "\(place): \(what)"
    }
}

extension [Finding] {
    /// One line per finding, without a line break at the end.
    package var text: Sentence { .list(map(\.text), separator: "\n") }
}

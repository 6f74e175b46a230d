public import SensorCore

/// One thing that is wrong in a configuration or board file.
public struct ConfigurationFault: Error, Hashable, Sendable, SentenceConvertible {
    /// The file as it was named when it was read.
    public let file: String
    /// 1-based.
    public let line: Int
    /// 1-based, in characters (Unicode scalars), as editors count.
    public let column: Int
    /// What is wrong and what to write instead.
    public let said: Sentence

    /// `said` in English.
    public var message: String { said.description }
    public var sentence: Sentence { "\(file):\(line):\(column): \(said)" }
}

/// Everything that is wrong in a configuration, in order of position. Faults of its board file come last.
public struct ConfigurationFaults: Error, Hashable, Sendable, SentenceConvertible {
    /// Never empty.
    public let faults: [ConfigurationFault]

    /// One line per fault.
    public var sentence: Sentence { .list(faults.map(\.sentence), separator: "\n") }
}

/// The configuration file itself is missing or cannot be read.
public struct FileUnreadable: Error, Hashable, Sendable, SentenceConvertible {
    public let path: String
    /// `errno`.
    public let code: Int32
    /// The system's words for `code`: "No such file or directory".
    public let reason: Sentence

    public var sentence: Sentence { "cannot read \(path): \(reason)" }
}

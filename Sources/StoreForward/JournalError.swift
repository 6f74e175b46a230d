public import SensorCore
import Glibc

/// The journal could not do what it was asked. Whatever was asked, it was not half done.
public struct JournalError: Error, Hashable, Sendable, SentenceConvertible {
    /// What the caller can do about it.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The file's content is damaged. Close the journal and open it again with this error as `knownDamage`.
        case corrupt
        /// Written by a newer version of this program. Not touched.
        case newerVersion
        /// Of a format from before this program, which the node brings up to date when it opens it. Not touched.
        case olderVersion
        /// A healthy SQLite database of another program. Not touched.
        case foreign
        /// Another process has the journal, or holds SQLite's lock on it.
        case locked
        /// Looked at from outside: the node that has it, or another process, does not let others in.
        case notAdmitted
        /// No space on the medium. The same call succeeds once there is.
        case full
        /// The medium or the file cannot be written to.
        case readOnly
        /// Missing directory, missing permission, or not a regular file.
        case cannotOpen
        /// The medium failed to read or write. The same call may succeed later.
        case io
        /// The budget is below `Journal.minimumBudgetBytes`.
        case budgetTooSmall
        /// The journal was closed.
        case closed
        /// SQLite said something this program has no better name for.
        case unexpected
    }

    public var kind: Kind
    /// What was tried, on what: "append to /var/lib/reallabor-node/journal.db".
    public var operation: Sentence
    /// SQLite's extended result code; 0 where SQLite was not involved.
    public var code: Int32
    /// `errno`; 0 where there is none.
    public var systemCode: Int32
    /// What was found.
    public var detail: Sentence
    /// The name a damaged journal was set aside under before this went wrong; nil when none was.
    public var setAside: String?

    public init(kind: Kind, operation: Sentence, code: Int32 = 0, systemCode: Int32 = 0, detail: Sentence) {
        self.kind = kind
        self.operation = operation
        self.code = code
        self.systemCode = systemCode
        self.detail = detail
    }

    public var sentence: Sentence {
        let found: Sentence =
            switch (code, systemCode) {
            case (0, 0): "\(operation): \(detail)"
            case (_, 0): "\(operation): \(detail) (SQLite code \(code))"
            case (0, _): "\(operation): \(detail) (errno \(systemCode))"
            default: "\(operation): \(detail) (SQLite code \(code), errno \(systemCode))"
            }
        return advice.map { "\(found). \($0)" } ?? found
    }

    private var advice: Sentence? {
        switch kind {
        case .corrupt, .closed, .unexpected, .notAdmitted: nil
        case .newerVersion: "Install the version that wrote it, or move the file away to begin a new journal"
        case .olderVersion: "Let the node open it once, or use the program that wrote it"
        case .foreign: "Give the journal a path of its own"
        case .locked: "Stop the other program, or give this node a journal of its own"
        case .full: "Free space on this medium, or lower the journal's budget"
        case .readOnly: "Remount the medium writable; a card that turned read-only by itself is failing"
        case .cannotOpen: "Check that the directory exists and that this user may write to it"
        case .io: "Check the medium and the kernel's log; a card that fails like this is to be replaced"
        case .budgetTooSmall: "Give it at least \(Journal.minimumBudgetBytes) bytes"
        }
    }
}

extension JournalError {
    /// Nothing is wrong but the medium, which may be freed, remounted or come back.
    public var isOfTheMedium: Bool {
        switch kind {
        case .full, .io, .readOnly: true
        case .corrupt, .newerVersion, .olderVersion, .foreign, .locked, .notAdmitted, .cannotOpen, .budgetTooSmall, .closed,
            .unexpected:
            false
        }
    }
}

extension JournalError.Kind {
    /// What a failed system call on one of the journal's files means.
    init(systemCode: Int32) {
        self =
            switch systemCode {
            case ENOSPC, EDQUOT, EFBIG: .full
            case EROFS: .readOnly
            case EIO: .io
            default: .cannotOpen
            }
    }
}

extension JournalError {
    /// A system call on one of the journal's files failed.
    init(_ operation: Sentence, systemCode: Int32) {
        self.init(
            kind: Kind(systemCode: systemCode), operation: operation, systemCode: systemCode,
            detail: Sentence(verbatim: systemText(systemCode)))
    }
}

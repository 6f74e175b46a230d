import Glibc
public import SensorCore

/// A file or folder could not be opened, read, written or kept.
public struct FileError: Error, Hashable, Sendable, SentenceConvertible {
    public enum Operation: Hashable, Sendable {
        case read, write, create, flush, rename
        /// Give to another user.
        case own
    }

    /// What stands where an ordinary file is meant.
    public enum Stranger: Hashable, Sendable {
        case folder, pipe, device, socket, link
    }

    public var operation: Operation
    public var path: String
    /// `errno`; 0 when it is about what stands there.
    public var code: Int32
    public var stranger: Stranger?

    public init(_ operation: Operation = .read, path: String, code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    public init(_ operation: Operation = .read, path: String, is stranger: Stranger) {
        self.init(operation, path: path, code: 0)
        self.stranger = stranger
    }

    public var sentence: Sentence {
        switch operation {
        case .read: "cannot read \(path): \(reason)"
        case .write: "cannot write \(path): \(reason)"
        case .create: "cannot create \(path): \(reason)"
        case .flush: "cannot flush \(path): \(reason)"
        case .rename: "cannot rename \(path): \(reason)"
        case .own: "cannot hand over \(path): \(reason)"
        }
    }

    /// Without the path: "Permission denied", "it is a pipe, not a file".
    public var reason: Sentence {
        switch stranger {
        case nil: Sentence(verbatim: systemText(code))
        case .folder: "it is a folder, not a file"
        case .pipe: "it is a pipe, not a file"
        case .device: "it is a device, not a file"
        case .socket: "it is a socket, not a file"
        case .link: "it is a link, not a file"
        }
    }
}

extension FileError.Stranger {
    /// nil for an ordinary file.
    init?(_ mode: UInt32) {
        switch mode & S_IFMT {
        case S_IFREG: return nil
        case S_IFDIR: self = .folder
        case S_IFIFO: self = .pipe
        case S_IFSOCK: self = .socket
        case S_IFLNK: self = .link
        default: self = .device
        }
    }
}

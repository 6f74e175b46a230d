import Glibc
import SensorCore

/// A file or folder could not be opened, read, written or kept.
public struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Operation: String, Hashable, Sendable {
        case read, write, create, flush, rename
        case own = "hand over"
    }

    /// What stands where an ordinary file is meant.
    public enum Stranger: String, Hashable, Sendable {
        case folder = "a folder"
        case pipe = "a pipe"
        case device = "a device"
        case socket = "a socket"
        case link = "a link"
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

    public var description: String { "cannot \(operation.rawValue) \(path): \(reason)" }

    /// Without the path: "Permission denied", "it is a pipe, not a file".
    public var reason: String { stranger.map { "it is \($0.rawValue), not a file" } ?? systemText(code) }
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

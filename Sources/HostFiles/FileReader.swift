import Glibc

/// A file being read from front to back.
public final class FileReader {
    /// What may be read by a path.
    public enum Accepted: Hashable, Sendable {
        /// Opening never waits, and nothing else is taken: no pipe, device, folder or socket.
        case ordinaryFile
        /// As above, and no link to one.
        case ordinaryFileNoLink
        /// Also what only gives its bytes piece by piece, as `<(…)` and `/dev/stdin` do. Opening a pipe waits for its writer. Of devices only a
        /// terminal: others have no end.
        case anyStream
    }

    public enum Content: Hashable, Sendable {
        /// As they are.
        case bytes
        /// UTF-8 without a byte order mark, also from UTF-16 with one: see `TextStream`.
        case text
    }

    private let path: String
    private let descriptor: Int32
    /// nil for bytes as they are.
    private var text: TextStream?
    private var converted: ArraySlice<UInt8> = []
    private var raw: [UInt8] = []
    private var isAtEnd = false

    public init(
        _ path: String, accepting accepted: Accepted = .anyStream, as content: Content = .bytes
    ) throws(FileError) {
        self.path = path
        text = content == .text ? TextStream() : nil
        let flags =
            switch accepted {
            case .anyStream: O_RDONLY | O_CLOEXEC
            case .ordinaryFile: O_RDONLY | O_CLOEXEC | O_NONBLOCK
            case .ordinaryFileNoLink: O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW
            }
        let opened = open(path, flags)
        guard opened >= 0 else {
            // open(2): what O_NOFOLLOW says of a link, and open says of a socket.
            switch errno {
            case ELOOP where accepted == .ordinaryFileNoLink: throw FileError(path: path, is: .link)
            case ENXIO: throw FileError(path: path, is: .socket)
            case let code: throw FileError(path: path, code: code)
            }
        }
        var status = stat()
        let isKnown = fstat(opened, &status) == 0
        var fault = isKnown ? FileError.Stranger(status.st_mode).map { FileError(path: path, is: $0) } : FileError(path: path, code: errno)
        if accepted == .anyStream, isKnown, fault?.stranger != .device || isatty(opened) == 1 { fault = nil }
        if let fault {
            close(opened)
            throw fault
        }
        descriptor = opened
    }

    public init(standardInput content: Content) {
        path = "standard input"
        text = content == .text ? TextStream() : nil
        descriptor = STDIN_FILENO
    }

    deinit { if descriptor != STDIN_FILENO { close(descriptor) } }

    /// Fills the buffer from its start as far as the file goes; 0 at the end.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
        guard text != nil else { return try readBytes(into: buffer) }
        if raw.isEmpty { raw = [UInt8](repeating: 0, count: 1 << 16) }
        while converted.isEmpty, !isAtEnd {
            var failure: FileError?
            let count = raw.withUnsafeMutableBytes { bytes in
                do throws(FileError) {
                    return try readBytes(into: bytes)
                } catch {
                    failure = error
                    return 0
                }
            }
            if let failure { throw failure }
            isAtEnd = count == 0
            converted = (text?.take(raw[..<count]) ?? [])[...]
        }
        let count = min(buffer.count, converted.count)
        buffer.copyBytes(from: converted.prefix(count))
        converted = converted.dropFirst(count)
        return count
    }

    private func readBytes(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            if errno != EINTR { throw FileError(path: path, code: errno) }
        }
    }

    /// As above, into an array, which keeps its length.
    public func read(into piece: inout [UInt8]) throws(FileError) -> Int {
        var count = 0
        var failure: FileError?
        piece.withUnsafeMutableBytes { buffer in
            do throws(FileError) {
                count = try read(into: buffer)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return count
    }

    /// Everything that is left, if it is at most `limit` bytes; one byte more otherwise.
    public func readAll(limit: Int) throws(FileError) -> [UInt8] {
        var content: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: min(1 << 16, limit + 1))
        while content.count <= limit {
            let count = try read(into: &piece)
            if count == 0 { break }
            content.append(contentsOf: piece[..<min(count, limit + 1 - content.count)])
        }
        return content
    }
}

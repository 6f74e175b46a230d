import Glibc

/// A file that could not be opened or read.
package struct FileError: Error, CustomStringConvertible {
    package var path: String
    /// `errno`.
    package var code: Int32

    package init(path: String, code: Int32) {
        self.path = path
        self.code = code
    }

    package var description: String { "cannot read \(path): \(String(cString: strerror(code)))" }
}

/// A file being read from front to back.
package final class FileReader {
    private let path: String
    private let descriptor: Int32

    package init(_ path: String) throws(FileError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(path: path, code: errno) }
    }

    package init(standardInput: Void) {
        path = "standard input"
        descriptor = STDIN_FILENO
    }

    deinit { if descriptor != STDIN_FILENO { close(descriptor) } }

    /// Fills the buffer from its start as far as the file goes; 0 at the end.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            if errno != EINTR { throw FileError(path: path, code: errno) }
        }
    }

    /// As above, into an array, which keeps its length.
    package func read(into piece: inout [UInt8]) throws(FileError) -> Int {
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
    package func readAll(limit: Int) throws(FileError) -> [UInt8] {
        var content: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while content.count <= limit {
            let count = try read(into: &piece)
            if count == 0 { break }
            content.append(contentsOf: piece[..<count])
        }
        return content
    }
}

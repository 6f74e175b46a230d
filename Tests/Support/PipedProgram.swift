package import Glibc
import SensorCore

/// A program whose output, standard error too, is read line by line while it runs. Killed when it goes out of use.
package final class PipedProgram {
    private let process: pid_t
    private let output: UnsafeMutablePointer<FILE>
    private var hasEnded = false

    package init(_ arguments: [String]) throws {
        let ends = try closedPipe()
        defer { close(ends.writing) }
        do {
            process = try spawn(arguments, files: [(1, .inherited(ends.writing)), (2, .same(as: 1))])
        } catch {
            close(ends.reading)
            throw error
        }
        guard let stream = fdopen(ends.reading, "r") else {
            close(ends.reading)
            Glibc.kill(process, SIGKILL)
            throw TestFailure("fdopen: \(systemText(errno))")
        }
        output = stream
    }

    deinit {
        if !hasEnded { kill() }
        fclose(output)
    }

    package var processID: pid_t { process }

    /// Waits for a line; nil at the end.
    package func line() -> String? {
        var buffer = [CChar](repeating: 0, count: 4096)
        guard fgets(&buffer, Int32(buffer.count), output) != nil else { return nil }
        let bytes = buffer.prefix { $0 != 0 && $0 != 10 }.map(UInt8.init(bitPattern:))
        return String(decoding: bytes, as: UTF8.self)
    }

    package func kill() {
        Glibc.kill(process, SIGKILL)
        _ = end()
    }

    /// Waits; the exit status, or nil when a signal ended it.
    package func end() -> Int32? {
        let code = ended(process)
        hasEnded = true
        return code < 128 ? code : nil
    }

    /// All output and the exit status.
    package static func run(_ arguments: [String]) throws -> (output: String, status: Int32?) {
        let program = try PipedProgram(arguments)
        var lines: [String] = []
        while let line = program.line() { lines.append(line) }
        return (lines.joined(separator: "\n"), program.end())
    }
}

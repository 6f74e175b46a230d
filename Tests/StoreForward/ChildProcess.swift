import Glibc
import Synchronization
import Testing

/// A program started by a test, with its output on a pipe. Killed in `deinit`.
final class ChildProcess {
    private let identifier: pid_t
    private let output: UnsafeMutablePointer<FILE>
    private var hasEnded = false
    private static let starting = Mutex(())

    /// The program built beside these tests.
    static func exerciser() throws -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        try #require(length > 0)
        let own = String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let directory = own.split(separator: "/").dropLast().joined(separator: "/")
        // Inside an .xctest bundle's own file the tests run as themselves; started by a runner they do not.
        for candidate in ["/\(directory)/JournalExerciser", ".build/debug/JournalExerciser"]
        where access(candidate, X_OK) == 0 { return candidate }
        throw Missing(name: "JournalExerciser, looked for beside \(own)")
    }

    struct Missing: Error { var name: String }

    init(_ arguments: [String]) throws {
        var ends: [Int32] = [0, 0]
        var started = pid_t()
        // One at a time, so that no child inherits another's pipe and keeps it open.
        let code = try Self.starting.withLock { _ in
            try #require(pipe(&ends) == 0)
            for end in ends { try #require(fcntl(end, F_SETFD, FD_CLOEXEC) == 0) }
            var actions = posix_spawn_file_actions_t()
            posix_spawn_file_actions_init(&actions)
            defer { posix_spawn_file_actions_destroy(&actions) }
            posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
            posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
            var words = arguments.map { strdup($0) } + [nil]
            defer { words.forEach { free($0) } }
            let code = posix_spawnp(&started, arguments[0], &actions, nil, &words, environ)
            close(ends[1])
            return code
        }
        try #require(code == 0, "\(arguments): \(String(cString: strerror(code)))")
        identifier = started
        output = try #require(fdopen(ends[0], "r"))
    }

    deinit {
        if !hasEnded { kill() }
        fclose(output)
    }

    /// nil at the end.
    func line() -> String? {
        var buffer = [CChar](repeating: 0, count: 4096)
        guard fgets(&buffer, Int32(buffer.count), output) != nil else { return nil }
        let bytes = buffer.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    func kill() {
        Glibc.kill(identifier, SIGKILL)
        _ = end()
    }

    /// Waits; the exit status, or nil when it was killed.
    func end() -> Int32? {
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) < 0 && errno == EINTR {}
        hasEnded = true
        return status & 0x7F == 0 ? status >> 8 & 0xFF : nil
    }

    /// All output and the exit status.
    static func run(_ arguments: [String]) throws -> (output: String, status: Int32?) {
        let child = try ChildProcess(arguments)
        var lines: [String] = []
        while let line = child.line() { lines.append(line) }
        return (lines.joined(separator: "\n"), child.end())
    }
}

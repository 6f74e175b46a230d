import ControlSocket
import FoundationEssentials
import Glibc
import Testing

/// A program that runs beside the tests, its output kept in files, so that no pipe can fill.
final class ProgramRun {
    private let folder = ScratchFolder()
    private let process: pid_t
    private var status: Int32?

    /// - Parameter input: what stands on its standard input; nothing without.
    init(_ program: String, _ arguments: [String], environment: [String: String] = [:], input: String = "") throws {
        folder.write("in", input)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let creating = O_CREAT | O_WRONLY | O_TRUNC
        posix_spawn_file_actions_addopen(&actions, 0, folder.file("in"), O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, folder.file("out"), creating, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, folder.file("err"), creating, 0o600)
        // What other tests have open in this process is none of the program's business.
        for descriptor in 3..<256 as Range<Int32> { posix_spawn_file_actions_addclose(&actions, descriptor) }
        // A thread of these tests may block signals, which a child would inherit.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var inherited = ["PATH", "HOME", "LD_LIBRARY_PATH", "TMPDIR"].reduce(into: [String: String]()) { values, name in
            values[name] = getenv(name).map { String(cString: $0) }
        }
        inherited.merge(environment) { $1 }
        var argv: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        var environ: [UnsafeMutablePointer<CChar>?] = inherited.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in argv + environ { free(text) } }
        var started: pid_t = 0
        let failure = posix_spawnp(&started, program, &actions, &attributes, &argv, &environ)
        try #require(failure == 0, "can't start \(program): \(String(cString: strerror(failure)))")
        process = started
    }

    deinit {
        if status == nil {
            kill(process, SIGKILL)
            waitpid(process, nil, 0)
        }
    }

    var output: String { String(decoding: content(of: folder.file("out")), as: UTF8.self) }
    var errors: String { String(decoding: content(of: folder.file("err")), as: UTF8.self) }
    var processID: pid_t { process }

    /// The exit code once the program has ended; 128 and the signal's number when one ended it. A program that does
    /// not end is stopped and is an issue. `meanwhile` is called again and again until then.
    func exitCode(seconds: Int = 60, meanwhile: () -> Void = {}) -> Int32 {
        if let status { return status }
        var raw: Int32 = 0
        let hasEnded = wait(seconds: seconds) {
            meanwhile()
            return waitpid(process, &raw, WNOHANG) == process
        }
        if !hasEnded {
            Issue.record("a program does not end:\n\(output)\n\(errors)")
            kill(process, SIGKILL)
            waitpid(process, &raw, 0)
        }
        let code = raw & 0x7F == 0 ? raw >> 8 & 0xFF : 128 + raw & 0x7F
        status = code
        return code
    }

    func signal(_ number: Int32) { kill(process, number) }

    func json<Content: Decodable>(_ type: Content.Type = Content.self) throws -> Content {
        try JSONDecoder().decode(type, from: Data(content(of: folder.file("out"))))
    }
}

/// Waits for something another process does; false when it does not.
func wait(seconds: Int, until condition: () -> Bool) -> Bool {
    for _ in 0..<seconds * 200 {
        if condition() { return true }
        usleep(5_000)
    }
    return condition()
}

/// Whether a node takes clients there: the socket's file is there a moment before.
func isListening(at path: String) -> Bool {
    do {
        _ = try ControlClient(path: path)
        return true
    } catch {
        return false
    }
}

/// `reallabor-node` as it was built beside the tests.
func node(_ arguments: String..., environment: [String: String] = [:], input: String = "") throws -> ProgramRun {
    try ProgramRun(programPath(), arguments, environment: environment, input: input)
}

/// The program lies beside the test bundle, whoever loads that.
func programPath() throws -> String {
    var bundle = CommandLine.arguments.first { $0.contains(".xctest") } ?? "/proc/self/exe"
    if bundle == "/proc/self/exe" {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink(bundle, &buffer, buffer.count)
        bundle = String(decoding: buffer.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    var path = bundle[...]
    while let slash = path.lastIndex(of: "/") {
        path = path[..<slash]
        let program = path + "/reallabor-node"
        if access(String(program), X_OK) == 0 { return String(program) }
    }
    throw MissingProgram(besides: bundle)
}

struct MissingProgram: Error { var besides: String }

package import Testing
package import Glibc

/// A program that runs beside the tests, its output kept in files, so that no pipe can fill. Killed when it goes out of use.
package final class ProgramRun {
    private let folder = ScratchFolder()
    private let process: pid_t
    private var status: Int32?

    /// - Parameters:
    ///   - environment: besides PATH, HOME, LD_LIBRARY_PATH and TMPDIR, which are passed on.
    ///   - input: what stands on its standard input.
    package init(_ program: String, _ arguments: [String], environment: [String: String] = [:], input: [UInt8] = []) throws {
        folder.write("in", input)
        var all = ["PATH", "HOME", "LD_LIBRARY_PATH", "TMPDIR"].reduce(into: [String: String]()) { values, name in
            values[name] = getenv(name).map { String(cString: $0) }
        }
        all.merge(environment) { $1 }
        process = try spawn(
            [program] + arguments, environment: all,
            files: [(0, .reading(folder.file("in"))), (1, .writing(folder.file("out"))), (2, .writing(folder.file("err")))])
    }

    package convenience init(_ program: String, _ arguments: [String], environment: [String: String] = [:], input: String) throws {
        try self.init(program, arguments, environment: environment, input: Array(input.utf8))
    }

    deinit {
        if status == nil {
            kill(process, SIGKILL)
            ended(process)
        }
    }

    package var outputBytes: [UInt8] { content(of: folder.file("out")) }
    package var output: String { text(ofFile: folder.file("out")) }
    package var errors: String { text(ofFile: folder.file("err")) }
    package var processID: pid_t { process }

    /// The exit code once the program has ended; 128 and the signal's number when one ended it. A program that does
    /// not end is stopped and is an issue. `meanwhile` is called again and again until then.
    package func exitCode(
        seconds: Int = 180, sourceLocation: SourceLocation = #_sourceLocation, meanwhile: () -> Void = {}
    ) -> Int32 {
        if let status { return status }
        var raw: Int32 = 0
        let hasEnded = wait(seconds: seconds) {
            meanwhile()
            return waitpid(process, &raw, WNOHANG) == process
        }
        if !hasEnded {
            Issue.record("a program does not end:\n\(output)\n\(errors)", sourceLocation: sourceLocation)
            kill(process, SIGKILL)
            status = ended(process)
        } else {
            status = TestSupport.exitCode(raw)
        }
        return status ?? -1
    }

    package func signal(_ number: Int32) { kill(process, number) }
}

/// Runs a line of Python on `input` and returns what it prints: a format as another implementation reads it.
package func python(_ program: String, input: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
    let run = try ProgramRun("python3", ["-c", program], input: input)
    let code = run.exitCode(sourceLocation: sourceLocation)
    guard code == 0 else { throw TestFailure("python3 ended with \(code): \(run.errors)") }
    return run.output
}

/// A program that was built beside the tests. It lies beside the test bundle, whoever loads that.
package func builtProgram(_ name: String) throws -> String {
    var bundle = CommandLine.arguments.first { $0.contains(".xctest") } ?? "/proc/self/exe"
    if bundle == "/proc/self/exe" {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink(bundle, &buffer, buffer.count)
        bundle = String(decoding: buffer.prefix(max(0, length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
    var path = bundle[...]
    while let slash = path.lastIndex(of: "/") {
        path = path[..<slash]
        let program = "\(path)/\(name)"
        if access(program, X_OK) == 0 { return program }
    }
    throw TestFailure("there is no \(name) beside \(bundle)")
}

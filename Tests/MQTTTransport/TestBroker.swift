import DeliveryAudit
import Glibc
import SensorCore
import Testing

struct TestFailure: Error, CustomStringConvertible {
    var description: String
}

/// Polls until `condition` holds; a failure of the test when it does not within 30 s.
func eventually(
    _ what: @autoclosure () -> String, sourceLocation: SourceLocation = #_sourceLocation, _ condition: () -> Bool
) throws {
    let clock = TestClock()
    let deadline = clock.now() + .seconds(30)
    while clock.now() < deadline {
        if condition() { return }
        usleep(2_000)
    }
    throw TestFailure(description: "never came: \(what()) (\(sourceLocation))")
}

/// A child process, ended when it goes out of use, and also when the test process dies: a shell beside it
/// waits for the end of a pipe that only the test process holds open.
final class ChildProcess {
    private var shell: pid_t = 0
    private var pipeEnd: Int32 = -1

    /// `output`: the file its standard output and error go to.
    init(_ arguments: [String], output: String) throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw TestFailure(description: "pipe: errno \(errno)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        pipeEnd = ends[1]

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // A child that held a socket of another test open would keep its connection alive.
        for descriptor in 3..<256 as Range<Int32> { posix_spawn_file_actions_addclose(&actions, descriptor) }
        // The test's threads block signals, SIGTERM among them; a child must not inherit that.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        // mosquitto_sub disconnects within its signal handler and can lock itself out there, so it is not asked.
        let signal = arguments[0].hasSuffix("_sub") ? "KILL" : "TERM"
        let script = #""$@" & child=$!; read -r line; kill -\#(signal) "$child"; wait "$child""#
        var argv: [UnsafeMutablePointer<CChar>?] = (["sh", "-c", script, "sh"] + arguments).map { strdup($0) } + [nil]
        defer { argv.forEach { free($0) } }
        let code = posix_spawn(&shell, "/bin/sh", &actions, &attributes, &argv, environ)
        guard code == 0 else { throw TestFailure(description: "can't start \(arguments[0]): errno \(code)") }
    }

    func end() {
        guard shell > 0 else { return }
        close(pipeEnd)
        var status: Int32 = 0
        while waitpid(shell, &status, 0) < 0, errno == EINTR {}
        shell = 0
    }

    deinit { end() }
}

/// A directory under /tmp, removed with its files when it goes out of use.
final class ScratchDirectory {
    let path: String

    init() throws {
        var template = Array("/tmp/reallabor-mqtt-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestFailure(description: "mkdtemp: errno \(errno)") }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        // mosquitto gives up root for the user `mosquitto`.
        chmod(path, 0o777)
    }

    func write(_ text: String, to name: String) throws -> String {
        let file = "\(path)/\(name)"
        guard let stream = fopen(file, "w") else { throw TestFailure(description: "\(file): errno \(errno)") }
        fputs(text, stream)
        fclose(stream)
        return file
    }

    deinit {
        guard let directory = opendir(path) else { return }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            unlink("\(path)/\(name)")
        }
        closedir(directory)
        rmdir(path)
    }
}

func text(ofFile path: String) -> String {
    guard let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = fread(&buffer, 1, buffer.count, file)
        if count == 0 { return String(decoding: bytes, as: UTF8.self) }
        bytes += buffer[..<count]
    }
}

func loopbackAddress(port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
}

/// A loopback socket: listening, on a port the system chose, or connected; nil when that fails.
func loopbackSocket(listening: Bool, port: UInt16 = 0) -> (descriptor: Int32, port: UInt16)? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = loopbackAddress(port: port)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let done = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
            listening
                ? bind(descriptor, address, size) == 0 && listen(descriptor, 16) == 0
                    && getsockname(descriptor, address, &size) == 0
                : connect(descriptor, address, size) == 0
        }
    }
    guard done else {
        close(descriptor)
        return nil
    }
    return (descriptor, UInt16(bigEndian: address.sin_port))
}

/// A port nobody listens on at the moment.
func freePort() throws -> UInt16 {
    guard let probe = loopbackSocket(listening: true) else { throw TestFailure(description: "no free port") }
    close(probe.descriptor)
    return probe.port
}

/// A real mosquitto of its own on a free loopback port.
final class TestBroker {
    let port: UInt16
    let directory: ScratchDirectory
    private let configuration: String
    private var process: ChildProcess?

    /// `configuration` replaces `allow_anonymous true`; DIR in it stands for the scratch directory.
    init(_ configuration: String = "allow_anonymous true", files: [String: String] = [:]) throws {
        directory = try ScratchDirectory()
        port = try freePort()
        for (name, content) in files { chmod(try directory.write(content, to: name), 0o644) }
        let text = """
            listener \(port) 127.0.0.1
            \(configuration.replacing("DIR", with: directory.path))
            persistence true
            persistence_location \(directory.path)/
            max_queued_messages 0
            """
        self.configuration = try directory.write(text + "\n", to: "mosquitto.conf")
        try start()
    }

    var log: String { MQTTTransportTests.text(ofFile: "\(directory.path)/broker.log") }

    func start() throws {
        process = try ChildProcess(
            ["/usr/sbin/mosquitto", "-v", "-c", configuration], output: "\(directory.path)/broker.log")
        try eventually("mosquitto on port \(port): \(log)") {
            guard let connection = loopbackSocket(listening: false, port: port) else { return false }
            close(connection.descriptor)
            return true
        }
    }

    /// SIGTERM lets mosquitto keep what its clients have not got yet.
    func stop() {
        process?.end()
        process = nil
    }
}

/// mosquitto_sub as an independent receiver of everything under `#`.
final class TestSubscriber {
    private let process: ChildProcess
    private let output: String
    private let directory: ScratchDirectory

    /// `format` as in mosquitto_sub(1).
    init(_ broker: TestBroker, format: String = "%r %t %p", arguments: [String] = []) throws {
        directory = try ScratchDirectory()
        output = "\(directory.path)/received"
        process = try ChildProcess(
            ["mosquitto_sub", "-h", "127.0.0.1", "-p", "\(broker.port)", "-V", "5", "-t", "#", "-q", "1", "-c",
             "-x", "3600", "-i", "receiver", "-F", format] + arguments, output: output)
        try eventually("subscription: \(broker.log)") { broker.log.contains("Sending SUBACK to receiver") }
    }

    var lines: [Substring] { text(ofFile: output).split(separator: "\n") }

    /// Sequences of the records received, in order of arrival.
    var sequences: [UInt64] {
        lines.compactMap { line in
            let words = line.split(separator: " ")
            guard words.count > 2, words[1] == "test/record" else { return nil }
            return try? AuditedRecord(json: Array(words[2].utf8))?.sequence
        }
    }

    var payloads: [[UInt8]] {
        lines.compactMap { line in
            let words = line.split(separator: " ")
            return words.count > 2 && words[1] == "test/record" ? Array(words[2].utf8) : nil
        }
    }

    /// Live and retained messages on the status topic.
    var states: [Substring] { lines.filter { $0.contains(" test/status ") } }
}

extension String {
    fileprivate func replacing(_ part: String, with other: String) -> String {
        split(separator: part, omittingEmptySubsequences: false).joined(separator: other)
    }
}

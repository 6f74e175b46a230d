import Glibc
import Testing

/// A real mosquitto of its own on a free loopback port. It ends with the object, and with the test process however that dies.
package final class TestBroker {
    package let port: UInt16
    /// Without what `configuration` sets for the other, such as TLS.
    package let plainPort: UInt16
    private var listener: TestSubscriber?
    package let folder = ScratchFolder(isForEveryUser: true)
    private let configuration: String
    private var process: BesideTests?

    /// - Parameters:
    ///   - configuration: DIR in it stands for the broker's folder.
    ///   - files: by name, to lie in that folder.
    package init(_ configuration: String = "allow_anonymous true", files: [String: String] = [:]) throws {
        port = try freePort()
        plainPort = try freePort()
        for (name, content) in files { folder.write(name, content) }
        self.configuration = folder.write(
            "mosquitto.conf",
            """
            listener \(port) 127.0.0.1
            \(configuration.replacing("DIR", with: folder.path))
            persistence true
            persistence_location \(folder.path)/
            max_queued_messages 0
            listener \(plainPort) 127.0.0.1

            """)
        try start()
    }

    /// Somebody subscribes to everything from now on: what nobody subscribes to mosquitto throws away, and says so.
    package func listen(arguments: [String] = []) throws {
        listener = try TestSubscriber(self, id: "listener", arguments: arguments)
    }

    package var log: String { text(ofFile: folder.file("broker.log")) }

    package func start() throws {
        process = try BesideTests(["/usr/sbin/mosquitto", "-v", "-c", configuration], output: folder.file("broker.log"))
        try eventually("mosquitto on port \(port): \(log)") {
            // Of both, the later one.
            guard let connection = loopbackSocket(listening: false, port: plainPort) else { return false }
            close(connection.descriptor)
            return true
        }
    }

    /// SIGTERM lets mosquitto keep what its clients have not got yet.
    package func stop() {
        process?.end()
        process = nil
    }
}

/// mosquitto_sub as an independent receiver of everything under `#`, with a session that outlives a connection.
package final class TestSubscriber {
    private let folder = ScratchFolder()
    private let process: BesideTests

    /// - Parameter format: as in mosquitto_sub(1); `messages` needs the usual one.
    package init(
        _ broker: TestBroker, id: String = "receiver", format: String = "%r %t %p", arguments: [String] = []
    ) throws {
        process = try BesideTests(
            [
                "mosquitto_sub", "-h", "127.0.0.1", "-p", "\(broker.plainPort)", "-V", "5", "-t", "#", "-q", "1", "-c",
                "-x", "3600", "-i", id, "-F", format,
            ] + arguments, output: folder.file("received"))
        try eventually("subscription: \(broker.log)") { broker.log.contains("Sending SUBACK to \(id)") }
    }

    package struct Message {
        package var isRetained: Bool
        package var topic: String
        package var payload: String
    }

    package var lines: [Substring] { text(ofFile: folder.file("received")).split(separator: "\n") }

    package var messages: [Message] {
        lines.compactMap { line in
            let words = line.split(separator: " ", maxSplits: 2)
            guard words.count == 3 else { return nil }
            return Message(isRetained: words[0] == "1", topic: String(words[1]), payload: String(words[2]))
        }
    }
}

/// A program that ends with the object, and also when the test process dies: a shell beside it waits for the end of a pipe that only
/// the test process holds open.
private final class BesideTests {
    private var shell: pid_t = 0
    private var pipeEnd: Int32 = -1

    /// - Parameter output: the file its standard output and error go to.
    init(_ arguments: [String], output: String) throws {
        let ends = try closedPipe()
        defer { close(ends.reading) }
        pipeEnd = ends.writing
        // mosquitto_sub disconnects within its signal handler and can lock itself out there, so it is not asked.
        let signal = arguments[0].hasSuffix("_sub") ? "KILL" : "TERM"
        let script = #""$@" & child=$!; read -r line; kill -\#(signal) "$child"; wait "$child""#
        shell = try spawn(
            ["sh", "-c", script, "sh"] + arguments,
            files: [(0, .inherited(ends.reading)), (1, .writing(output)), (2, .same(as: 1))])
    }

    func end() {
        guard shell > 0 else { return }
        close(pipeEnd)
        ended(shell)
        shell = 0
    }

    deinit { end() }
}

extension String {
    fileprivate func replacing(_ part: String, with other: String) -> String {
        split(separator: part, omittingEmptySubsequences: false).joined(separator: other)
    }
}

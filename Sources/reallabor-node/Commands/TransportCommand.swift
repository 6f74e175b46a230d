import ArgumentParser
import Glibc
import TransportService

/// The transport process itself: started by the node, or by the service manager for it.
struct TransportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transport",
        abstract: "Speak with a broker for the node, which starts this.",
        shouldDisplay: false)

    func run() throws {
        var kind: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(STDIN_FILENO, SOL_SOCKET, SO_TYPE, &kind, &size) == 0 else {
            throw ValidationError(saying: "the node starts this by itself, with a socket as standard input")
        }
        Glibc.exit(TransportServant.run(descriptor: STDIN_FILENO))
    }
}

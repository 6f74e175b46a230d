import ArgumentParser
import ControlSocket
import Glibc

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Ask the running node how it fares.",
        discussion: """
            Needs root or the group reallabor. Ends with 69 when no node answers.

            Example:
              reallabor-node status --json
            """)

    @Flag(help: "One JSON object.")
    var json = false

    @Option(help: ArgumentHelp("The node's control socket.", valueName: "path"))
    var control = defaultControlPath

    func run() throws {
        do throws(ControlSocketError) {
            let client = try ControlClient(path: control)
            try client.request(ControlRequest(verb: "status", arguments: [json ? "json" : "text"]))
            writeStandardOutput(try client.rest())
        } catch {
            throw ExitReason.unavailable.exit("\(error)")
        }
    }
}

let defaultControlPath = "/run/reallabor-node/control.sock"

/// Where a node listens: as told, or in the folder systemd made for it; nil elsewhere.
func controlPath(_ option: String?) -> String? {
    option ?? getenv("RUNTIME_DIRECTORY").map { String(cString: $0) + "/control.sock" }
}

import ArgumentParser
import ControlSocket

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
        let client = try ControlClient(path: control)
        try client.request(ControlRequest(verb: "status", arguments: [json ? "json" : "text"]))
        writeStandardOutput(try client.rest())
    }
}

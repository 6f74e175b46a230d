import ArgumentParser
import ControlSocket
import SensorCore

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
        writeStandardOutput(json ? try answer("json") : try text())
    }

    /// In the language of whoever asks, which the node does not know.
    private func text() throws(ControlSocketError) -> String {
        do throws(ControlSocketError) {
            if let sentence = Sentence(json: try answer("sentences")) { return sentence.text(in: .english) + "\n" }
        } catch  where error.isRefusal {
            // A node from before there were sentences.
        }
        return try answer("text")
    }

    private func answer(_ form: String) throws(ControlSocketError) -> String {
        let client = try ControlClient(path: control)
        try client.request(ControlRequest(verb: "status", arguments: [form]))
        return try client.rest()
    }
}

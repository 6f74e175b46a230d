import ControlSocket
import Glibc
import SensorCore
import TestSupport
import Testing

@testable import NodeRuntime
@testable import NodeSimulation
@testable import reallabor_node

/// A node in real time that is asked, recorded and molested while it counts.
@Suite(.startsProcesses) struct ControlCommandTests {
    @Test("Counts stay exact whatever clients do") func countsStayExactWhateverClientsDo() throws {
        let folder = ScratchFolder()
        let path = folder.file("control.sock")
        let simulation = try node("simulate", "school-gate", "--for", "8", "--control", path, "--format", "json")
        let isThere = wait(seconds: 20) { canConnect(path) }
        try #require(isThere, "\(simulation.errors)")
        var idle: [ControlClient] = []
        for verb in ["edges", "passages"] {
            let client = try ControlClient(path: path)
            try client.request(ControlRequest(verb: verb, arguments: ["path"]))
            // Never read.
            idle.append(client)
        }
        idle.append(try ControlClient(path: path))
        for _ in 0..<200 {
            let dying = try ControlClient(path: path)
            try dying.request(ControlRequest(verb: "readings", arguments: ["box-air"]))
        }
        let status = try node("status", "--json", "--control", path)
        #expect(status.exitCode() == 0, "\(status.errors)")
        #expect(status.output.contains("\"channels\":[{\"name\":\"gate\""))
        #expect(status.output.contains("\"last_sequence\":") && !status.output.contains("\"last_sequence\":null"), "\(status.output)")
        let other = try node("pulses", "record", "--channel", "gaet", "--for", "1s", "-o", folder.file("x.csv"), "--control", path)
        #expect(other.exitCode() == ExitReason.unavailable.rawValue)
        #expect(other.errors.contains("did you mean 'gate'?"), "\(other.errors)")
        #expect(access(folder.file("x.csv"), F_OK) != 0)
        #expect(simulation.exitCode() == 0, "\(simulation.errors)")
        let report: SimulationOutput = try simulation.json()
        for channel in report.channels { #expect(channel.counted == channel.true, "\(channel.channel)") }
        #expect(access(path, F_OK) != 0)
        withExtendedLifetime(idle) {}
    }
}

/// The socket is there before it listens, so its file alone does not tell.
private func canConnect(_ path: String) -> Bool {
    do throws(ControlSocketError) {
        _ = try ControlClient(path: path)
        return true
    } catch {
        return false
    }
}

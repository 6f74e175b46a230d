import Glibc
import TestSupport
import Testing

@testable import NodeRuntime
@testable import NodeSimulation

/// `run` under something that listens as systemd does.
@Suite(.startsProcesses) struct ServiceReportsTests {
    /// A board without a chip, whose bus is a file that can be opened and is no bus: enough to run on any machine.
    private func configuration(_ folder: ScratchFolder, interval: String) -> String {
        folder.write(
            "bench.yaml",
            """
            model: bench
            gpio-chip: no-such-chip
            pins: {A-1: 1}
            buses:
              i2c-1: {device: /dev/null}

            """)
        return folder.write(
            "node.yaml",
            """
            node: a
            board: ./bench.yaml
            interval: \(interval)
            channels:
              - {name: gate, detector: contact, input: A-1, debounce: {kind: stable, time: 8ms}}
            sensors:
              - {name: air, part: sht40, bus: i2c-1}
            journal: {path: journal.sqlite, budget: 64MB}
            mqtt: {host: 127.0.0.1, port: 1}

            """)
    }

    @Test("Starts lives and ends in the service manager's eyes") func startsLivesAndEndsInTheServiceManagersEyes() throws {
        let folder = ScratchFolder()
        let manager = try NotifySocket()
        let run = try node(
            "run", "--config", configuration(folder, interval: "1s"),
            environment: ["NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "2000000"])
        let first = try manager.next()
        #expect(first.hasPrefix("READY=1\nSTATUS=0 counted on 1 channel; broker not connected"), "\(first)")
        var seen: [String] = []
        while seen.filter({ $0 == "WATCHDOG=1" }).count < 3 { seen.append(try manager.next()) }
        let statuses = seen.filter { $0.hasPrefix("STATUS=") }
        #expect(statuses.count >= 1, "\(seen)")
        #expect(statuses.allSatisfy { $0.contains("waiting") && !$0.contains("\n") }, "\(seen)")
        #expect(seen.allSatisfy { $0 == "WATCHDOG=1" || $0.hasPrefix("STATUS=") }, "\(seen)")
        run.signal(SIGTERM)
        var last = ""
        while last != "STOPPING=1" {
            last = try manager.next()
            #expect(last == "STOPPING=1" || last == "WATCHDOG=1" || last.hasPrefix("STATUS="))
        }
        #expect(run.exitCode() == 0, "\(run.errors)")
    }

    /// Started by hand, or by a manager that does not watch: nothing is fed.
    @Test("A manager that does not watch hears no watchdog") func aManagerThatDoesNotWatchHearsNoWatchdog() throws {
        let folder = ScratchFolder()
        let manager = try NotifySocket()
        let run = try node("run", "--config", configuration(folder, interval: "1s"), environment: ["NOTIFY_SOCKET": manager.path])
        #expect(try manager.next().hasPrefix("READY=1\n"))
        for _ in 1...3 { #expect(try manager.next().hasPrefix("STATUS=")) }
        run.signal(SIGTERM)
        #expect(run.exitCode() == 0, "\(run.errors)")
    }

    @Test("A socket that is gone is said once") func aSocketThatIsGoneIsSaidOnce() throws {
        let folder = ScratchFolder()
        let run = try node(
            "run", "--config", configuration(folder, interval: "1s"),
            environment: ["NOTIFY_SOCKET": folder.file("nobody"), "WATCHDOG_USEC": "1000000"])
        #expect(wait(seconds: 30) { run.errors.contains("the service manager could not be told") }, "\(run.errors)")
        run.signal(SIGTERM)
        #expect(run.exitCode() == 0, "\(run.errors)")
        #expect(run.errors.split(separator: "\n").filter { $0.contains("could not be told") }.count == 1, "\(run.errors)")
    }

    @Test(
        "The standing is one plain line",
        arguments: [
            (NodeStanding(channels: 1, counted: 0, backlog: 0, delivery: .none), "0 counted on 1 channel; nothing is published"),
            (
                NodeStanding(channels: 2, counted: 1234, backlog: 1, delivery: .connected),
                "1234 counted on 2 channels; broker connected, 1 record waiting"
            ),
            (
                NodeStanding(channels: 2, counted: 7, backlog: 90, delivery: .disconnected(reason: "no such host")),
                "7 counted on 2 channels; broker not connected, 90 records waiting: no such host"
            ),
            (
                NodeStanding(channels: 2, counted: 7, backlog: 0, delivery: .disconnected(reason: nil)),
                "7 counted on 2 channels; broker not connected yet, 0 records waiting"
            ),
        ])
    func theStandingIsOnePlainLine(_ standing: NodeStanding, line: String) { #expect(standing.line == line) }
}

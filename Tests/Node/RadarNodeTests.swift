import HardwareMocks
import SensorCore
import TestSupport
import Testing

@testable import NodeRuntime
@testable import NodeSimulation
@testable import reallabor_node

/// A node with a Doppler radar, from its configuration to its records.
@Suite(.startsProcesses) struct RadarNodeTests {
    private static let place = "carrier: 24.125GHz, lanes: 4m, height: 2m, azimuth: 30deg"

    private func configuration(_ channel: String) -> String {
        """
        node: test-node
        board: raspberry-pi-4
        interval: 60s
        channels:
          - {name: speed, \(channel), \(Self.place)}
        journal: {path: journal.sqlite, budget: 64MB}
        mqtt: {host: 127.0.0.1, port: 1, topic: reallabor/test}

        """
    }

    @Test(
        "Who passes is in the journal with speed class and direction",
        arguments: [
            ("detector: doppler, input: J8-11", true), ("detector: doppler_iq, first: J8-11, second: J8-13, approach-leads: second", false),
        ])
    func whoPassesIsInTheJournalWithSpeedClassAndDirection(_ channel: String, _ infers: Bool) throws {
        let folder = ScratchFolder()
        let scenario = folder.write(
            "street.json", #"{"seed": 5, "duration_s": 150, "traffic": [{"channel": "*", "cars_per_hour": 200, "bikes_per_hour": 60}]}"#)
        let journal = folder.file("journal.sqlite")
        let run = try node(
            "simulate", scenario, "--config", folder.write("node.yaml", configuration(channel)), "--speed", "max", "--journal", journal,
            "--format", "json")
        // Nobody takes the records: there is no broker.
        #expect(run.exitCode() == 69, "\(run.errors)")
        let report: SimulationOutput = try run.json()
        let result = try #require(report.channels.first)
        #expect(result.true > 3)
        #expect(result.counted + 1 >= result.true && result.counted <= result.true + 1, "\(result)")
        var intervals: [TrafficInterval] = []
        for record in try journalled(journal).records {
            if case .traffic(let interval) = record.record.body { intervals.append(interval) }
        }
        #expect(intervals.reduce(0) { $0 + ($1.flows?.reduce(0) { $0 + $1.count } ?? 0) } == result.counted)
        #expect(intervals.allSatisfy { $0.detector.infersDirection == infers && $0.occupied == nil })
        let flows: [TrafficFlow] = intervals.flatMap { $0.flows ?? [] }.filter { $0.count > 0 }
        #expect(flows.allSatisfy { ["approaching", "receding"].contains($0.direction) && ["motor", "bike"].contains($0.vehicleClass) })
        #expect(flows.contains { $0.speeds != nil })
        // All but what the tracking thread had not decided when the node ended.
        #expect(intervals.dropLast().dropFirst().allSatisfy { $0.observed == .seconds(60) })
    }

    @Test("A recorded radar is replayed") func aRecordedRadarIsReplayed() throws {
        let folder = ScratchFolder()
        var demand = StreetDemand()
        demand.cars = 200
        var street = RadarStreet(
            RadarPhysics(), demand: demand, from: MonotonicInstant(nanoseconds: 0), duration: .seconds(80), seed: 3)
        var csv = "timestamp_ns,line,level\n"
        while let edge = street.next() { csv += "\(edge.instant.nanoseconds),J8-11,\(edge.level ? 1 : 0)\n" }
        let config = folder.write("node.yaml", configuration("detector: doppler, input: J8-11"))
        let trace = folder.write("radar.csv", csv)
        func replay(_ format: String) throws -> ProgramRun {
            try node("pulses", "replay", "--config", config, "--channel", "speed", "--format", format, trace)
        }
        let run = try replay("json")
        #expect(run.exitCode() == 0, "\(run.errors)")
        let output: PulsesReplayCommandTests.Output = try run.json()
        #expect(street.truth.count > 1)
        #expect(Int(output.count) == street.truth.count, "\(output.passages.map(\.t)) for \(street.truth.map(\.instant))")
        #expect(output.intervals.reduce(0) { $0 + $1.count } == output.count)
        // One wire tells all of this.
        for (passage, truth) in zip(output.passages, street.truth) {
            #expect(passage.direction == (truth.direction == .forward ? "approaching" : "receding"))
            #expect(passage.class == "motor")
            #expect(try abs(#require(passage.speed_kmh) / (truth.speed * 3.6) - 1) < 0.05)
            #expect(passage.uncertain != nil)
        }
        let text = try replay("text")
        #expect(text.exitCode() == 0)
        #expect(text.output.contains(" motor, approaching; mean ") || text.output.contains(" motor, receding; mean "), "\(text.output)")
    }

    /// What to write into the configuration is learned from a recording, whatever stands there.
    @Test("The convention of the quadrature is suggested", arguments: [("first", "second"), ("second", "second")])
    func theConventionOfTheQuadratureIsSuggested(_ wired: String, _ configured: String) throws {
        let folder = ScratchFolder()
        var demand = StreetDemand()
        demand.cars = 500
        var physics = RadarPhysics()
        physics.hasQuadrature = true
        physics.secondLeads = wired == "second"
        var street = RadarStreet(physics, demand: demand, from: MonotonicInstant(nanoseconds: 0), duration: .seconds(75), seed: 3)
        var csv = "timestamp_ns,line,level\n"
        while let edge = street.next() {
            csv += "\(edge.instant.nanoseconds),\(edge.input == 0 ? "J8-11" : "J8-13"),\(edge.level ? 1 : 0)\n"
        }
        let channel = "detector: doppler_iq, first: J8-11, second: J8-13, approach-leads: \(configured)"
        let run = try node(
            "pulses", "suggest", "--config", folder.write("node.yaml", configuration(channel)), "--channel", "speed",
            folder.write("radar.csv", csv))
        #expect(run.exitCode() == 0, "\(run.errors)")
        #expect(run.output.contains("the \(wired) input"), "\(run.output)")
        #expect(run.output.contains("  approach-leads: \(wired)\n") == (wired != configured), "\(run.output)")
        #expect(run.output.contains("keep it") == (wired == configured), "\(run.output)")
        #expect(!run.output.contains("debounce"), "\(run.output)")
    }
}

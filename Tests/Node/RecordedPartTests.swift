import ClimateDrivers
import HardwareMocks
import Recordings
import SensorCore
import Testing

@testable import NodeRuntime
@testable import reallabor_node

/// What a part says on its bus, recorded as on a living node, replays as it was read.
@Suite(.blocksItsThread) struct RecordedPartTests {
    static let parts = ClimateParts.all.map(\.name)

    @Test("Replays as it was read", arguments: parts) func replaysAsItWasRead(_ name: String) throws {
        let part = try #require(ClimateParts.description(of: name))
        let address = part.addresses[0]
        let clock = ManualClock(start: MonotonicInstant(nanoseconds: 0), utc: nil)
        let bus = SimulatedI2CBus(clock: clock)
        bus.plug(try #require(EmulatedParts.part(named: name)), at: address)
        clock.sleep(for: .milliseconds(200))
        let plan = NodePlan(
            node: "n", interval: .seconds(60), inputs: [],
            buses: [
                BusPlan(
                    name: "i2c-1", device: "-",
                    sensors: [SensorPlan(name: "air", part: name, address: address, period: .seconds(30), corrections: [])])
            ])
        let watch = SensorWatch(plan)
        let tapped = TappedI2CBus(bus, sensor: "air", clock: clock, watch: watch)
        let lines = watch.record("air")
        _ = watch.takeRestart("air")
        var reader = try #require(PartReader(part: name, at: address))
        var (seen, reading): ([PartReading], PartReading) = ([], PartReading())
        for step in 0..<3 {
            bus.feel(part.quantities[0], [12, 20, 31][step], at: address)
            try reader.read(on: tapped, clock: clock, into: &reading)
            watch.read(reading, of: "air", at: clock.now())
            seen.append(reading)
            clock.sleep(for: .seconds(30))
        }
        var recorded = RecordedTransfers()
        for line in ["part \(name) \(address)"] + lines.takeAll().elements {
            let isTaken = recorded.take(line)
            #expect(isTaken, "\(line)")
        }
        #expect(recorded.recording.readings == 3 && recorded.recording.unkept == 0 && recorded.lost == 0)
        let replayed = RecordedI2CBus(try I2CRecording(json: recorded.recording.json(by: "a test")))
        var again = try #require(PartReader(part: name, at: address))
        let desk = ManualClock(start: MonotonicInstant(nanoseconds: 0), utc: nil)
        for values in seen {
            try again.read(on: replayed, clock: desk, into: &reading)
            #expect(reading == values)
        }
        #expect(Set(seen).count == 3)
    }
}

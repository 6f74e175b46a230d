import HardwareMocks
import SensorCore
import Testing

@testable import ClimateDrivers

/// The loop of one bus, turn by turn, without a thread.
@Suite struct ClimateLoopTests {
    final class Host: ClimateLoopHost {
        var air = Surroundings()
        var restarts: Set<String> = []
        var readings: [(sensor: String, reading: PartReading, change: ReadingChange)] = []
        var failures: [(sensor: String, kind: SensorErrorKind, change: ReadingChange)] = []
        var intervals: [ClimateInterval] = []

        func surroundings(of sensor: String, at now: MonotonicInstant) -> Surroundings { air }
        func takeRestart(of sensor: String) -> Bool { restarts.remove(sensor) != nil }
        func read(_ reading: PartReading, of sensor: String, at instant: MonotonicInstant, _ change: ReadingChange) {
            readings.append((sensor, reading, change))
        }
        func failed(_ error: SensorError, of sensor: String, at instant: MonotonicInstant, _ change: ReadingChange) {
            failures.append((sensor, error.kind, change))
        }
        func closed(_ interval: ClimateInterval) { intervals.append(interval) }
    }

    struct Shift: ReadingCorrection {
        var id: String
        var quantity: Quantity
        var offset: Double
        func apply(to measurement: Measurement) -> Measurement {
            Measurement(quantity, measurement.raw + offset, raw: measurement.raw)
        }
    }

    final class Box {
        let clock = TestClock()
        let host = Host()
        let buses: [SimulatedI2CBus]
        var loop: ClimateLoop

        /// Each sensor on a bus of its own, so that one that were read on another's would be noticed.
        init(_ sensors: [(name: String, part: String, period: TimeSpan)], derived: [Quantity] = []) throws {
            let clock = clock
            buses = sensors.map { _ in SimulatedI2CBus(clock: clock) }
            var scheduled: [ScheduledSensor] = []
            for (sensor, bus) in zip(sensors, buses) {
                let address = try #require(ClimateParts.description(of: sensor.part)?.addresses.first)
                bus.plug(try #require(EmulatedParts.part(named: sensor.part)), at: address)
                scheduled.append(
                    try #require(
                        ScheduledSensor(
                            name: sensor.name, part: sensor.part, at: address, on: bus, every: sensor.period,
                            derived: DerivedQuantities(derived, height: 118), interval: .seconds(60), startingAt: clock.reading())))
            }
            loop = ClimateLoop(scheduled)
            clock.sleep(for: .milliseconds(200))
            loop.begin()
        }

        func run(for time: TimeSpan) throws {
            let end = clock.now() + time
            while clock.now() < end {
                clock.sleep(until: min(end, try #require(loop.deadline)))
                loop.turn(clock, host)
            }
        }
    }

    @Test("Each sensor is read on its own bus") func eachSensorIsReadOnItsOwnBus() throws {
        let box = try Box([("warm", "tmp117", .seconds(1)), ("cold", "tmp117", .seconds(1)), ("slow", "scd41", .seconds(10))])
        box.buses[0].feel(.temperature, 30, at: I2CAddress(0x48)!)
        box.buses[1].feel(.temperature, -10, at: I2CAddress(0x48)!)
        try box.run(for: .seconds(185))
        let whole = box.host.intervals.filter { !$0.span.isPartial }
        for (name, value) in [("warm", 30.0), ("cold", -10)] {
            let intervals = whole.filter { $0.sensor == name }
            #expect(intervals.count == 2)
            for interval in intervals {
                let statistics = try #require(interval.quantities[0].statistics)
                #expect(abs(statistics.mean - value) < 0.01 && (59...61).contains(statistics.count))
            }
        }
        #expect(whole.filter { $0.sensor == "slow" }.allSatisfy { (5...6).contains($0.quantities[0].statistics?.count ?? 0) })
        #expect(box.host.failures.isEmpty)
    }

    @Test("An unknown part has no sensor") func anUnknownPartHasNoSensor() {
        let clock = TestClock()
        #expect(
            ScheduledSensor(
                name: "a", part: "bme999", at: I2CAddress(0x76)!, on: SimulatedI2CBus(clock: clock), every: .seconds(1),
                interval: .seconds(60), startingAt: clock.reading()) == nil)
    }

    /// One quantity that stays away is news once; so is its return. The others go on, and what is derived from them.
    @Test("One quantity may stay away") func oneQuantityMayStayAway() throws {
        let box = try Box([("air", "bme280", .seconds(1))], derived: [.dewPoint, .seaLevelPressure])
        let address = I2CAddress(0x76)!
        try box.run(for: .seconds(10))
        box.buses[0].feel(.pressure, 112_000, at: address)
        try box.run(for: .seconds(10))
        box.buses[0].feel(.pressure, 100_000, at: address)
        try box.run(for: .seconds(10))
        let changes = box.host.readings.map(\.change)
        #expect(changes.filter { $0 == .failing }.count == 1 && changes.filter { $0 == .recovered }.count == 1)
        let middle = try #require(box.host.readings.first { $0.change == .failing }).reading
        #expect(middle.given.map(\.quantity) == [.temperature, .humidity, .dewPoint])
        #expect(middle.withheld.map(\.quantity) == [.pressure, .seaLevelPressure])
        box.loop.finish(box.clock, box.host)
        let counts = box.host.intervals.flatMap(\.quantities).reduce(into: [Quantity: UInt32]()) { sum, quantity in
            sum[quantity.quantity, default: 0] += quantity.withheld.reduce(0) { $0 + $1.count }
        }
        #expect(counts[.pressure] == 10 && counts[.seaLevelPressure] == 10 && counts[.temperature] == 0 && counts[.dewPoint] == 0)
        #expect(box.host.intervals.allSatisfy { $0.errors.isEmpty })
    }

    /// A failure is news once for each kind.
    @Test("Failures are told once") func failuresAreToldOnce() throws {
        let box = try Box([("air", "sht40", .seconds(1))])
        try box.run(for: .seconds(5))
        box.buses[0].unplug(I2CAddress(0x44)!)
        try box.run(for: .seconds(20))
        #expect(box.host.failures.count == 20)
        #expect(box.host.failures.map(\.change).filter { $0 == .failing }.count == 1)
        box.buses[0].plug(EmulatedSHT4x(), at: I2CAddress(0x44)!)
        try box.run(for: .seconds(40))
        #expect(box.host.readings.filter { $0.change == .recovered }.count == 1)
    }

    /// From the next interval on, one correction throughout.
    @Test("Corrections begin with an interval") func correctionsBeginWithAnInterval() throws {
        let box = try Box([("air", "tmp117", .seconds(1))])
        try box.run(for: .seconds(90))
        box.loop.use(["air": [Shift(id: "shift", quantity: .temperature, offset: 5)], "other": []])
        try box.run(for: .seconds(120))
        let means = box.host.intervals.map { ($0.quantities[0].calibration, $0.quantities[0].statistics?.mean.rounded()) }
        #expect(means.map(\.0) == [nil, nil, "shift"])
        #expect(means.map(\.1) == [20, 20, 25])
    }

    @Test("Who records hears the start") func whoRecordsHearsTheStart() throws {
        let box = try Box([("air", "bme280", .seconds(1))])
        try box.run(for: .seconds(5))
        let before = box.buses[0].transferCount
        try box.run(for: .seconds(1))
        let usual = box.buses[0].transferCount - before
        box.host.restarts = ["air"]
        try box.run(for: .seconds(1))
        #expect(box.buses[0].transferCount - before - usual > usual)
        #expect(box.host.restarts.isEmpty)
    }
}

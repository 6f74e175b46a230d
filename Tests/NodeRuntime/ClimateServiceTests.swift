import ClimateDrivers
import HardwareMocks
import SensorCore
import TestSupport
import Testing

@testable import NodeRuntime
@testable import NodeSimulation

/// The thread of one bus, in time that moves only when it sleeps.
@Suite(.blocksItsThread) struct ClimateServiceTests {
    /// Ends the service when its time is over.
    final class LimitedClock: NodeClock, @unchecked Sendable {
        // Sound without a lock: each test uses its clock from one thread.
        private var instant = MonotonicInstant(nanoseconds: 1_000_000_000)
        var end = MonotonicInstant.distantFuture
        var atEnd: () -> Void = {}

        var bootID: BootID { BootID("test") }
        func now() -> MonotonicInstant { instant }
        func reading() -> ClockReading { ClockReading(instant: instant, utc: nil) }
        func sleep(until deadline: MonotonicInstant) {
            instant = max(instant, deadline)
            if instant >= end { atEnd() }
        }
    }

    struct Outcome {
        var intervals: [ClimateInterval]
        var notices: [Notice]
        var bus: SimulatedI2CBus

        func whole(_ sensor: String) -> [ClimateInterval] { intervals.filter { $0.sensor == sensor && !$0.span.isPartial } }
    }

    static func sensor(_ name: String, _ part: String, _ address: Int, every period: TimeSpan = .seconds(1)) -> SensorPlan {
        SensorPlan(name: name, part: part, address: I2CAddress(address)!, period: period, corrections: [])
    }

    static func run(
        _ sensors: [SensorPlan], for time: TimeSpan, faults: [I2CFaultPlan.Rule] = [], prepare: (SimulatedI2CBus) -> Void = { _ in }
    ) -> Outcome {
        let clock = LimitedClock()
        let bus = SimulatedI2CBus(name: "/dev/i2c-1", clock: clock, faults: I2CFaultPlan(faults))
        for sensor in sensors {
            guard let device = EmulatedParts.part(named: sensor.part) else { continue }
            if let port = sensor.multiplexer {
                if bus.isFree(port.address) { bus.plug(EmulatedTCA9548A(), at: port.address) }
                bus.plug(device, at: sensor.address, behind: port.address, channel: port.channel)
            } else {
                bus.plug(device, at: sensor.address)
            }
        }
        prepare(bus)
        clock.sleep(for: .milliseconds(200))
        let busPlan = BusPlan(name: "i2c-1", device: "/dev/i2c-1", pins: ["J8-3", "J8-5"], sensors: sensors)
        let plan = NodePlan(node: "n", interval: .seconds(60), inputs: [], buses: [busPlan])
        let closed = ThreadMailbox<ClimateInterval>(capacity: 10_000)
        let notices = ThreadMailbox<Notice>(capacity: 100)
        let service = ClimateService(
            plan: busPlan, bus: bus, clock: clock, interval: .seconds(60), closed: closed, notices: notices,
            watch: SensorWatch(plan), air: BoxAir(), log: RecordingLog())
        clock.end = clock.now() + time
        clock.atEnd = { service.stop() }
        service.run()
        return Outcome(intervals: closed.takeAll().elements, notices: notices.takeAll().elements, bus: bus)
    }

    static let twelve = [
        sensor("a", "bme280", 0x76), sensor("b", "bmp280", 0x77), sensor("c", "sht31", 0x44), sensor("d", "sht41", 0x45),
        sensor("e", "tmp117", 0x48), sensor("f", "tmp117", 0x49), sensor("g", "bh1750", 0x23), sensor("h", "ina219", 0x40),
        sensor("i", "ina219", 0x41), sensor("j", "ds3231", 0x68), sensor("k", "sht45", 0x46), sensor("hung", "bh1750", 0x5C),
    ]

    /// Every second one reading of each part, though one of them holds the bus until its timeout whenever it is asked.
    @Test("A hung part costs the others nothing") func aHungPartCostsTheOthersNothing() throws {
        let hung = I2CAddress(0x5C)!
        let outcome = Self.run(
            Self.twelve, for: .seconds(600),
            faults: [.init(.timeout(after: .milliseconds(100)), at: .transfers(0..<1_000_000), address: hung)])
        #expect(outcome.bus.unusedFaults == [])
        for sensor in Self.twelve where sensor.name != "hung" {
            let intervals = outcome.whole(sensor.name)
            #expect(intervals.count == 9)
            for interval in intervals {
                #expect(interval.errors == [], "\(sensor.name): \(interval.errors)")
                for quantity in interval.quantities {
                    let count = try #require(quantity.statistics).count
                    #expect((59...61).contains(count), "\(sensor.name): \(count)")
                }
            }
        }
        for interval in outcome.whole("hung") {
            #expect(interval.quantities.allSatisfy { $0.statistics == nil })
            #expect(interval.errors.map(\.kind) == [.timeout])
            #expect(interval.errors.allSatisfy { (59...61).contains($0.count) })
        }
        // One part that hangs is no stuck bus.
        #expect(outcome.notices == [])
    }

    /// A part that converts for five seconds does not keep the bus.
    @Test("A slow part costs the others nothing") func aSlowPartCostsTheOthersNothing() throws {
        let outcome = Self.run(
            [Self.sensor("fast", "sht40", 0x44), Self.sensor("slow", "scd41", 0x62, every: .seconds(10))], for: .seconds(300))
        for interval in outcome.whole("fast") {
            let count = interval.quantities[0].statistics?.count ?? 0
            #expect((59...61).contains(count))
        }
        let slow = try #require(outcome.whole("slow").last)
        let count = slow.quantities[0].statistics?.count ?? 0
        #expect((5...6).contains(count))
    }

    @Test("A stuck bus is said once with its wire") func aStuckBusIsSaidOnceWithItsWire() throws {
        let start = MonotonicInstant(nanoseconds: 100_000_000_000)
        let outcome = Self.run(
            [Self.sensor("a", "sht40", 0x44), Self.sensor("b", "bme280", 0x76)], for: .seconds(300),
            faults: [.init(.timeout(after: .milliseconds(100)), at: .time(start..<start + .seconds(60)))])
        #expect(outcome.notices.map(\.kind) == [.busStuck, .busFree])
        let text = try #require(outcome.notices.first).text
        #expect(text.contains("the clock wire SCL (J8-5) first, then the data wire SDA (J8-3)"), "\(text)")
        #expect(text.hasPrefix("bus i2c-1 is stuck"))
        // Back by itself within the longest pause between tries.
        let freed = try #require(outcome.notices.last).instant - (start + .seconds(60))
        #expect(freed <= .seconds(31))
        #expect(outcome.whole("a").last?.errors == [])
    }

    @Test("Co 2 is told the pressure of the same box") func co2IsToldThePressureOfTheSameBox() throws {
        var co2 = Self.sensor("co2", "scd41", 0x62, every: .seconds(10))
        co2.pressureFrom = "air"
        let outcome = Self.run([Self.sensor("air", "bmp280", 0x76), co2], for: .seconds(120)) {
            $0.feel(.pressure, 94_321, at: I2CAddress(0x76)!)
        }
        var told: UInt16?
        outcome.bus.change(EmulatedSCD4x.self, at: I2CAddress(0x62)!) { told = $0.ambientPressure }
        #expect(told == 943)
    }

    @Test("Particles are flagged by the humidity of the same box") func particlesAreFlaggedByTheHumidityOfTheSameBox() throws {
        var dust = Self.sensor("dust", "sps30", 0x69, every: .seconds(10))
        dust.humidityFrom = "air"
        let outcome = Self.run([Self.sensor("air", "sht40", 0x44), dust], for: .seconds(240)) {
            $0.feel(.humidity, 93, at: I2CAddress(0x44)!)
        }
        let last = try #require(outcome.whole("dust").last)
        #expect(last.quantities.map(\.quantity) == [.pm1, .pm2_5, .pm4, .pm10])
        #expect(last.quantities.allSatisfy { $0.flags == .humidAir && $0.statistics != nil })
    }

    /// Derived before averaging, published after what the part measures, without a raw mean.
    @Test("Derived quantities are published") func derivedQuantitiesArePublished() throws {
        var air = Self.sensor("air", "bme280", 0x76)
        air.derived = DerivedQuantities([.dewPoint, .seaLevelPressure, .heatIndex], height: 118)
        let interval = try #require(Self.run([air], for: .seconds(120)).whole("air").last)
        #expect(interval.quantities.map(\.quantity) == [.temperature, .humidity, .pressure, .dewPoint, .seaLevelPressure, .heatIndex])
        #expect(try abs(#require(interval.quantities[3].statistics).mean - 9.26) < 0.02)
        #expect(try abs(#require(interval.quantities[4].statistics).mean - 101_380) < 10)
        // 20 °C is no heat: nothing came in.
        #expect(interval.quantities[5].statistics == nil)
        #expect(interval.quantities[3].rawMean == nil && interval.quantities[0].rawMean != nil)
    }

    @Test("Parts behind a multiplexer are read side by side") func partsBehindAMultiplexerAreReadSideBySide() throws {
        var sensors = (0..<3).map { Self.sensor("air\($0)", "sht40", 0x44) }
        for index in sensors.indices { sensors[index].multiplexer = MultiplexerPort(address: I2CAddress(0x70)!, channel: index * 3) }
        let outcome = Self.run(sensors, for: .seconds(120)) { bus in
            for channel in 0..<3 {
                bus.feel(.temperature, Double(channel), at: I2CAddress(0x44)!, behind: I2CAddress(0x70)!, channel: channel * 3)
            }
        }
        for index in 0..<3 {
            let last = try #require(outcome.whole("air\(index)").last)
            let statistics = try #require(last.quantities[0].statistics)
            #expect(abs(statistics.mean - Double(index)) < 0.01 && statistics.count >= 59)
        }
    }
}

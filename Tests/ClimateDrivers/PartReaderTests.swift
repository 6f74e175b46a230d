import HardwareMocks
import SensorCore
import Testing

@testable import ClimateDrivers

@Suite struct PartReaderTests {
    static let bme280 = EmulatedPart.all.first { $0.name == "bme280" }!
    static let sht40 = EmulatedPart.all.first { $0.name == "sht40" }!

    @Test("Knows only its parts") func knowsOnlyItsParts() {
        let address = I2CAddress(0x76)!
        #expect(PartReader(part: "bme999", at: address) == nil)
        #expect(PartReader(part: "bmp280", at: address)?.part.quantities == [.temperature, .pressure])
    }

    @Test("One retry rescues a reading", arguments: [bme280, sht40]) func oneRetryRescuesAReading(_ part: EmulatedPart) throws {
        var bench = try Bench(part)
        #expect(bench.read() == nil)
        bench.bus.faults = I2CFaultPlan([
            .init(.nack, at: .transfers(bench.bus.transferCount..<bench.bus.transferCount + 1))
        ])
        #expect(bench.read() == nil)
        try bench.expectWhole()
        #expect(bench.bus.unusedFaults == [])
    }

    @Test("No retry after the deadline") func noRetryAfterTheDeadline() throws {
        func transfers(deadline: TimeSpan) throws -> Int {
            var bench = try Bench(Self.bme280)
            bench.reader = try #require(PartReader(part: "bme280", at: bench.part.address, deadline: deadline))
            #expect(bench.read() == nil)
            bench.bus.change(EmulatedBME280.self, at: bench.part.address) { $0.conversionTime = .seconds(60) }
            let before = bench.bus.transferCount
            #expect(bench.readKind() == .notReady)
            return bench.bus.transferCount - before
        }
        #expect(try transfers(deadline: .milliseconds(15)) < transfers(deadline: .milliseconds(500)))
    }

    /// A reading never holds the thread: it says when to come again, and other parts have the bus meanwhile.
    @Test("A reading under way leaves the bus to others") func aReadingUnderWayLeavesTheBusToOthers() throws {
        let bench = try Bench(Self.bme280)
        bench.bus.plug(EmulatedSHT4x(), at: Self.sht40.address)
        bench.clock.sleep(for: .milliseconds(1))
        var slow = try #require(PartReader(part: "bme280", at: Self.bme280.address))
        var quick = try #require(PartReader(part: "sht40", at: Self.sht40.address))
        var (first, second) = (PartReading(), PartReading())
        let begin = bench.clock.now()
        #expect(try slow.advance(on: bench.bus, clock: bench.clock, into: &first) == .waiting(until: begin + .milliseconds(2)))
        #expect(try quick.advance(on: bench.bus, clock: bench.clock, into: &second) == .waiting(until: begin + .milliseconds(1)))
        #expect(slow.isReading && quick.isReading)
        let count = bench.bus.transferCount
        // Before its time nothing is done.
        bench.clock.sleep(for: .milliseconds(1))
        #expect(try slow.advance(on: bench.bus, clock: bench.clock, into: &first) == .waiting(until: begin + .milliseconds(2)))
        #expect(bench.bus.transferCount == count)
        try slow.read(on: bench.bus, clock: bench.clock, into: &first)
        try quick.read(on: bench.bus, clock: bench.clock, into: &second)
        #expect(first.given.count == 3 && second.given.count == 2)
        #expect(!slow.isReading && !quick.isReading)
    }

    /// A bus whose thread comes late, since the machine is busy or another part hung, is no fault of the part.
    @Test("A late thread costs no reading") func aLateThreadCostsNoReading() throws {
        let bench = try Bench(Self.bme280)
        var reader = try #require(PartReader(part: "bme280", at: Self.bme280.address))
        var reading = PartReading()
        var progress = try reader.advance(on: bench.bus, clock: bench.clock, into: &reading)
        while case .waiting(let moment) = progress {
            bench.clock.sleep(until: moment + .seconds(5))
            progress = try reader.advance(on: bench.bus, clock: bench.clock, into: &reading)
        }
        #expect(reading.given.count == 3)
    }

    /// A part's own time begins where the transfer ends; on a slow bus that is milliseconds after it began.
    @Test("What a part needs counts from the end of the transfer", arguments: EmulatedPart.all)
    func whatAPartNeedsCountsFromTheEndOfTheTransfer(_ part: EmulatedPart) throws {
        var bench = try Bench(part, bitRate: 10_000)
        for _ in 0..<3 {
            #expect(bench.read() == nil)
            bench.clock.sleep(for: .seconds(10))
        }
    }

    @Test("A part that the kernel holds is refused by name") func aPartThatTheKernelHoldsIsRefusedByName() throws {
        var bench = try Bench(Self.bme280)
        bench.bus.bind(bench.part.address, to: "bmp280", values: [:])
        let error = try bench.failure()
        #expect(error.kind == .addressHeld)
        #expect(error.detail.contains("the kernel's driver bmp280 holds it"))
        #expect(bench.bus.transferCount == 0)
    }

    @Test("A clock that the kernel holds is read through it") func aClockThatTheKernelHoldsIsReadThroughIt() throws {
        var bench = try Bench(try EmulatedPart.named("ds3231"))
        bench.bus.bind(bench.part.address, to: "rtc-ds1307", values: ["hwmon/*/temp1_input": 23_250])
        #expect(bench.read() == nil)
        #expect(bench.reading == PartReading([Measurement(.temperature, 23.25)]))
        #expect(bench.bus.transferCount == 0)
        bench.bus.bind(bench.part.address, to: "rtc-ds1307", values: [:])
        #expect(bench.readKind() == .addressHeld)
        #expect(bench.isEmpty)
    }

    @Test("A hanging bus is not tried twice", arguments: [I2CFaultPlan.Fault.stuck, .timeout(after: .milliseconds(20))])
    func aHangingBusIsNotTriedTwice(_ fault: I2CFaultPlan.Fault) throws {
        var bench = try Bench(Self.bme280, faults: [.init(fault, at: .transfers(0..<1))])
        #expect(bench.read() != nil)
        #expect(bench.bus.transferCount == 1)
    }

    /// 1, 2, 4, 8, 16, 30, 30 s between the tries, with the bus left alone in between.
    @Test("Backs off up to thirty seconds") func backsOffUpToThirtySeconds() throws {
        var bench = try Bench(Self.sht40, faults: [.init(.unplugged, at: .transfers(0..<1_000_000))])
        var tries: [Int64] = []
        let begin = bench.clock.now()
        for _ in 0..<1_000 {
            let before = bench.bus.transferCount
            #expect(bench.readKind() == .nack)
            if bench.bus.transferCount > before { tries.append((bench.clock.now() - begin).nanoseconds / 100_000_000) }
            bench.clock.sleep(for: .milliseconds(100))
        }
        #expect(tries == [0, 10, 30, 70, 150, 310, 610, 910])
    }

    /// Unplugged for five minutes, another part plugged in: readings are missing meanwhile, each with its reason, and
    /// the new part is read with its own coefficients at most 30 s and a period later.
    @Test("A replaced part comes back by itself") func aReplacedPartComesBackByItself() throws {
        var bench = try Bench(Self.bme280)
        let period = TimeSpan.seconds(10)
        var errors = 0
        for _ in 0..<6 {
            #expect(bench.read() == nil)
            bench.clock.sleep(for: period)
        }
        bench.bus.unplug(bench.part.address)
        for _ in 0..<30 {
            #expect(bench.readKind() == .nack)
            #expect(bench.isEmpty)
            errors += 1
            bench.clock.sleep(for: period)
        }
        bench.bus.plug(EmulatedBME280(coefficients: .negative), at: bench.part.address)
        bench.clock.sleep(for: period)
        var waited = 0
        while bench.read() != nil, waited < 10 {
            waited += 1
            bench.clock.sleep(for: period)
        }
        #expect(waited <= 3)
        #expect(errors == 30)
        try bench.expectWhole()
    }

    @Test("A good reading forgets the backoff") func aGoodReadingForgetsTheBackoff() throws {
        var bench = try Bench(Self.sht40, faults: [.init(.unplugged, at: .transfers(0..<6))])
        while bench.read() != nil { bench.clock.sleep(for: .seconds(1)) }
        bench.bus.unplug(bench.part.address)
        #expect(bench.read() != nil)
        bench.bus.plug(EmulatedSHT4x(), at: bench.part.address)
        bench.clock.sleep(for: .seconds(1))
        #expect(bench.read() == nil)
    }
}

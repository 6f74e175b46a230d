import HardwareMocks
import SensorCore
import Testing

@testable import ClimateDrivers

/// No fault may ever give a measurement that is not the truth, and every part comes back.
@Suite struct DriverFaultTests {
    static let faults: [I2CFaultPlan.Fault] =
        [.nack, .stuck, .timeout(after: .milliseconds(20)), .filled(0x00), .filled(0xFF), .unplugged]
        + [0, 1, 2, 3, 5, 6, 7, 23].flatMap { byte in
            [.short(bytes: byte), .corrupt(byte: byte, mask: 0x80), .corrupt(byte: byte, mask: 0x01)]
        }

    /// One fault at each transfer of a start and a measurement.
    @Test(arguments: EmulatedPart.all) func oneFaultAnywhereNeverGivesAWrongMeasurement(_ part: EmulatedPart) throws {
        var clean = try Bench(part)
        #expect(clean.read() == nil)
        let transfers = clean.bus.transferCount
        var failed = 0
        for position in 0..<transfers {
            for fault in Self.faults {
                var bench = try Bench(part, faults: [.init(fault, at: .transfers(position..<position + 1))])
                let comment: Comment = "\(fault) at transfer \(position)"
                if let error = bench.read() {
                    failed += 1
                    #expect(bench.readings == [], comment)
                    #expect(!error.detail.isEmpty, comment)
                    bench.clock.sleep(for: .seconds(31))
                    #expect(bench.read() == nil, comment)
                }
                try part.expect(bench.readings, EmulatedPart.usual, comment)
                #expect(bench.bus.unusedFaults == [], comment)
            }
        }
        #expect(failed > transfers)
    }

    /// The same fault at all transfers: nothing may come out, except from a status that only has to be clear.
    @Test(
        arguments: EmulatedPart.all,
        [
            (.nack, .nack), (.stuck, .bus), (.timeout(after: .milliseconds(20)), .timeout), (.unplugged, .nack),
        ] as [(I2CFaultPlan.Fault, SensorErrorKind)])
    func aLastingFaultIsNamed(_ part: EmulatedPart, _ fault: (I2CFaultPlan.Fault, SensorErrorKind)) throws {
        var bench = try Bench(part, faults: [.init(fault.0, at: .transfers(0..<1_000_000))])
        #expect(bench.readKind() == fault.1)
        #expect(bench.readings == [])
    }

    @Test(
        arguments: [
            ("bme280", .filled(0x00), .wrongPart), ("bme280", .filled(0xFF), .wrongPart),
            ("bmp280", .filled(0x00), .wrongPart), ("sht45", .filled(0x00), .crc), ("sht45", .filled(0xFF), .crc),
        ] as [(String, I2CFaultPlan.Fault, SensorErrorKind)])
    func aDeadDataLineIsNamed(_ name: String, _ fault: I2CFaultPlan.Fault, kind: SensorErrorKind) throws {
        let part = try #require(EmulatedPart.all.first { $0.name == name })
        var bench = try Bench(part, faults: [.init(fault, at: .transfers(0..<1_000_000))])
        #expect(bench.readKind() == kind)
    }

    /// The data line dies after the part was started.
    @Test(arguments: EmulatedPart.all, [UInt8(0x00), 0xFF])
    func aFilledFrameNeverConverts(_ part: EmulatedPart, _ value: UInt8) throws {
        var bench = try Bench(part)
        #expect(bench.read() == nil)
        bench.bus.faults = I2CFaultPlan([.init(.filled(value), at: .transfers(0..<1_000_000))])
        #expect(bench.read() != nil)
        #expect(bench.readings == [])
    }

    @Test(arguments: 0..<48) func everyFlippedBitFailsTheChecksum(_ bit: Int) throws {
        let part = try #require(EmulatedPart.all.first { $0.name == "sht40" })
        let bench = try Bench(part)
        var driver = try #require(ClimateParts.driver(for: part.name, at: part.address))
        try driver.start(on: bench.bus, clock: bench.clock)
        bench.bus.faults = I2CFaultPlan([
            .init(.corrupt(byte: bit / 8, mask: 1 << (bit % 8)), at: .transfers(0..<1_000_000))
        ])
        var readings: [Measurement] = []
        do throws(SensorError) {
            try driver.measure(on: bench.bus, clock: bench.clock, into: &readings)
            Issue.record("a flipped bit gave \(readings)")
        } catch {
            #expect(error.kind == .crc)
        }
        #expect(readings == [])
        #expect(bench.bus.unusedFaults == [])
    }

    /// Damage that changes from read to read, in a part without a checksum.
    @Test func readsThatNeverAgreeAreABusFault() throws {
        var bench = try Bench(EmulatedPart.all[0])
        #expect(bench.read() == nil)
        // ctrl_hum, ctrl_meas and the status come before the data.
        let data = bench.bus.transferCount + 3
        bench.bus.faults = I2CFaultPlan(
            (0..<3).map { .init(.corrupt(byte: 4, mask: 1 << $0), at: .transfers(data + Int($0)..<data + Int($0) + 1)) }
        )
        let error = try bench.failure()
        #expect(error.kind == .bus)
        #expect(error.detail.contains("8 bytes from 0xf7"))
        #expect(bench.bus.unusedFaults == [])
    }

    @Test(
        arguments: [
            ("bme280", 0x58, "found a BMP280 where bme280 is configured"),
            ("bme280", 0x56, "found a BMP280 where bme280 is configured"),
            ("bme280", 0x61, "found a BME680 where bme280 is configured"),
            ("bmp280", 0x60, "found a BME280 where bmp280 is configured"),
            (
                "bmp280", 0x42,
                "found an unknown part where bmp280 is configured (chip id 0x42 at 0x76 on simulated bus)"
            ),
            ("bme280", 0xFF, "check the wiring"), ("bme280", 0x00, "check the wiring"),
        ] as [(String, UInt8, String)])
    func refusesAWrongPart(_ name: String, _ id: UInt8, _ text: String) throws {
        var part = try #require(EmulatedPart.all.first { $0.name == name })
        part.device = EmulatedBME280(chip: .other(id))
        var bench = try Bench(part)
        let error = try bench.failure()
        #expect(error.kind == .wrongPart)
        #expect(error.detail.contains(text), "\(error)")
        #expect(bench.readings == [])
    }

    @Test(arguments: [UInt8(0x56), 0x57, 0x58]) func acceptsEveryBMP280(_ id: UInt8) throws {
        var part = try #require(EmulatedPart.all.first { $0.name == "bmp280" })
        part.device = EmulatedBME280(chip: .other(id))
        var bench = try Bench(part)
        #expect(bench.read() == nil)
    }

    @Test(arguments: ["bme280", "bmp280", "sht40"]) func aStuckReadyIsNotReady(_ name: String) throws {
        var part = try #require(EmulatedPart.all.first { $0.name == name })
        if var device = part.device as? EmulatedBME280 {
            device.conversionTime = .seconds(5)
            part.device = device
        } else {
            var device = EmulatedSHT4x()
            device.conversionTime = .seconds(5)
            part.device = device
        }
        var bench = try Bench(part)
        let begin = bench.clock.now()
        let error = try bench.failure()
        #expect(error.kind == (name == "sht40" ? .nack : .notReady))
        #expect(bench.readings == [])
        #expect(bench.clock.now() - begin < .milliseconds(100))
    }

    /// Slower than the datasheet's maximum, but within what the driver waits for.
    @Test func aLateAnswerIsWaitedFor() throws {
        for name in ["bme280", "sht40"] {
            var part = try #require(EmulatedPart.all.first { $0.name == name })
            if var device = part.device as? EmulatedBME280 {
                device.conversionTime = .milliseconds(14)
                part.device = device
            } else {
                var device = EmulatedSHT4x()
                device.conversionTime = .milliseconds(14)
                part.device = device
            }
            var bench = try Bench(part)
            #expect(bench.read() == nil)
            try part.expect(bench.readings, EmulatedPart.usual)
        }
    }

    /// The bus has power cuts of its own: a part that restarts between two readings measures all the same.
    @Test(arguments: EmulatedPart.all) func aRestartBetweenReadingsDoesNoHarm(_ part: EmulatedPart) throws {
        var bench = try Bench(part)
        #expect(bench.read() == nil)
        bench.bus.plug(part.device, at: part.address)
        bench.clock.sleep(for: .seconds(1))
        #expect(bench.read() == nil)
        try part.expect(bench.readings, EmulatedPart.usual)
    }

    /// Random faults at random transfers: nothing wrong comes out, every reading is either good or counted once.
    @Test(arguments: EmulatedPart.all, [UInt64(1), 2, 3])
    func randomFaultsAreCountedAndNeverPublished(_ part: EmulatedPart, _ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        // Not the same fault twice in a row: of a part without checksums, two reads damaged alike look sound.
        var previous: I2CFaultPlan.Fault?
        var rules: [I2CFaultPlan.Rule] = []
        for transfer in 0..<6_000 {
            var fault: I2CFaultPlan.Fault?
            if Double.random(in: 0..<1, using: &random) < 0.15 {
                fault = Self.faults.filter { $0 != previous }.randomElement(using: &random)
            }
            if let fault { rules.append(.init(fault, at: .transfers(transfer..<transfer + 1))) }
            previous = fault
        }
        var bench = try Bench(part)
        bench.bus.faults = I2CFaultPlan(rules)
        var accumulator = ClimateAccumulator(sensor: "a", part: bench.reader.part)
        var good: UInt32 = 0
        let readings: UInt32 = 300
        for _ in 0..<readings {
            if let error = bench.read() {
                accumulator.add(error)
                #expect(bench.readings == [], "seed \(seed)")
            } else {
                good += 1
                accumulator.add(bench.readings)
                try part.expect(bench.readings, EmulatedPart.usual, "seed \(seed)")
            }
            bench.clock.sleep(for: .seconds(10))
        }
        let interval = accumulator.close(AccumulatorTests.span)
        #expect(interval.errors.reduce(0) { $0 + $1.count } == readings - good, "seed \(seed)")
        #expect(interval.quantities.allSatisfy { $0.statistics?.count == good }, "seed \(seed)")
        #expect(good > 10 && good < readings, "seed \(seed): \(good) good readings test nothing")
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

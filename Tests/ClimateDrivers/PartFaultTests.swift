import HardwareMocks
import SensorCore
import TestSupport
import Testing

@testable import ClimateDrivers

/// Every part, every fault of its bus: no fault may ever give a measurement that is not the truth, and every part comes
/// back.
@Suite struct PartFaultTests {
    /// Longer than the longest pause between two tries.
    static let pause = TimeSpan.seconds(31)

    /// A fault at each byte of each transaction of a start and a measurement.
    @Test("One fault anywhere never gives a wrong measurement", arguments: EmulatedPart.all)
    func oneFaultAnywhereNeverGivesAWrongMeasurement(_ part: EmulatedPart) throws {
        let shapes = try Self.transfers(of: part)
        var failed = 0
        var tried = 0
        for (position, shape) in shapes.enumerated() {
            for fault in Self.faults(for: shape) {
                var bench = try Bench(part, faults: [.init(fault, at: .transfers(position..<position + 1))])
                let comment: Comment = "\(fault) at transfer \(position) (write \(shape.written), read \(shape.read))"
                tried += 1
                if let error = bench.read() {
                    failed += 1
                    #expect(bench.isEmpty, comment)
                    #expect(error.detail.contains("0x"), comment)
                    bench.clock.sleep(for: Self.pause)
                    #expect(bench.read() == nil, comment)
                    try bench.expectWhole(comment)
                }
                // A fault may cost some quantities and leave the others.
                try bench.expectTruth(comment)
                #expect(bench.bus.unusedFaults == [], comment)
            }
        }
        #expect(tried > 8 * shapes.count && failed > shapes.count)
    }

    /// The same fault at all transfers is named.
    @Test(
        "A lasting fault is named",
        arguments: EmulatedPart.all,
        [
            (.nack, .nack), (.stuck, .bus), (.timeout(after: .milliseconds(20)), .timeout), (.unplugged, .nack),
        ] as [(I2CFaultPlan.Fault, SensorErrorKind)])
    func aLastingFaultIsNamed(_ part: EmulatedPart, _ fault: (I2CFaultPlan.Fault, SensorErrorKind)) throws {
        var bench = try Bench(part, faults: [.init(fault.0, at: .transfers(0..<1_000_000))])
        #expect(bench.readKind() == fault.1)
        #expect(bench.isEmpty)
    }

    /// The data line dies, before the part was started or afterwards.
    @Test("A filled frame never converts", arguments: EmulatedPart.all, [UInt8(0x00), 0xFF])
    func aFilledFrameNeverConverts(_ part: EmulatedPart, _ value: UInt8) throws {
        var bench = try Bench(part)
        #expect(bench.read() == nil)
        let dead = I2CFaultPlan([.init(.filled(value), at: .transfers(0..<1_000_000))])
        bench.bus.faults = dead
        let later = bench.read()
        var fresh = try Bench(part, faults: dead.rules)
        let first = fresh.read()
        if value == 0x00, let quantity = try part.description.quantities.first, let dead = part.device.valueWhenDead(of: quantity) {
            #expect(bench.reading.given == [Measurement(quantity, dead)])
        } else {
            #expect(later != nil && bench.isEmpty)
            #expect(first != nil && fresh.isEmpty)
        }
    }

    /// The part never gets ready.
    @Test("A stuck ready is not ready", arguments: EmulatedPart.all) func aStuckReadyIsNotReady(_ part: EmulatedPart) throws {
        var bench = try Bench(part)
        #expect(bench.read() == nil)
        var device = part.device
        device.conversionTime = .seconds(100_000)
        bench.bus.plug(device, at: part.address)
        bench.clock.sleep(for: Self.pause)
        let begin = bench.clock.now()
        let kind = bench.readKind()
        if let quantity = try part.description.quantities.first, let dead = part.device.valueWhenDead(of: quantity) {
            #expect(bench.reading.given == [Measurement(quantity, dead)])
        } else {
            #expect(kind == .notReady || kind == .nack)
            #expect(bench.isEmpty)
        }
        let timing = try part.description.timing
        // The second try may have to start the part.
        #expect(bench.clock.now() - begin <= (timing.deadline + timing.startAllowance) * 2)
    }

    @Test("A late answer is waited for", arguments: EmulatedPart.all) func aLateAnswerIsWaitedFor(_ part: EmulatedPart) throws {
        var part = part
        part.device.conversionTime = part.device.longestConversion
        var bench = try Bench(part)
        #expect(bench.read() == nil)
        try bench.expectWhole()
    }

    /// The bus has power cuts of its own: after a part has restarted between two readings, nothing but the truth comes,
    /// and that soon.
    @Test("A restart between readings does no harm", arguments: EmulatedPart.all) func aRestartBetweenReadingsDoesNoHarm(
        _ part: EmulatedPart
    ) throws {
        var bench = try Bench(part)
        #expect(bench.read() == nil)
        bench.bus.plug(part.device, at: part.address)
        bench.clock.sleep(for: .seconds(1))
        if bench.read() != nil {
            #expect(bench.isEmpty)
            bench.clock.sleep(for: .seconds(1))
            #expect(bench.read() == nil)
        }
        try bench.expectWhole()
    }

    /// Random faults at random transfers: nothing wrong comes out, every reading is either good or counted once.
    @Test("Random faults are counted and never published", arguments: EmulatedPart.all, [UInt64(1), 2, 3])
    func randomFaultsAreCountedAndNeverPublished(_ part: EmulatedPart, _ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let faults = Self.faults(for: Shape(written: 2, read: 8))
        // Not the same fault twice in a row: of a part without checksums, two reads damaged alike look sound.
        var previous: I2CFaultPlan.Fault?
        var rules: [I2CFaultPlan.Rule] = []
        for transfer in 0..<3_000 {
            var fault: I2CFaultPlan.Fault?
            if Double.random(in: 0..<1, using: &random) < 0.1 {
                fault = faults.filter { $0 != previous }.randomElement(using: &random)
            }
            if let fault { rules.append(.init(fault, at: .transfers(transfer..<transfer + 1))) }
            previous = fault
        }
        var bench = try Bench(part)
        bench.bus.faults = I2CFaultPlan(rules)
        var accumulator = ClimateAccumulator(sensor: "a", part: bench.reader.part)
        var good: UInt32 = 0
        var given: [Quantity: UInt32] = [:]
        let readings: UInt32 = 150
        for _ in 0..<readings {
            if let error = bench.read() {
                accumulator.add(error)
                #expect(bench.isEmpty, "seed \(seed)")
            } else {
                good += 1
                accumulator.add(bench.reading)
                for measurement in bench.reading.given { given[measurement.quantity, default: 0] += 1 }
                try bench.expectTruth("seed \(seed)")
            }
            bench.clock.sleep(for: .seconds(10))
        }
        let interval = accumulator.close(AccumulatorTests.span)
        #expect(interval.errors.reduce(0) { $0 + $1.count } == readings - good, "seed \(seed)")
        for quantity in interval.quantities {
            #expect(quantity.statistics?.count == given[quantity.quantity], "seed \(seed)")
            // What is not given is withheld or failed.
            #expect(quantity.withheld.reduce(0) { $0 + $1.count } == good - given[quantity.quantity, default: 0], "seed \(seed)")
        }
        #expect(good > 5 && good < readings, "seed \(seed): \(good) good readings test nothing")
    }

    struct Shape: Hashable {
        var written: Int
        var read: Int
    }

    /// What a start and a measurement put on the bus.
    static func transfers(of part: EmulatedPart) throws -> [Shape] {
        var bench = try Bench(part)
        let log = LoggedBus(bench.bus)
        try bench.reader.read(on: log, clock: bench.clock, into: &bench.reading)
        return log.shapes
    }

    static func faults(for shape: Shape) -> [I2CFaultPlan.Fault] {
        var faults: [I2CFaultPlan.Fault] = [.nack, .stuck, .timeout(after: .milliseconds(20)), .unplugged]
        for byte in 0..<shape.written { faults.append(.nackByte(byte)) }
        for byte in 0..<shape.read {
            faults.append(.short(bytes: byte))
            for bit in 0..<8 { faults.append(.corrupt(byte: byte, mask: 1 << UInt8(bit))) }
        }
        if shape.read > 0 { faults += [.filled(0x00), .filled(0xFF)] }
        return faults
    }
}

/// Notes the shape of each transfer.
private final class LoggedBus: I2CBus {
    private let bus: any I2CBus
    private(set) var shapes: [PartFaultTests.Shape] = []

    init(_ bus: any I2CBus) { self.bus = bus }

    var name: String { bus.name }

    func transfer(
        to address: I2CAddress, write: UnsafeBufferPointer<UInt8>, read: UnsafeMutableBufferPointer<UInt8>
    ) throws(I2CError) {
        shapes.append(.init(written: write.count, read: read.count))
        try bus.transfer(to: address, write: write, read: read)
    }
}

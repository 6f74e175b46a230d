import HardwareMocks
import SensorCore
import TestSupport
import Testing

@testable import ClimateDrivers

/// A fault of one quantity costs that quantity and what is compensated with it, and nothing else.
@Suite struct PartlyGoodReadingTests {
    struct Case: CustomTestStringConvertible {
        var part: String
        var recording: String
        var given: [Quantity: Double]
        var withheld: [Quantity: SensorErrorKind]
        var testDescription: String { "\(part) \(recording)" }

        init(_ part: String, _ recording: String, _ given: [Quantity: Double], _ withheld: [Quantity: SensorErrorKind]) {
            (self.part, self.recording, self.given, self.withheld) = (part, recording, given, withheld)
        }
    }

    // Not written into the attribute: interpolation there crashes the compiler of Swift 6.0.3.
    static let air: [Quantity: Double] = [.temperature: 25.0825, .humidity: 45.5106, .pressure: 100_653.267]
    static let dry: [Quantity: Double] = [.temperature: 25.0825, .pressure: 100_653.267]
    static let noPressure: [Quantity: Double] = [.temperature: 25.0825, .humidity: 45.5106]
    static let block = ReplayTests.coefficients
    static let humidity = ReplayTests.humidity

    static func bme(_ data: String, humidity: String = PartlyGoodReadingTests.humidity) -> String {
        "{\"memory\": {\(block), \(humidity), \"F7\": \"\(data)\"}}"
    }

    static let cases = [
        Case("bme280", bme("655ac07eed007148"), air, [:]),
        // The registers of what was not measured; a converter at its stop.
        Case("bme280", bme("655ac07eed008000"), dry, [.humidity: .notReady]),
        Case("bme280", bme("655ac07eed000000"), dry, [.humidity: .outOfRange]),
        Case("bme280", bme("655ac07eed00ffff"), dry, [.humidity: .outOfRange]),
        Case("bme280", bme("8000007eed007148"), noPressure, [.pressure: .notReady]),
        Case("bme280", bme("0000007eed007148"), noPressure, [.pressure: .outOfRange]),
        Case("bme280", bme("fffff07eed007148"), noPressure, [.pressure: .outOfRange]),
        Case("bme280", bme("8000007eed008000"), [.temperature: 25.0825], [.pressure: .notReady, .humidity: .notReady]),
        // H2 to H6 blank; H2 alone 0 and −1; H3 is 0 in nearly all parts.
        Case("bme280", bme("655ac07eed007148", humidity: "\"a1\": \"00\", \"e1\": \"00000000000000\""), dry, [.humidity: .notReady]),
        Case("bme280", bme("655ac07eed007148", humidity: "\"a1\": \"ff\", \"e1\": \"ffffffffffffff\""), dry, [.humidity: .notReady]),
        Case("bme280", bme("655ac07eed007148", humidity: "\"a1\": \"4b\", \"e1\": \"00000014240303\""), dry, [.humidity: .notReady]),
        // P1 = 0 divides by zero.
        Case(
            "bmp280", "{\"memory\": {\"88\": \"706b436718fc000043d6d00b270b8c00f9ff8c3cf8c67017\", \"F7\": \"655ac07eed00\"}}",
            [.temperature: 25.0825], [.pressure: .notReady]),
        // CO2 0.
        Case(
            "scd41", "{\"responses\": {\"e4b8\": [\"800604\"], \"ec05\": [\"000081 6667a2 5eb93c\"]}}",
            [.temperature: 25.0027, .humidity: 37.0016],
            [.co2: .outOfRange]),
        // 320 mV at the shunt.
        Case(
            "ina219", "{\"responses\": {\"02\": [\"5d9a\"], \"01\": [\"7d00\"]}}", [.voltage: 11.98],
            [.current: .outOfRange, .power: .outOfRange]),
    ]

    @Test("Gives what is good", arguments: cases) func givesWhatIsGood(_ example: Case) throws {
        let reading = try ReplayTests.replay(example.part, example.recording).get()
        #expect(Set(reading.given.map(\.quantity)) == Set(example.given.keys))
        for measurement in reading.given {
            let wanted = try #require(example.given[measurement.quantity])
            #expect(abs(measurement.value - wanted) < 1e-4 * max(1, wanted), "\(measurement)")
        }
        #expect(Dictionary(uniqueKeysWithValues: reading.withheld.map { ($0.quantity, $0.error.kind) }) == example.withheld)
        #expect(reading.withheld.allSatisfy { $0.error.detail.count > 20 })
    }

    /// A lasting damage of any byte that a part sends, coefficients and data, changes or withholds one quantity and what the
    /// part's table says depends on it; so the table leaves none out.
    @Test("The table of what depends on what holds", arguments: EmulatedPart.all) func theTableOfWhatDependsOnWhatHolds(
        _ part: EmulatedPart
    ) throws {
        var sound = try Bench(part)
        #expect(sound.read() == nil)
        let truth = sound.reading
        let description = try part.description
        let groups = description.quantities.map { EmulatedPartSweepTests.dependents(of: $0, in: description) }
        var fresh = try Bench(part)
        let logged = ReadLog(fresh.bus)
        #expect(fresh.read(on: logged) == nil)
        for (written, count) in logged.reads {
            for byte in 0..<count {
                for mask in [UInt8(0x01), 0x10, 0x80] {
                    var bench = try Bench(part)
                    let error = bench.read(on: DamagedBus(bench.bus, written: written, count: count, byte: byte, mask: mask))
                    if error != nil { continue }
                    let changed = description.quantities.filter { quantity in
                        bench.reading.given.first { $0.quantity == quantity } != truth.given.first { $0.quantity == quantity }
                    }
                    #expect(
                        changed.isEmpty || groups.contains { $0.isSuperset(of: changed) },
                        "byte \(byte) of \(count) after \(written): \(changed.map(\.rawValue))")
                    #expect(bench.reading.withheld.allSatisfy { changed.contains($0.quantity) })
                }
            }
        }
        #expect(!logged.reads.isEmpty)
    }

    /// The coefficients of one group set to 0 or −1, each as its registers would read.
    @Test(
        "An impossible coefficient spoils its quantity",
        arguments: [
            ("88", .temperature), ("8a", .temperature), ("8e", .pressure), ("90", .pressure), ("92", .pressure), ("9a", .pressure),
            ("9c", .pressure), ("9e", .pressure), ("e1", .humidity),
        ] as [(String, Quantity)], ["0000", "ffff"])
    func anImpossibleCoefficientSpoilsItsQuantity(_ place: (register: String, quantity: Quantity), _ value: String) throws {
        let register = try #require(Int(place.register, radix: 16))
        let blocks = [
            (0x88, "706b436718fc7d8e43d6d00b270b8c00f9ff8c3cf8c67017"), (0xA1, "4b"), (0xE1, "6a01001424031e"), (0xF7, "655ac07eed007148"),
        ]
        let memory = blocks.map { start, bytes in
            var text = bytes
            let offset = (register - start) * 2
            if offset >= 0, offset < bytes.count {
                let from = text.index(text.startIndex, offsetBy: offset)
                text.replaceSubrange(from..<text.index(from, offsetBy: 4), with: value)
            }
            return "\"\(String(start, radix: 16))\": \"\(text)\""
        }
        let recording = "{\"memory\": {\(memory.joined(separator: ", "))}}"
        switch try ReplayTests.replay("bme280", recording) {
        case .failure(let error):
            #expect(place.quantity == .temperature)
            #expect(error.kind == .notReady && error.detail.contains("coefficients are impossible"))
        case .success(let reading):
            #expect(reading.withheld.map(\.quantity) == [place.quantity])
            #expect(reading.withheld.first?.error.kind == .notReady)
        }
    }

    /// Everything real that is in these tests converts.
    @Test("Real coefficients are not refused") func realCoefficientsAreNotRefused() {
        for sample in BMx280ConversionTests.samples {
            let coefficients = BMx280Coefficients(
                block: frame(sample.block), humidity: .init(h1: sample.h1, block: frame(sample.humidityBlock)))
            #expect(coefficients.faults == [], "\(sample.name)")
        }
        // Of public reports: T3 50 and −1000, P5 −40 and 146.
        for block in ["8e7049673200ef8a8fd6d00b7f1cd8fff9ffac260ad8bd10", "ef6bae6518fc989315d6d00bea159200f9ff8c3cf8c67017"] {
            #expect(BMx280Coefficients(block: frame(block), humidity: nil).faults == [])
        }
    }

    /// The first read of the coefficients may be disturbed twice alike; they are read anew.
    @Test("Impossible coefficients are read anew") func impossibleCoefficientsAreReadAnew() throws {
        var bench = try Bench(try EmulatedPart.named("bme280"))
        // Chip id, reset, status, filter; then the block, twice.
        let first = 4
        bench.bus.faults = I2CFaultPlan(
            (0..<2).flatMap { transfer in
                [I2CFaultPlan.Rule(.corrupt(byte: 7, mask: 0x8E), at: .transfers(first + transfer..<first + transfer + 1))]
            })
        #expect(bench.read() == nil)
        #expect(bench.bus.unusedFaults == [])
        try bench.expectWhole()
    }

    /// A part that withholds something runs on and gives the rest; now and then it is started anew, and is whole again when
    /// that cures it.
    @Test("What is withheld comes back") func whatIsWithheldComesBack() throws {
        let part = try EmulatedPart.named("bme280")
        var bench = try Bench(part)
        // H2 reads 0 all through the start.
        let sick = DamagedBus(bench.bus, written: [0xE1], count: 7, byte: 0, mask: 0x6A, and: (1, 0x01))
        #expect(bench.read(on: sick) == nil)
        for _ in 0..<25 {
            #expect(bench.reading.given.map(\.quantity) == [.temperature, .pressure])
            bench.clock.sleep(for: .seconds(1))
            #expect(bench.read() == nil)
        }
        bench.clock.sleep(for: .seconds(5))
        #expect(bench.read() == nil)
        try bench.expectWhole()
    }

    /// A part that stays so costs itself less and less: 30 s, 1 min, 2 min … 1 h between the starts.
    @Test("A part that stays so is started seldom") func aPartThatStaysSoIsStartedSeldom() throws {
        var bench = try Bench(try EmulatedPart.named("bme280"))
        let sick = DamagedBus(bench.bus, written: [0xE1], count: 7, byte: 0, mask: 0x6A, and: (1, 0x01))
        var starts: [Int64] = []
        let begin = bench.clock.now()
        for _ in 0..<400 {
            let before = sick.damaged
            #expect(bench.read(on: sick) == nil)
            #expect(bench.reading.given.map(\.quantity) == [.temperature, .pressure])
            if sick.damaged > before { starts.append((bench.clock.now() - begin).nanoseconds / 1_000_000_000) }
            bench.clock.sleep(for: .seconds(1))
        }
        #expect(starts == [0, 30, 90, 210], "\(starts)")
    }

    /// Whatever somebody's driver wrote into the calendar, bits that are always 0 aside.
    @Test("A clock that nobody set tells its temperature") func aClockThatNobodySetTellsItsTemperature() throws {
        var random = SeededRandom(seed: 1)
        let kept: [UInt8] = [0x7F, 0x7F, 0x7F, 0x07, 0x3F, 0x9F, 0xFF]
        for turn in 0..<200 {
            var clock = EmulatedDS3231()
            clock.calendar = kept.map { turn == 0 ? 0 : UInt8.random(in: 0...255, using: &random) & $0 }
            var part = try EmulatedPart.named("ds3231")
            part.device = clock
            var bench = try Bench(part)
            #expect(bench.read() == nil, "\(clock.calendar)")
            try bench.expectWhole()
            let found = PartScan.look(at: part.address, on: bench.bus, clock: bench.clock)
            #expect(found.map(\.part) == ["ds3231"])
        }
    }

    /// Masses, numbers and size as ten values.
    @Test(
        "Particles must not contradict each other",
        arguments: [
            ([1, 2, 3, 4, 10, 11, 12, 13, 14, 0.5], true), ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0], true),
            ([0.1, 0.1, 0.1, 0.1, 0.6, 0.7, 0.7, 0.7, 0.7, 0.5], true), ([0, 0, 0, 0, 0.2, 0.2, 0.2, 0.2, 0.2, 0.4], true),
            // A part that dies; nothing but a size.
            ([0, 0, 0, 0, 0, 0, 0, 0, 0, 1.63], false), ([0, 0, 0, -0.0, 0, 0, 0, 0, 0, 0.5], false),
            ([2, 1, 3, 4, 10, 11, 12, 13, 14, 0.5], false), ([1, 2, 3, 4, 10, 11, 12, 14, 13, 0.5], false),
            ([1, 2, 3, 4, 0, 0, 0, 0, 0, 0.5], false), ([0, 0, 0, 0, 10, 11, 12, 13, 14, 0.5], false),
            ([1, 2, 3, 4, 10, 11, 12, 13, .infinity, 0.5], false), ([1, 2, 3, 4, 10, 11, 12, 13, 14, .nan], false),
            ([1, 2, 3, 4, 10, -11, 12, 13, 14, 0.5], false),
        ] as [([Float], Bool)])
    func particlesMustNotContradictEachOther(_ values: [Float], _ isSound: Bool) throws {
        let words = values.flatMap { [UInt16($0.bitPattern >> 16), UInt16(truncatingIfNeeded: $0.bitPattern)] }
        let bytes = words.flatMap { word -> [UInt8] in
            let (high, low) = (UInt8(word >> 8), UInt8(word & 0xFF))
            return [high, low, PartLink.sensirionCRC.checksum(of: high, low)]
        }
        let recording = "{\"responses\": {\"0300\": [\"\(bytes.map(hexadecimal).joined())\"]}}"
        switch try ReplayTests.replay("sps30", recording) {
        case .success(let reading):
            #expect(isSound)
            #expect(reading.given.map(\.value) == values.prefix(4).map(Double.init))
            #expect(reading.given.allSatisfy { $0.value.sign == .plus })
        case .failure(let error):
            #expect(!isSound && error.kind == .outOfRange)
            #expect(error.detail.contains("contradict"))
        }
    }

    /// A negative zero is none.
    @Test("A negative zero is given as zero") func aNegativeZeroIsGivenAsZero() throws {
        let bytes = String(repeating: "8000a2000081", count: 9) + "000081000081"
        let reading = try ReplayTests.replay("sps30", "{\"responses\": {\"0300\": [\"\(bytes)\"]}}").get()
        #expect(reading.given.map { "\($0.value)" } == ["0.0", "0.0", "0.0", "0.0"])
    }
}

/// Notes what is read after which write, each once.
private final class ReadLog: I2CBus {
    private let bus: any I2CBus
    private(set) var reads: [(written: [UInt8], count: Int)] = []
    private var pending: [UInt8] = []

    init(_ bus: any I2CBus) { self.bus = bus }

    var name: String { bus.name }

    func transfer(
        to address: I2CAddress, write: UnsafeBufferPointer<UInt8>, read: UnsafeMutableBufferPointer<UInt8>
    ) throws(I2CError) {
        if !write.isEmpty { pending = Array(write) }
        if !read.isEmpty, !reads.contains(where: { $0.written == pending && $0.count == read.count }) {
            reads.append((pending, read.count))
        }
        try bus.transfer(to: address, write: write, read: read)
    }
}

/// Damages one byte, or two, in every read of `count` bytes that follows a write of `written`.
private final class DamagedBus: I2CBus {
    private let bus: any I2CBus
    private let written: [UInt8]
    private let count: Int
    private let damage: [(byte: Int, mask: UInt8)]
    private var pending: [UInt8] = []
    private(set) var damaged = 0

    init(_ bus: any I2CBus, written: [UInt8], count: Int, byte: Int, mask: UInt8, and other: (Int, UInt8)? = nil) {
        self.bus = bus
        self.written = written
        self.count = count
        damage = [(byte, mask)] + (other.map { [($0.0, $0.1)] } ?? [])
    }

    var name: String { bus.name }

    func transfer(
        to address: I2CAddress, write: UnsafeBufferPointer<UInt8>, read: UnsafeMutableBufferPointer<UInt8>
    ) throws(I2CError) {
        if !write.isEmpty { pending = Array(write) }
        try bus.transfer(to: address, write: write, read: read)
        guard pending == written, read.count == count else { return }
        damaged += 1
        for (byte, mask) in damage { read[byte] ^= mask }
    }
}

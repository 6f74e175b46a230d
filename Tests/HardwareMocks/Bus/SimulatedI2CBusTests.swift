import SensorCore
import TestSupport
import Testing

@testable import HardwareMocks

/// Time that moves only when somebody sleeps.
private final class TestClock: NodeClock, @unchecked Sendable {
    // Sound without a lock: each test uses its clock from one thread.
    private var instant = MonotonicInstant(nanoseconds: 1_000_000_000)

    var bootID: BootID { BootID("test") }
    func now() -> MonotonicInstant { instant }
    func reading() -> ClockReading { ClockReading(instant: instant, utc: nil) }
    func sleep(until deadline: MonotonicInstant) { instant = max(instant, deadline) }
}

/// Keeps what it is told; answers with a counter.
private struct Echo: EmulatedI2CDevice {
    var powerUps = 0
    var written: [[UInt8]] = []

    mutating func powerUp(at now: MonotonicInstant) { powerUps += 1 }
    mutating func write(_ bytes: [UInt8], at now: MonotonicInstant) -> Bool {
        written.append(bytes)
        return bytes != [0xBA, 0xD0]
    }
    mutating func read(_ count: Int, at now: MonotonicInstant) -> [UInt8]? { (0..<count).map { UInt8($0 + 1) } }
    mutating func feel(_ quantity: Quantity, _ value: Double) {}
    func value(of quantity: Quantity) -> Double? { nil }
    func span(of quantity: Quantity) -> EmulatedSpan? { nil }
    var conversionTime: TimeSpan?
    var longestConversion: TimeSpan { .zero }
}

@Suite struct SimulatedI2CBusTests {
    private let clock = TestClock()
    private let address = I2CAddress(0x76)!

    private func bus(_ rules: [I2CFaultPlan.Rule] = []) -> SimulatedI2CBus {
        let bus = SimulatedI2CBus(clock: clock, faults: I2CFaultPlan(rules))
        bus.plug(Echo(), at: address)
        return bus
    }

    @Test("Carries bytes both ways") func carriesBytesBothWays() {
        let bus = bus()
        #expect(bus.exchange([1, 2], 3) == .success([1, 2, 3]))
        #expect(bus.exchange([0xBA, 0xD0], 0) == .failure(.nack))
        #expect(bus.exchange([], 1) == .success([1]))
        var seen: [[UInt8]] = []
        #expect(bus.change(Echo.self, at: address) { seen = $0.written })
        #expect(seen == [[1, 2], [0xBA, 0xD0]])
        #expect(bus.transferCount == 3)
    }

    @Test("Nobody answers at another address") func nobodyAnswersAtAnotherAddress() {
        let bus = bus()
        #expect(bus.exchange([1], 1, at: 0x77) == .failure(.nack))
        #expect(bus.exchange([], 1, at: 0x77) == .failure(.nack))
        bus.unplug(address)
        #expect(bus.exchange([1], 1) == .failure(.nack))
        #expect(!bus.change(EmulatedSHT4x.self, at: address) { _ in })
    }

    @Test(
        "Faults happen exactly when planned",
        arguments: [
            (.nack, .failure(.nack)), (.stuck, .failure(.bus)),
            (.timeout(after: .milliseconds(20)), .failure(.timeout)),
            (.unplugged, .failure(.nack)), (.corrupt(byte: 1, mask: 0x80), .success([1, 0x82, 3])),
            (.short(bytes: 1), .success([1, 0xFF, 0xFF])), (.filled(0), .success([0, 0, 0])),
        ] as [(I2CFaultPlan.Fault, Exchange)])
    func faultsHappenExactlyWhenPlanned(_ fault: I2CFaultPlan.Fault, _ result: Exchange) {
        let bus = bus([.init(fault, at: .transfers(1..<2))])
        #expect(bus.exchange([0], 3) == .success([1, 2, 3]))
        #expect(bus.unusedFaults.count == 1)
        #expect(bus.exchange([0], 3) == result)
        #expect(bus.unusedFaults == [])
        #expect(bus.exchange([0], 3) == .success([1, 2, 3]))
    }

    @Test("A timeout takes its time") func aTimeoutTakesItsTime() {
        let bus = bus([.init(.timeout(after: .milliseconds(20)), at: .transfers(0..<1))])
        let begin = clock.now()
        #expect(bus.exchange([0], 3) == .failure(.timeout))
        #expect(clock.now() - begin == .milliseconds(20))
    }

    @Test("A part without power comes up anew") func aPartWithoutPowerComesUpAnew() {
        let begin = clock.now()
        let bus = bus([.init(.unplugged, at: .time(begin + .seconds(1)..<begin + .seconds(2)))])
        var powerUps: [Int] = []
        for _ in 0..<4 {
            _ = bus.exchange([0], 0)
            bus.change(Echo.self, at: address) { powerUps.append($0.powerUps) }
            clock.sleep(for: .milliseconds(700))
        }
        #expect(powerUps == [1, 1, 1, 2])
    }

    @Test("A rule for an address counts its transfers only") func aRuleForAnAddressCountsItsTransfersOnly() {
        let other = I2CAddress(0x44)!
        let bus = bus([.init(.nack, at: .transfers(1..<2), address: other)])
        bus.plug(Echo(), at: other)
        #expect(bus.exchange([0], 0, at: 0x44) == .success([]))
        #expect(bus.exchange([0], 0) == .success([]))
        #expect(bus.exchange([0], 0, at: 0x44) == .failure(.nack))
        #expect(bus.exchange([0], 0, at: 0x44) == .success([]))
    }
}

@Suite struct EmulatedDeviceTests {
    private func at(_ microseconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: microseconds * 1_000) }

    @Test("BME280 measures in forced mode") func bme280MeasuresInForcedMode() {
        var device = EmulatedBME280()
        device.powerUp(at: at(0))
        #expect(device.write([0xD0], at: at(5_000)) == true)
        #expect(device.read(1, at: at(5_000)) == [0x60])
        // ctrl_hum alone does nothing; with ctrl_meas it counts.
        _ = device.write([0xF2, 0x01, 0xF4, 0x25], at: at(10_000))
        _ = device.write([0xF3], at: at(10_000))
        #expect(device.read(2, at: at(19_299)) == [0x08, 0x25])
        _ = device.write([0xF7], at: at(19_299))
        #expect(device.read(8, at: at(19_299)) == [0x80, 0, 0, 0x80, 0, 0, 0x80, 0])
        _ = device.write([0xF3], at: at(19_300))
        #expect(device.read(2, at: at(19_300)) == [0x00, 0x24])
        _ = device.write([0xF7], at: at(19_300))
        let data = device.read(8, at: at(19_300)) ?? []
        #expect(data != [0x80, 0, 0, 0x80, 0, 0, 0x80, 0])
        _ = device.write([0xE0, 0xB6], at: at(30_000))
        _ = device.write([0xF3], at: at(31_999))
        #expect(device.read(1, at: at(31_999)) == [0x01])
        _ = device.write([0x88], at: at(31_999))
        #expect(device.read(2, at: at(31_999)) == [0, 0])
        _ = device.write([0x88], at: at(32_000))
        #expect(device.read(2, at: at(32_000)) == [0x70, 0x6B])
    }

    @Test("BME280 skips humidity until told again") func bme280SkipsHumidityUntilToldAgain() {
        var device = EmulatedBME280()
        device.powerUp(at: at(0))
        _ = device.write([0xF4, 0x25], at: at(5_000))
        _ = device.write([0xFD], at: at(30_000))
        #expect(device.read(2, at: at(30_000)) == [0x80, 0x00])
        _ = device.write([0xF2, 0x01], at: at(30_000))
        _ = device.write([0xF4, 0x25], at: at(30_000))
        _ = device.write([0xFD], at: at(60_000))
        #expect(device.read(2, at: at(60_000)) != [0x80, 0x00])
    }

    /// BMP280 §3.12 backwards: 25.08 °C is reached with the example's raw temperature, to one unit of 0.01 °C.
    @Test("The inversion agrees with the datasheets example") func theInversionAgreesWithTheDatasheetsExample() {
        let raw = BME280Coefficients.example.raw(temperature: 25.08, pressure: 100_653.27, humidity: 50)
        // 0.01 °C are 32 counts, 1 Pa about 6.
        #expect(abs(raw.temperature - 519_888) <= 32)
        #expect(abs(raw.pressure - 415_148) <= 40)
    }

    @Test("SHT4x keeps its command timing") func sht4xKeepsItsCommandTiming() {
        var device = EmulatedSHT4x()
        device.powerUp(at: at(0))
        #expect(device.write([0xFD], at: at(999)) == false)
        #expect(device.write([0xFD], at: at(1_000)) == true)
        #expect(device.write([0x89], at: at(2_000)) == false)
        #expect(device.read(6, at: at(9_299)) == nil)
        #expect(device.read(6, at: at(9_300)) != nil)
        #expect(device.read(6, at: at(9_400)) == nil)
        #expect(device.write([0x39], at: at(10_000)) == false)
        #expect(device.write([0xFD, 0x00], at: at(10_000)) == false)
        #expect(device.write([0xFD], at: at(10_000)) == true)
        #expect(device.write([0x94], at: at(11_000)) == true)
        #expect(device.read(6, at: at(30_000)) == nil)
    }

    /// Checksums as in Sensirion's sensirion-i2c-driver 1.0.2.
    @Test("SHT4x sends checksums") func sht4xSendsChecksums() {
        var device = EmulatedSHT4x()
        device.temperature = 25
        device.humidity = 56.50095368886854
        _ = device.write([0xFD], at: at(0))
        #expect(device.read(6, at: at(10_000)) == [0x66, 0x66, 0x93, 0x80, 0x00, 0xA2])
        _ = device.write([0x89], at: at(20_000))
        #expect(device.read(6, at: at(20_000)) == [0x0F, 0xBA, 0x7C, 0x7C, 0x4D, 0x7F])
        device.temperature = 500
        device.humidity = -500
        _ = device.write([0xFD], at: at(30_000))
        #expect(device.read(6, at: at(40_000)) == [0xFF, 0xFF, 0xAC, 0x00, 0x00, 0x81])
    }
}

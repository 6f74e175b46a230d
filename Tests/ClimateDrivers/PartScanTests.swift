import HardwareMocks
import SensorCore
import Testing

@testable import ClimateDrivers

@Suite struct PartScanTests {
    static func certainty(_ name: String) -> PartIdentity.Certainty {
        switch name {
        case "bme280", "bmp280", "bme680", "tmp117", "scd40", "scd41", "sps30": .certain
        case "bh1750": .possible
        default: .likely
        }
    }

    /// Each part at each of its addresses, fresh from power-up and after it was read.
    @Test(arguments: EmulatedPart.all, [false, true]) func findsEachPart(_ part: EmulatedPart, _ wasRead: Bool) throws {
        for address in try part.description.addresses {
            var placed = part
            placed.address = address
            var bench = try Bench(placed)
            if wasRead { #expect(bench.read() == nil) }
            let findings = PartScan.look(at: address, on: bench.bus, clock: bench.clock)
            // A part that measures answers nobody who asks for its variant.
            if part.name == "scd40", wasRead {
                #expect(findings.allSatisfy { $0.part == nil })
                continue
            }
            #expect(findings.contains { $0.part == part.name && $0.certainty == Self.certainty(part.name) }, "\(findings)")
            let family = try #require(ClimateParts.families.first { $0.contains { $0.description.name == part.name } })
            #expect(findings.allSatisfy { finding in family.contains { $0.description.name == finding.part } }, "\(findings)")
            // What was running runs on as before.
            bench.clock.sleep(for: .seconds(31))
            #expect(bench.read() == nil)
            try placed.expect(bench.readings, EmulatedPart.usual)
        }
    }

    @Test func findsAMultiplexerAndNobody() {
        let clock = TestClock()
        let bus = SimulatedI2CBus(clock: clock)
        bus.plug(EmulatedTCA9548A(), at: I2CAddress(0x70)!)
        #expect(PartScan.addresses.filter { !PartScan.look(at: $0, on: bus, clock: clock).isEmpty }.map(\.rawValue) == [0x70])
        let found = PartScan.look(at: I2CAddress(0x70)!, on: bus, clock: clock)
        #expect(found.map(\.part) == ["tca9548a"] && found.map(\.certainty) == [.possible])
    }

    /// It is named, and not touched.
    @Test func leavesAloneWhatTheKernelHolds() {
        let clock = TestClock()
        let bus = SimulatedI2CBus(clock: clock)
        let address = I2CAddress(0x68)!
        bus.plug(EmulatedDS3231(), at: address)
        bus.bind(address, to: "rtc-ds1307", values: [:])
        let found = PartScan.look(at: address, on: bus, clock: clock)
        #expect(found.map(\.part) == ["ds3231"])
        #expect(found[0].evidence == "the kernel's driver rtc-ds1307 holds it")
        #expect(bus.transferCount == 0)
    }

    /// Nothing but short writes, each followed by a read: no register of anybody is changed.
    @Test func asksPolitely() {
        let clock = TestClock()
        for address in PartScan.addresses {
            let bus = PoliteBus()
            _ = PartScan.look(at: address, on: bus, clock: clock)
            #expect(bus.longestWrite <= 2)
        }
    }
}

/// Answers everything with 0x5A.
private final class PoliteBus: I2CBus {
    let name = "polite"
    private(set) var longestWrite = 0

    func transfer(
        to address: I2CAddress, write: UnsafeBufferPointer<UInt8>, read: UnsafeMutableBufferPointer<UInt8>
    ) throws(I2CError) {
        longestWrite = max(longestWrite, write.count)
        for index in read.indices { read[index] = 0x5A }
    }
}

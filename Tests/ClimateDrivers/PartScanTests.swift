import HardwareMocks
import SensorCore
import Testing

@testable import ClimateDrivers

@Suite struct PartScanTests {
    /// Each part at each of its addresses, fresh from power-up and after it was read.
    @Test("Finds each part", arguments: EmulatedPart.all, [false, true]) func findsEachPart(_ part: EmulatedPart, _ wasRead: Bool) throws {
        for address in try part.description.addresses {
            var placed = part
            placed.address = address
            var bench = try Bench(placed)
            if wasRead { #expect(bench.read() == nil) }
            let findings = PartScan.look(at: address, on: bench.bus, clock: bench.clock)
            // Some answer nobody while they measure throughout: then nobody is named.
            if wasRead, findings.allSatisfy({ $0.part == nil }) { continue }
            #expect(findings.contains { $0.part == part.name }, "\(findings)")
            // Who is certain says its name, so nobody else is named beside it.
            #expect(findings.allSatisfy { $0.certainty != .certain } || findings.count == 1, "\(findings)")
            let family = try #require(ClimateParts.families.first { $0.contains { $0.description.name == part.name } })
            #expect(findings.allSatisfy { finding in family.contains { $0.description.name == finding.part } }, "\(findings)")
            // What was running runs on as before.
            bench.clock.sleep(for: .seconds(31))
            #expect(bench.read() == nil)
            try bench.expectWhole()
        }
    }

    @Test(
        "Says how sure it is",
        arguments: [
            ("bme280", .certain), ("bme680", .certain), ("tmp117", .certain), ("scd40", .certain), ("scd43", .certain), ("sps30", .certain),
            ("bh1750", .possible), ("sht43", .likely), ("ina219", .likely), ("tmp102", .likely), ("ds3231", .likely),
        ] as [(String, PartIdentity.Certainty)])
    func saysHowSureItIs(_ name: String, _ certainty: PartIdentity.Certainty) throws {
        let part = try EmulatedPart.named(name)
        let bench = try Bench(part)
        let findings = PartScan.look(at: part.address, on: bench.bus, clock: bench.clock)
        #expect(findings.contains { $0.part == name && $0.certainty == certainty }, "\(findings)")
    }

    @Test("Finds a multiplexer and nobody") func findsAMultiplexerAndNobody() {
        let clock = TestClock()
        let bus = SimulatedI2CBus(clock: clock)
        bus.plug(EmulatedTCA9548A(), at: I2CAddress(0x70)!)
        #expect(PartScan.addresses.filter { !PartScan.look(at: $0, on: bus, clock: clock).isEmpty }.map(\.rawValue) == [0x70])
        let found = PartScan.look(at: I2CAddress(0x70)!, on: bus, clock: clock)
        #expect(found.map(\.part) == ["tca9548a"] && found.map(\.certainty) == [.possible])
    }

    /// It is named, and not touched.
    @Test("Leaves alone what the kernel holds") func leavesAloneWhatTheKernelHolds() {
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
    @Test("Asks politely") func asksPolitely() {
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

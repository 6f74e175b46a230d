import SensorCore
import Testing

@testable import ClimateDrivers

@Suite struct BusHealthTests {
    static let a = I2CAddress(0x44)!
    static let b = I2CAddress(0x76)!

    static func error(_ kind: I2CError.Kind) -> I2CError { I2CError(kind: kind, operation: "x") }

    @Test("Names the wire", arguments: [(I2CError.Kind.timeout, BusHealth.Wire.clock), (.bus, .data)])
    func namesTheWire(_ kind: I2CError.Kind, _ wire: BusHealth.Wire) {
        var health = BusHealth(partCount: 2)
        #expect(health.failed(Self.error(kind), at: Self.a) == nil)
        #expect(health.failed(Self.error(kind), at: Self.b) == nil)
        #expect(health.failed(Self.error(kind), at: Self.a) == nil)
        #expect(health.failed(Self.error(kind), at: Self.b) == .stuck(wire))
        #expect(health.isStuck)
        // Said once.
        #expect(health.failed(Self.error(kind), at: Self.a) == nil)
        #expect(health.worked() == .free)
        #expect(health.worked() == nil && !health.isStuck)
    }

    /// However often one part hangs, the others show that the wires are free.
    @Test("One part that hangs makes no bus stuck") func onePartThatHangsMakesNoBusStuck() {
        var health = BusHealth(partCount: 3)
        for _ in 0..<100 { #expect(health.failed(Self.error(.timeout), at: Self.a) == nil) }
        #expect(health.failed(Self.error(.nack), at: Self.b) == nil)
        for _ in 0..<3 { #expect(health.failed(Self.error(.timeout), at: Self.b) == nil) }
    }

    @Test("The only part of a bus is the bus") func theOnlyPartOfABusIsTheBus() {
        var health = BusHealth(partCount: 1)
        for _ in 0..<3 { #expect(health.failed(Self.error(.timeout), at: Self.a) == nil) }
        #expect(health.failed(Self.error(.timeout), at: Self.a) == .stuck(.clock))
        // A refusal needs both wires.
        #expect(health.failed(Self.error(.nack), at: Self.a) == .free)
    }

    @Test("What is not of the wires does not count", arguments: [I2CError.Kind.unavailable, .held, .notRecorded, .nack])
    func whatIsNotOfTheWiresDoesNotCount(_ kind: I2CError.Kind) {
        var health = BusHealth(partCount: 1)
        for _ in 0..<20 { #expect(health.failed(Self.error(kind), at: Self.a) == nil) }
    }
}

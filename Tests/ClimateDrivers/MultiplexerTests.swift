import HardwareMocks
import SensorCore
import Testing

@testable import ClimateDrivers

/// Parts with one address behind channels of one or two TCA9548A.
@Suite struct MultiplexerTests {
    static let first = I2CAddress(0x70)!
    static let second = I2CAddress(0x71)!
    static let part = I2CAddress(0x44)!

    final class Street {
        let clock = TestClock()
        let bus: SimulatedI2CBus
        let multiplexers: BusMultiplexers
        var reading = PartReading()

        init() {
            bus = SimulatedI2CBus(clock: clock)
            bus.plug(EmulatedTCA9548A(), at: MultiplexerTests.first)
            bus.plug(EmulatedTCA9548A(), at: MultiplexerTests.second)
            for (multiplexer, channel, temperature) in [
                (MultiplexerTests.first, 0, 10.0), (MultiplexerTests.first, 7, 17), (MultiplexerTests.second, 0, 20),
            ] {
                bus.plug(EmulatedSHT4x(), at: MultiplexerTests.part, behind: multiplexer, channel: channel)
                bus.feel(.temperature, temperature, at: MultiplexerTests.part, behind: multiplexer, channel: channel)
            }
            multiplexers = BusMultiplexers(bus, addresses: [MultiplexerTests.first, MultiplexerTests.second])
            clock.sleep(for: .milliseconds(10))
        }

        func temperature(_ reader: inout PartReader, _ bus: any I2CBus) throws -> Double {
            try reader.read(on: bus, clock: clock, into: &reading)
            return (reading.given[0].value * 100).rounded() / 100
        }
    }

    @Test("Each channel has its own part") func eachChannelHasItsOwnPart() throws {
        let street = Street()
        let places = [(Self.first, 0, 10.0), (Self.first, 7, 17), (Self.second, 0, 20)]
        let buses = places.map { street.multiplexers.bus(behind: $0.0, channel: $0.1) }
        var readers = try places.map { _ in try #require(PartReader(part: "sht40", at: Self.part)) }
        for _ in 0..<3 {
            for (index, place) in places.enumerated() {
                let value = try street.temperature(&readers[index], buses[index])
                #expect(value == place.2)
            }
        }
        #expect(buses[1].name == "simulated bus behind 0x70 channel 7")
    }

    /// As the climate service does it: steps of all of them, one after the other.
    @Test("Steps of several parts may alternate") func stepsOfSeveralPartsMayAlternate() throws {
        let street = Street()
        let buses = [(Self.first, 0), (Self.first, 7), (Self.second, 0)].map { street.multiplexers.bus(behind: $0.0, channel: $0.1) }
        var readers = try buses.map { _ in try #require(PartReader(part: "sht40", at: Self.part)) }
        var found: [Double?] = [nil, nil, nil]
        var reading = PartReading()
        while found.contains(nil) {
            for index in readers.indices where found[index] == nil {
                if case .finished = try readers[index].advance(on: buses[index], clock: street.clock, into: &reading) {
                    found[index] = reading.given[0].value.rounded()
                }
            }
            street.clock.sleep(for: .milliseconds(1))
        }
        #expect(found == [10, 17, 20])
    }

    /// It comes up with all channels closed, while the node still believes one to be open.
    @Test("A multiplexer that lost its power is set anew") func aMultiplexerThatLostItsPowerIsSetAnew() throws {
        let street = Street()
        let bus = street.multiplexers.bus(behind: Self.first, channel: 7)
        var reader = try #require(PartReader(part: "sht40", at: Self.part))
        #expect(try street.temperature(&reader, bus) == 17)
        street.bus.plug(EmulatedTCA9548A(), at: Self.first)
        #expect(try street.temperature(&reader, bus) == 17)
    }

    /// A fault of each transfer to the multiplexers: never the part of another channel.
    @Test(
        "A fault never gives another channels part",
        arguments: [
            I2CFaultPlan.Fault.nack, .stuck, .timeout(after: .milliseconds(20)), .filled(0), .filled(0xFF), .corrupt(byte: 0, mask: 2),
            .nackByte(0), .short(bytes: 0),
        ])
    func aFaultNeverGivesAnotherChannelsPart(_ fault: I2CFaultPlan.Fault) throws {
        for address in [Self.first, Self.second] {
            for position in 0..<4 {
                let street = Street()
                let buses = [(Self.first, 7), (Self.second, 0)].map { street.multiplexers.bus(behind: $0.0, channel: $0.1) }
                var readers = try buses.map { _ in try #require(PartReader(part: "sht40", at: Self.part)) }
                street.bus.faults = I2CFaultPlan([.init(fault, at: .transfers(position..<position + 1), address: address)])
                for _ in 0..<4 {
                    for (index, expected) in [17.0, 20].enumerated() {
                        do {
                            let value = try street.temperature(&readers[index], buses[index])
                            #expect(value == expected, "\(fault) at \(position) of \(address)")
                        } catch is SensorError {
                            street.clock.sleep(for: .seconds(31))
                        }
                    }
                }
                let last = try street.temperature(&readers[0], buses[0])
                #expect(last == 17)
            }
        }
    }

    /// The kernel knows the bus alone: what holds the multiplexer holds what is behind it, and its values are asked for there;
    /// a clock of the kernel's on the bus itself is another part than the one behind the channel.
    @Test("The kernel is asked for the multiplexer") func theKernelIsAskedForTheMultiplexer() throws {
        let street = Street()
        let clock = try #require(I2CAddress(0x68))
        let bus = street.multiplexers.bus(behind: Self.first, channel: 3)
        street.bus.bind(clock, to: "rtc-ds1307", values: ["hwmon/*/temp1_input": 23_250])
        #expect(bus.kernelDriver(at: clock) == nil)
        #expect(throws: I2CError.self) { _ = try bus.kernelValue("hwmon/*/temp1_input", at: clock) }
        street.bus.bind(Self.first, to: "pca954x", values: ["idle_state": -2])
        #expect(bus.kernelDriver(at: clock) == "pca954x")
        let value = try bus.kernelValue("idle_state", at: clock)
        #expect(value == -2)
    }

    @Test("A multiplexer that is missing is named") func aMultiplexerThatIsMissingIsNamed() throws {
        let street = Street()
        street.bus.unplug(Self.first)
        let bus = street.multiplexers.bus(behind: Self.first, channel: 0)
        var reader = try #require(PartReader(part: "sht40", at: Self.part))
        do {
            _ = try street.temperature(&reader, bus)
            Issue.record("nobody was there")
        } catch let error as SensorError {
            #expect(error.kind == .nack)
            #expect(error.detail.contains("set the multiplexer at 0x70 on simulated bus"))
        }
    }
}

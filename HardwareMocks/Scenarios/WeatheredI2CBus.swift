public import SensorCore

/// A climate sensor to be emulated.
public struct EmulatedSensor: Hashable, Sendable {
    public var name: String
    /// "bme280"
    public var part: String
    public var address: I2CAddress
    /// nil for one directly on its bus.
    public var multiplexer: MultiplexerPort?

    public init(name: String, part: String, address: I2CAddress, multiplexer: MultiplexerPort? = nil) {
        self.name = name
        self.part = part
        self.address = address
        self.multiplexer = multiplexer
    }
}

/// A simulated bus whose parts feel the weather of a scenario, which is brought up to date before each transfer.
public final class WeatheredI2CBus: I2CBus {
    private let bus: SimulatedI2CBus
    private let scenario: Scenario
    private let clock: any NodeClock
    private let start: MonotonicInstant
    private let sensors: [EmulatedSensor]

    public var name: String { bus.name }

    /// - Parameter start: the moment the scenario's times count from.
    public init(
        name: String, sensors: [EmulatedSensor], scenario: Scenario, clock: any NodeClock, start: MonotonicInstant
    ) {
        self.scenario = scenario
        self.clock = clock
        self.start = start
        self.sensors = sensors
        var rules: [I2CFaultPlan.Rule] = []
        for unplugging in scenario.unpluggings {
            for sensor in sensors where sensor.name == unplugging.sensor {
                rules.append(
                    .init(
                        .unplugged, at: .time(start + unplugging.from..<start + max(unplugging.from, unplugging.to)),
                        address: sensor.address))
            }
        }
        bus = SimulatedI2CBus(name: name, clock: clock, faults: I2CFaultPlan(rules))
        // The box has power for a while when the node starts.
        let powered = clock.now() - .seconds(10)
        for sensor in sensors {
            // Without an emulator the simulated node finds nobody at the address.
            guard let device = EmulatedParts.part(named: sensor.part) else { continue }
            if let port = sensor.multiplexer {
                if bus.isFree(port.address) { bus.plug(EmulatedTCA9548A(), at: port.address, poweredSince: powered) }
                bus.plug(device, at: sensor.address, behind: port.address, channel: port.channel, poweredSince: powered)
            } else {
                bus.plug(device, at: sensor.address, poweredSince: powered)
            }
        }
    }

    public func transfer(
        to address: I2CAddress, write: UnsafeBufferPointer<UInt8>, read: UnsafeMutableBufferPointer<UInt8>
    ) throws(I2CError) {
        feelWeather(at: address)
        try bus.transfer(to: address, write: write, read: read)
    }

    private func feelWeather(at address: I2CAddress) {
        let time = clock.now() - start
        let temperature = scenario.temperature.value(at: time)
        let humidity = scenario.humidity.value(at: time)
        let pressure = scenario.pressure.value(at: time)
        bus.feel(.temperature, temperature, at: address)
        bus.feel(.humidity, humidity, at: address)
        bus.feel(.pressure, pressure, at: address)
    }
}

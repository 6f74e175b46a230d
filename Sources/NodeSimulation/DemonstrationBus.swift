import HardwareMocks
package import SensorCore

/// A bus to look at without hardware: a BME280, an SHT40, and an SCD41 behind a TCA9548A.
package func demonstrationBus(name: String, clock: any NodeClock) -> any I2CBus {
    let bus = SimulatedI2CBus(name: name, clock: clock)
    for (name, place) in [("bme280", 0x76), ("sht40", 0x44), ("tca9548a", 0x70)] {
        if let part = EmulatedParts.part(named: name), let address = I2CAddress(place) { bus.plug(part, at: address) }
    }
    if let address = I2CAddress(0x70), let part = EmulatedParts.part(named: "scd41"), let place = I2CAddress(0x62) {
        bus.plug(part, at: place, behind: address, channel: 2)
    }
    // Until all have come up.
    clock.sleep(for: .milliseconds(100))
    return bus
}

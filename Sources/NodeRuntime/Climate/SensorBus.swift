import ClimateDrivers
import SensorCore

/// One bus as its sensors see it: watched as a whole, behind its multiplexers, each sensor's own transfers shown to those
/// who record it. Used by the bus's thread.
struct SensorBus {
    private let watched: WatchedI2CBus
    private let multiplexers: BusMultiplexers
    private let clock: any NodeClock
    private let watch: SensorWatch

    init(
        _ bus: any I2CBus, plan: BusPlan, clock: any NodeClock, watch: SensorWatch, changed: @escaping (BusHealth.Change, I2CError?) -> Void
    ) {
        watched = WatchedI2CBus(bus, partCount: Set(plan.sensors.map(\.address)).count, changed: changed)
        let ports = plan.sensors.compactMap(\.multiplexer)
        multiplexers = BusMultiplexers(watched, addresses: Set(ports.map(\.address)).sorted { $0.rawValue < $1.rawValue })
        self.clock = clock
        self.watch = watch
    }

    /// The bus as one sensor of the plan reaches it.
    func way(to sensor: SensorPlan) -> any I2CBus {
        let place = sensor.multiplexer.map { multiplexers.bus(behind: $0.address, channel: $0.channel) } ?? watched
        return TappedI2CBus(place, sensor: sensor.name, clock: clock, watch: watch)
    }
}

/// A bus whose transfers tell whether it is stuck.
private final class WatchedI2CBus: I2CBus {
    private let bus: any I2CBus
    private var health: BusHealth
    private let changed: (BusHealth.Change, I2CError?) -> Void

    init(_ bus: any I2CBus, partCount: Int, changed: @escaping (BusHealth.Change, I2CError?) -> Void) {
        self.bus = bus
        self.changed = changed
        health = BusHealth(partCount: partCount)
    }

    var name: String { bus.name }

    func transfer(
        to address: I2CAddress, write: UnsafeBufferPointer<UInt8>, read: UnsafeMutableBufferPointer<UInt8>
    ) throws(I2CError) {
        do throws(I2CError) {
            try bus.transfer(to: address, write: write, read: read)
        } catch {
            if let change = health.failed(error, at: address) { changed(change, error) }
            throw error
        }
        if let change = health.worked() { changed(change, nil) }
    }

    func kernelDriver(at address: I2CAddress) -> String? { bus.kernelDriver(at: address) }
    func kernelValue(_ attribute: String, at address: I2CAddress) throws(I2CError) -> Int64 {
        try bus.kernelValue(attribute, at: address)
    }
}

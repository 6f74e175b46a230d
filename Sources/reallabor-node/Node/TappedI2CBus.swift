import SensorCore

/// A bus that shows its transfers to those who record a sensor. Used by the bus's own thread.
final class TappedI2CBus: I2CBus {
    private let bus: any I2CBus
    private let clock: any NodeClock
    private let watch: SensorWatch
    private let sensors: [I2CAddress: String]

    init(_ bus: any I2CBus, plan: BusPlan, clock: any NodeClock, watch: SensorWatch) {
        self.bus = bus
        self.clock = clock
        self.watch = watch
        sensors = Dictionary(plan.sensors.map { ($0.address, $0.name) }, uniquingKeysWith: { first, _ in first })
    }

    var name: String { bus.name }

    func transfer(
        to address: I2CAddress, write: UnsafeBufferPointer<UInt8>, read: UnsafeMutableBufferPointer<UInt8>
    ) throws(I2CError) {
        do throws(I2CError) {
            try bus.transfer(to: address, write: write, read: read)
            show(address, write, hexadecimalText(UnsafeBufferPointer(read)))
        } catch {
            show(address, write, "error \(error.kind.rawValue)")
            throw error
        }
    }

    private func show(_ address: I2CAddress, _ write: UnsafeBufferPointer<UInt8>, _ answer: @autoclosure () -> String) {
        guard let sensor = sensors[address], watch.isRecorded(sensor) else { return }
        watch.transferred("\(clock.now().nanoseconds) \(hexadecimalText(write)) \(answer())", of: sensor)
    }
}

/// "f7a0"; "-" for no bytes.
private func hexadecimalText(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    bytes.isEmpty ? "-" : bytes.reduce(into: "") { $0 += hexadecimal($1) }
}

import ControlSocket
import SensorCore

/// A sensor's way to its bus that shows its transfers to those who record it. Used by the bus's own thread.
final class TappedI2CBus: I2CBus {
    private let bus: any I2CBus
    private let clock: any NodeClock
    private let watch: SensorWatch
    private let sensor: String

    init(_ bus: any I2CBus, sensor: String, clock: any NodeClock, watch: SensorWatch) {
        self.bus = bus
        self.clock = clock
        self.watch = watch
        self.sensor = sensor
    }

    var name: String { bus.name }

    func transfer(
        to address: I2CAddress, write: UnsafeBufferPointer<UInt8>, read: UnsafeMutableBufferPointer<UInt8>
    ) throws(I2CError) {
        do throws(I2CError) {
            try bus.transfer(to: address, write: write, read: read)
            show(write) { .answered(time: $0, written: $1, read: hexadecimalText(UnsafeBufferPointer(read))) }
        } catch {
            show(write) { .failed(time: $0, written: $1, kind: error.kind.rawValue) }
            throw error
        }
    }

    func kernelDriver(at address: I2CAddress) -> String? { bus.kernelDriver(at: address) }
    func kernelValue(_ attribute: String, at address: I2CAddress) throws(I2CError) -> Int64 {
        try bus.kernelValue(attribute, at: address)
    }

    private func show(_ write: UnsafeBufferPointer<UInt8>, _ line: (_ time: Int64, _ written: String) -> TransferLine) {
        guard watch.isRecorded(sensor) else { return }
        watch.transferred(line(clock.now().nanoseconds, hexadecimalText(write)).text, of: sensor)
    }
}

/// "f7a0".
private func hexadecimalText(_ bytes: UnsafeBufferPointer<UInt8>) -> String { bytes.reduce(into: "") { $0 += hexadecimal($1) } }

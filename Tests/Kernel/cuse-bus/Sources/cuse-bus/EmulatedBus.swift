import Glibc
import HardwareMocks
import SensorCore

/// Emulated parts on one bus, some of them behind a multiplexer.
final class EmulatedBus {
    private let clock = SystemTime()
    private let bus: SimulatedI2CBus
    private let devices: [I2CAddress: any EmulatedI2CDevice]
    /// A file in here named after an address in two hexadecimal digits ("44") takes that part off the bus.
    private let unpluggedFolder: String
    private var unplugged: Set<I2CAddress> = []

    /// - Parameters:
    ///   - devices: on the bus itself.
    ///   - behind: behind channels of the multiplexer at 0x70, which is put on the bus.
    init(
        devices: [Int: any EmulatedI2CDevice], behind: [(channel: Int, address: Int, device: any EmulatedI2CDevice)],
        unpluggedFolder: String
    ) {
        self.unpluggedFolder = unpluggedFolder
        bus = SimulatedI2CBus(name: "cuse", clock: clock)
        var plugged: [I2CAddress: any EmulatedI2CDevice] = [:]
        for (place, device) in devices { if let address = I2CAddress(place) { plugged[address] = device } }
        if let address = I2CAddress(0x70) { plugged[address] = EmulatedTCA9548A() }
        self.devices = plugged
        for (address, device) in plugged { bus.plug(device, at: address) }
        for part in behind {
            guard let address = I2CAddress(part.address), let multiplexer = I2CAddress(0x70) else { continue }
            bus.plug(part.device, at: address, behind: multiplexer, channel: part.channel)
        }
    }

    /// START, `write`, repeated START, a read of `count`, STOP; nil is a NACK.
    func carry(_ write: [UInt8], read count: Int, to place: UInt16) -> [UInt8]? {
        guard let address = I2CAddress(Int(place)), isThere(address) else { return nil }
        // A probe without bytes is acknowledged by whoever is there.
        guard !write.isEmpty || count > 0 else { return devices[address] == nil ? nil : [] }
        var bytes = [UInt8](repeating: 0, count: count)
        do throws(I2CError) {
            try transfer(write, &bytes, address)
            return bytes
        } catch {
            return nil
        }
    }

    private func transfer(_ write: [UInt8], _ bytes: inout [UInt8], _ address: I2CAddress) throws(I2CError) {
        var failure: I2CError?
        write.withUnsafeBufferPointer { write in
            bytes.withUnsafeMutableBufferPointer { read in
                do throws(I2CError) {
                    try bus.transfer(to: address, write: write, read: read)
                } catch {
                    failure = error
                }
            }
        }
        if let failure { throw failure }
    }

    /// Whatever a part knew is gone when it comes back. It has had power for a while: nobody looked when it was plugged in.
    private func isThere(_ address: I2CAddress) -> Bool {
        if access("\(unpluggedFolder)/\(hexadecimal(address.rawValue))", F_OK) == 0 {
            unplugged.insert(address)
            return false
        }
        if unplugged.remove(address) != nil, let device = devices[address] {
            bus.plug(device, at: address, poweredSince: clock.now() - .seconds(1))
        }
        return true
    }
}

/// CLOCK_MONOTONIC.
private final class SystemTime: NodeClock {
    let bootID = BootID("lab")

    func now() -> MonotonicInstant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicInstant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
    func reading() -> ClockReading { ClockReading(instant: now(), utc: nil) }
    func sleep(until deadline: MonotonicInstant) {
        let rest = deadline - now()
        if rest > .zero { usleep(UInt32(rest.nanoseconds / 1000)) }
    }
}

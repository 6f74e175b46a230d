import Glibc
import HardwareMocks
import SensorCore

/// Emulated parts on one bus, each at its address.
struct EmulatedBus {
    private var devices: [UInt16: any EmulatedI2CDevice]
    /// A file in here named after an address in two hexadecimal digits ("44") takes that part off the bus.
    private let unpluggedFolder: String

    init(devices: [UInt16: any EmulatedI2CDevice], unpluggedFolder: String) {
        self.devices = devices
        self.unpluggedFolder = unpluggedFolder
        let now = Self.now()
        for address in devices.keys { self.devices[address]?.powerUp(at: now) }
    }

    /// One message of a transfer, as the wire sees it.
    enum Message {
        case write([UInt8])
        case read(count: Int)
    }

    /// What the part answered: the bytes of a read, none for a write; nil is a NACK.
    mutating func carry(_ message: Message, to address: UInt16) -> [UInt8]? {
        guard devices[address] != nil else { return nil }
        let now = Self.now()
        if isUnplugged(address) {
            // Whatever it knew is gone when it comes back.
            devices[address]?.powerUp(at: now)
            return nil
        }
        switch message {
        case .write(let bytes):
            return devices[address]?.write(bytes, at: now) == true ? [] : nil
        case .read(let count):
            guard let driven = devices[address]?.read(count, at: now) else { return nil }
            // Nobody drives the line any more: the pull-up reads as ones.
            return driven + [UInt8](repeating: 0xFF, count: count - driven.count)
        }
    }

    private func isUnplugged(_ address: UInt16) -> Bool {
        access("\(unpluggedFolder)/\(hexadecimal(UInt8(truncatingIfNeeded: address)))", F_OK) == 0
    }

    private static func now() -> MonotonicInstant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicInstant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}

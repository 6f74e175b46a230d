public import SensorCore

/// A bus with emulated parts on it. Transfers take no time of their own; a timeout takes the time it says.
///
/// An address nobody has is not acknowledged, as on a real bus. Used by one thread at a time.
public final class SimulatedI2CBus: I2CBus {
    public let name: String
    /// Transfers so far, failed ones included.
    public private(set) var transferCount = 0
    /// Set it before the first transfer; see `unusedFaults`.
    public var faults: I2CFaultPlan {
        didSet { uses = faults.rules.map { _ in 0 } }
    }

    private let clock: any NodeClock
    private var devices: [I2CAddress: any EmulatedI2CDevice] = [:]
    private var transfersByAddress: [I2CAddress: Int] = [:]
    private var unplugged: Set<I2CAddress> = []
    private var uses: [Int]

    public init(name: String = "simulated bus", clock: any NodeClock, faults: I2CFaultPlan = I2CFaultPlan()) {
        self.name = name
        self.clock = clock
        self.faults = faults
        uses = faults.rules.map { _ in 0 }
    }

    /// Puts a part on the bus and gives it power. Replaces what was at the address.
    public func plug(_ device: any EmulatedI2CDevice, at address: I2CAddress) {
        var device = device
        device.powerUp(at: clock.now())
        devices[address] = device
    }

    /// Takes the part off the bus, if there is one.
    public func unplug(_ address: I2CAddress) { devices[address] = nil }

    /// Changes the physical state of a part in place. False when no part of that type is there.
    @discardableResult
    public func change<Device: EmulatedI2CDevice>(
        _ type: Device.Type, at address: I2CAddress, _ body: (inout Device) -> Void
    ) -> Bool {
        guard var device = devices[address] as? Device else { return false }
        body(&device)
        devices[address] = device
        return true
    }

    /// Rules of the plan that no transfer has met: a test that planned them did not test them.
    public var unusedFaults: [I2CFaultPlan.Rule] { zip(faults.rules, uses).compactMap { $1 == 0 ? $0 : nil } }

    public func transfer(
        to address: I2CAddress, write: UnsafeBufferPointer<UInt8>, read: UnsafeMutableBufferPointer<UInt8>
    ) throws(I2CError) {
        precondition(!write.isEmpty || !read.isEmpty, "a transfer writes or reads")
        let operation = "write \(write.count), read \(read.count) at \(address) on \(name)"
        let fault = nextFault(for: address)
        if fault == .unplugged {
            unplugged.insert(address)
            throw I2CError(kind: .nack, operation: operation)
        }
        if unplugged.remove(address) != nil { devices[address]?.powerUp(at: clock.now()) }
        switch fault {
        case .nack: throw I2CError(kind: .nack, operation: operation)
        case .stuck: throw I2CError(kind: .bus, operation: operation)
        case .timeout(let span):
            clock.sleep(for: span)
            throw I2CError(kind: .timeout, operation: operation)
        default: break
        }
        let now = clock.now()
        if !write.isEmpty, devices[address]?.write(Array(write), at: now) != true {
            throw I2CError(kind: .nack, operation: operation)
        }
        guard !read.isEmpty else { return }
        guard var bytes = devices[address]?.read(read.count, at: now) else {
            throw I2CError(kind: .nack, operation: operation)
        }
        switch fault {
        case .corrupt(let index, let mask) where index < bytes.count: bytes[index] ^= mask
        case .short(let count): bytes = Array(bytes.prefix(count))
        case .filled(let value): bytes = bytes.map { _ in value }
        default: break
        }
        for index in read.indices { read[index] = index < bytes.count ? bytes[index] : 0xFF }
    }

    private func nextFault(for address: I2CAddress) -> I2CFaultPlan.Fault? {
        let ordinal = transferCount
        let ordinalAtAddress = transfersByAddress[address, default: 0]
        transferCount += 1
        transfersByAddress[address] = ordinalAtAddress + 1
        guard
            let index = faults.indexOfRule(
                for: address, ordinal: ordinal, ordinalAtAddress: ordinalAtAddress, at: clock.now())
        else { return nil }
        uses[index] += 1
        return faults.rules[index].fault
    }
}

public import SensorCore

/// A bus with emulated parts on it. A transfer takes its bits' time where a bit rate is given, else none; a timeout takes the
/// time it says.
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
    /// Of one bit; zero where transfers take no time.
    private let bitTime: TimeSpan
    private var devices: [I2CAddress: any EmulatedI2CDevice] = [:]
    /// What is behind multiplexers, by place.
    private var devicesBehind: [Place: any EmulatedI2CDevice] = [:]
    /// Drivers of the kernel, by the address they hold, and what they say.
    private var holders: [I2CAddress: (driver: String, values: [String: Int64])] = [:]
    private var transfersByAddress: [I2CAddress: Int] = [:]
    private var unplugged: Set<I2CAddress> = []
    private var uses: [Int]

    /// - Parameter bitRate: bits per second, 100,000 on a usual bus; nil for transfers that take no time.
    public init(
        name: String = "simulated bus", clock: any NodeClock, bitRate: Int64? = nil, faults: I2CFaultPlan = I2CFaultPlan()
    ) {
        self.name = name
        self.clock = clock
        bitTime = bitRate.map { TimeSpan(nanoseconds: 1_000_000_000 / $0) } ?? .zero
        self.faults = faults
        uses = faults.rules.map { _ in 0 }
    }

    /// Puts a part on the bus that has power since `instant`, from now on without one. Replaces what was at the address.
    public func plug(_ device: any EmulatedI2CDevice, at address: I2CAddress, poweredSince instant: MonotonicInstant? = nil) {
        var device = device
        device.powerUp(at: instant ?? clock.now())
        devices[address] = device
    }

    /// Behind a channel of a multiplexer that is on the bus.
    private struct Place: Hashable {
        var multiplexer: I2CAddress
        var channel: Int
        var address: I2CAddress
    }

    /// Puts a part behind a channel, 0 to 7, of a multiplexer and gives it power.
    public func plug(
        _ device: any EmulatedI2CDevice, at address: I2CAddress, behind multiplexer: I2CAddress, channel: Int,
        poweredSince instant: MonotonicInstant? = nil
    ) {
        var device = device
        device.powerUp(at: instant ?? clock.now())
        devicesBehind[Place(multiplexer: multiplexer, channel: channel, address: address)] = device
    }

    /// A driver of the kernel takes an address, and gives these values of its part.
    public func bind(_ address: I2CAddress, to driver: String, values: [String: Int64]) { holders[address] = (driver, values) }

    public func kernelDriver(at address: I2CAddress) -> String? { holders[address]?.driver }

    public func kernelValue(_ attribute: String, at address: I2CAddress) throws(I2CError) -> Int64 {
        guard let value = holders[address]?.values[attribute] else {
            throw I2CError(kind: .held, operation: "read \(attribute) of \(address) on \(name)")
        }
        return value
    }

    /// Changes what the part at an address feels, wherever it is plugged.
    public func feel(_ quantity: Quantity, _ value: Double, at address: I2CAddress) {
        devices[address]?.feel(quantity, value)
        for place in devicesBehind.keys where place.address == address { devicesBehind[place]?.feel(quantity, value) }
    }

    /// As `feel`, of a part behind a multiplexer.
    public func feel(_ quantity: Quantity, _ value: Double, at address: I2CAddress, behind multiplexer: I2CAddress, channel: Int) {
        devicesBehind[Place(multiplexer: multiplexer, channel: channel, address: address)]?.feel(quantity, value)
    }

    /// Whether nothing is plugged directly at an address.
    public func isFree(_ address: I2CAddress) -> Bool { devices[address] == nil }

    /// Takes the part off the bus, if there is one.
    public func unplug(_ address: I2CAddress) { devices[address] = nil }

    /// The part that is plugged directly at an address, as it is now; nil when there is none.
    public func device(at address: I2CAddress) -> (any EmulatedI2CDevice)? { devices[address] }

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
        defer { stopMultiplexers() }
        var sent = Array(write)
        if case .nackByte(let index) = fault {
            // The part has taken the bytes before it, and knows nothing of its own refusal.
            sent = Array(sent.prefix(index))
        }
        passTime(of: sent.count)
        if !sent.isEmpty, !deliver(sent, to: address, at: clock.now()) { throw I2CError(kind: .nack, operation: operation) }
        if case .nackByte = fault { throw I2CError(kind: .nack, operation: operation) }
        guard !read.isEmpty else { return }
        let answer = collect(read.count, from: address, at: clock.now())
        passTime(of: answer == nil ? 0 : read.count)
        guard var bytes = answer else { throw I2CError(kind: .nack, operation: operation) }
        switch fault {
        case .corrupt(let index, let mask) where index < bytes.count: bytes[index] ^= mask
        case .short(let count): bytes = Array(bytes.prefix(count))
        case .filled(let value): bytes = bytes.map { _ in value }
        default: break
        }
        for index in read.indices { read[index] = index < bytes.count ? bytes[index] : 0xFF }
    }

    /// The address and the bytes, with an acknowledge each.
    private func passTime(of byteCount: Int) {
        if bitTime > .zero { clock.sleep(for: bitTime * Int64(9 * (1 + byteCount))) }
    }

    /// All that have the address and are connected see the bytes; acknowledged when any of them does.
    private func deliver(_ bytes: [UInt8], to address: I2CAddress, at now: MonotonicInstant) -> Bool {
        var isAcknowledged = devices[address]?.write(bytes, at: now) == true
        for place in connectedPlaces(address) where devicesBehind[place]?.write(bytes, at: now) == true {
            isAcknowledged = true
        }
        return isAcknowledged
    }

    /// Where several answer at once, a 0 of any of them wins, as on the wire.
    private func collect(_ count: Int, from address: I2CAddress, at now: MonotonicInstant) -> [UInt8]? {
        var answers: [[UInt8]] = []
        if let bytes = devices[address]?.read(count, at: now) { answers.append(bytes) }
        for place in connectedPlaces(address) {
            if let bytes = devicesBehind[place]?.read(count, at: now) { answers.append(bytes) }
        }
        guard let longest = answers.map(\.count).max() else { return nil }
        return (0..<longest).map { index in answers.reduce(0xFF) { index < $1.count ? $0 & $1[index] : $0 } }
    }

    private func connectedPlaces(_ address: I2CAddress) -> [Place] {
        guard !devicesBehind.isEmpty else { return [] }
        return devicesBehind.keys.filter { place in
            guard place.address == address, let multiplexer = devices[place.multiplexer] as? EmulatedTCA9548A else { return false }
            return multiplexer.openChannels & 1 << UInt8(place.channel) != 0
        }
    }

    private func stopMultiplexers() {
        guard !devicesBehind.isEmpty else { return }
        for (address, device) in devices {
            guard var multiplexer = device as? EmulatedTCA9548A else { continue }
            multiplexer.stop()
            devices[address] = multiplexer
        }
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

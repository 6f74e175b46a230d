public import SensorCore

/// Whether a whole bus is stuck, by what becomes of its transfers. A part that hangs, or is missing, makes no bus stuck:
/// the others go on.
///
/// States: free, and stuck since some moment. A bus is stuck after `failures` transfers in a row that nobody even refused,
/// at all of its parts; a single answer or refusal shows that both wires move, and it is free.
public struct BusHealth: Hashable, Sendable {
    /// So many parts' first tries and retries may fail by chance.
    public static let failures = 4

    /// A wire of the bus.
    public enum Wire: Hashable, Sendable {
        case clock
        case data
    }

    public enum Change: Hashable, Sendable {
        /// And which wire to look at first.
        case stuck(Wire)
        case free
    }

    public private(set) var isStuck = false
    private var inARow = 0
    private var timeouts = 0
    private var addresses: Set<I2CAddress> = []
    private let partCount: Int

    /// - Parameter partCount: how many addresses are read on the bus.
    public init(partCount: Int) { self.partCount = partCount }

    /// A transfer that took place, or that somebody or nobody refused.
    public mutating func worked() -> Change? {
        // Nothing to forget, which is so after nearly every transfer.
        guard inARow > 0 || isStuck else { return nil }
        defer { self = BusHealth(partCount: partCount) }
        return isStuck ? .free : nil
    }

    /// A transfer that failed on the wires.
    ///
    /// A clock that is held low lets the adapter wait until its timeout (kernel documentation, i2c/fault-codes,
    /// ETIMEDOUT); a data wire that is held low loses it the arbitration or shows a busy bus (EAGAIN, EBUSY).
    public mutating func failed(_ error: I2CError, at address: I2CAddress) -> Change? {
        switch error.kind {
        case .nack: return worked()
        case .timeout: timeouts += 1
        case .bus: break
        // Not of the wires: no such device, a recording, a part of the kernel's.
        case .unavailable, .notRecorded, .held: return nil
        }
        inARow += 1
        addresses.insert(address)
        guard !isStuck, inARow >= Self.failures, addresses.count >= min(partCount, 2) else { return nil }
        isStuck = true
        return .stuck(timeouts * 2 >= inARow ? .clock : .data)
    }
}

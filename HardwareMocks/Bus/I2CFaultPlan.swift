public import SensorCore

/// What goes wrong on a simulated bus, and when. Only what the plan says goes wrong.
public struct I2CFaultPlan: Sendable {
    public enum Fault: Hashable, Sendable {
        /// Nobody acknowledges; the part does not see the transfer.
        case nack
        /// One byte that is written is not acknowledged, the first is byte 0; the part has seen those before it.
        case nackByte(Int)
        /// The adapter gives up after this long; the part does not see the transfer.
        case timeout(after: TimeSpan)
        /// A wire is stuck: the transfer fails without a nearer name.
        case stuck
        /// One byte that is read is XORed with `mask`; the first is byte 0.
        case corrupt(byte: Int, mask: UInt8)
        /// The part stops driving the data line after so many bytes: the rest reads 0xFF.
        case short(bytes: Int)
        /// All bytes that are read have this value.
        case filled(UInt8)
        /// No power: nothing is acknowledged, and when it is over the part comes up anew.
        case unplugged
    }

    public enum Moment: Hashable, Sendable {
        /// The transfers of the bus, or of the rule's address, counted from 0.
        case transfers(Range<Int>)
        case time(Range<MonotonicInstant>)
    }

    public struct Rule: Hashable, Sendable {
        public var moment: Moment
        /// nil for every address.
        public var address: I2CAddress?
        public var fault: Fault

        public init(_ fault: Fault, at moment: Moment, address: I2CAddress? = nil) {
            self.fault = fault
            self.moment = moment
            self.address = address
        }
    }

    /// The first rule that fits a transfer decides.
    public var rules: [Rule]

    public init(_ rules: [Rule] = []) { self.rules = rules }

    /// `ordinal` counts the transfers of the bus, `ordinalAtAddress` those to `address`.
    func indexOfRule(
        for address: I2CAddress, ordinal: Int, ordinalAtAddress: Int, at now: MonotonicInstant
    ) -> Int? {
        rules.firstIndex { rule in
            guard rule.address == nil || rule.address == address else { return false }
            switch rule.moment {
            case .transfers(let range): return range.contains(rule.address == nil ? ordinal : ordinalAtAddress)
            case .time(let range): return range.contains(now)
            }
        }
    }
}

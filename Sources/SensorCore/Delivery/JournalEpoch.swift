/// Under which numbers are unique: a record is known by epoch and sequence. A journal takes a new one when it begins, and
/// when it turns out to be an older copy of itself, so that what it numbers now is never taken for what the lost one had.
public struct JournalEpoch: Hashable, Sendable {
    public var rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
    /// 16 lower-case hexadecimal digits.
    public var text: String {
        let digits = String(rawValue, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

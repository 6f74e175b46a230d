public import SensorCore

/// A part as the wire sees it: bytes and time in, bytes out. The physics are settable; the bytes follow the datasheet.
public protocol EmulatedI2CDevice: Sendable {
    /// The part gets power: everything volatile is as the datasheet says for power-on.
    mutating func powerUp(at now: MonotonicInstant)
    /// The bytes after the address, up to STOP or repeated START. False when the part does not acknowledge.
    mutating func write(_ bytes: [UInt8], at now: MonotonicInstant) -> Bool
    /// The bytes the part drives for a read of `count`; nil when it does not acknowledge its address. Fewer than
    /// `count` when it stops driving the line, which the controller then reads as 0xFF.
    mutating func read(_ count: Int, at now: MonotonicInstant) -> [UInt8]?
}

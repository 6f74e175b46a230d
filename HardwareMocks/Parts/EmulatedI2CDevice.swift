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

    /// What the part is exposed to from now on, in the quantity's unit; the next measurement converts it to what its
    /// converter would have delivered. What it does not measure leaves it as it is.
    mutating func feel(_ quantity: Quantity, _ value: Double)
    /// What it is exposed to; nil for what it does not measure.
    func value(of quantity: Quantity) -> Double?
    /// What it can be exposed to so that its bytes tell it, with the other quantities as they are now; one value for a quantity
    /// that follows from others. nil for what it does not measure.
    func span(of quantity: Quantity) -> EmulatedSpan?
    /// What the part says when it is as good as dead (a line that reads 0 all over, a converter that never finishes) and
    /// nobody can tell; nil for nearly all parts.
    func valueWhenDead(of quantity: Quantity) -> Double?

    /// Its time for one measurement; nil is the datasheet's maximum.
    var conversionTime: TimeSpan? { get set }
    /// Longer than the datasheet's maximum: as late as a driver has to wait for.
    var longestConversion: TimeSpan { get }
}

extension EmulatedI2CDevice {
    public func valueWhenDead(of quantity: Quantity) -> Double? { nil }
}

/// Over what and how finely an emulated part tells a quantity, in the quantity's unit.
public struct EmulatedSpan: Hashable, Sendable {
    public var range: ClosedRange<Double>
    /// One count of the converter.
    public var step: Double
    /// How near the datasheet's formulas come to what was set: half a count, and what two of its formulas differ by.
    public var tolerance: Double

    /// - Parameter tolerance: nil for half a count, with some room for the rounding of numbers.
    public init(_ range: ClosedRange<Double>, step: Double, tolerance: Double? = nil) {
        self.range = range
        self.step = step
        self.tolerance = tolerance ?? step * 0.505
    }
}

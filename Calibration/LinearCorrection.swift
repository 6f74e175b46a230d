/// corrected = gain × raw + offset.
///
/// Worked value: a sensor that reads 0.4 at 0.0 and 50.9 at 50.0 has gain 50/50.5 = 0.990 and offset −0.396.
public struct LinearCorrection: Hashable, Sendable {
    /// In the quantity's unit.
    public var offset: Double
    /// Without unit; 1 leaves the slope as it is.
    public var gain: Double

    public init(offset: Double, gain: Double = 1) {
        self.offset = offset
        self.gain = gain
    }

    public func corrected(_ raw: Double) -> Double { gain * raw + offset }
}

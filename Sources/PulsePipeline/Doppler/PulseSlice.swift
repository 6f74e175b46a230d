package import SensorCore

/// Pulses of a radar channel, condensed to a fixed number of bytes per time: how long each input was active in each of 32
/// equal samples, -127 for never to 127 for throughout.
package struct PulseSlice: BitwiseCopyable, Sendable {
    package static let samples = 32

    /// Of the first sample.
    package var instant: MonotonicInstant
    /// So many slices in a row are like this one; more than one only where no input changes.
    package var repeats: Int32 = 1
    /// Eight samples each, the first in the lowest byte.
    var first: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    var second: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    init(instant: MonotonicInstant) { self.instant = instant }

    @inline(__always)
    mutating func set(_ sample: Int, _ one: Int8, _ other: Int8) {
        let place = UInt64(sample & 7) << 3
        let a = UInt64(UInt8(bitPattern: one)) << place
        let b = UInt64(UInt8(bitPattern: other)) << place
        switch sample >> 3 {
        case 0:
            first.0 |= a
            second.0 |= b
        case 1:
            first.1 |= a
            second.1 |= b
        case 2:
            first.2 |= a
            second.2 |= b
        default:
            first.3 |= a
            second.3 |= b
        }
    }

    @inline(__always)
    func sample(_ sample: Int) -> (first: Int8, second: Int8) {
        let place = UInt64(sample & 7) << 3
        let (a, b) =
            switch sample >> 3 {
            case 0: (first.0, second.0)
            case 1: (first.1, second.1)
            case 2: (first.2, second.2)
            default: (first.3, second.3)
            }
        return (Int8(truncatingIfNeeded: a >> place), Int8(truncatingIfNeeded: b >> place))
    }
}

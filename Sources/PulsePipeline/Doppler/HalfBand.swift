/// Halves the rate of samples: a half-band filter of seven taps, which lets nothing above three quarters of the new rate through.
struct HalfBand: Sendable {
    private var real = SIMD8<Float>(repeating: 0)
    private var imaginary = SIMD8<Float>(repeating: 0)
    private var count = 0

    /// A sample of half the rate at every second call; its moment is that of the sample three calls before.
    @inline(__always)
    mutating func push(_ re: Float, _ im: Float) -> (Float, Float)? {
        real[count & 7] = re
        imaginary[count & 7] = im
        count &+= 1
        // Sample n is given when n + 3 is there.
        guard count & 1 == 0 else { return nil }
        @inline(__always) func filtered(_ ring: SIMD8<Float>) -> Float {
            @inline(__always) func at(_ back: Int) -> Float { ring[(count &- 1 &- back) & 7] }
            return 0.5 * at(3) + 0.28125 * (at(2) + at(4)) - 0.03125 * (at(0) + at(6))
        }
        return (filtered(real), filtered(imaginary))
    }
}

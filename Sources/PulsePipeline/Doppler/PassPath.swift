/// The phase of a pass as supposed, sample by sample: 2 · f0 / c · √(x² + d²), with x = v · t along the road.
///
/// What a fit costs is here, so four samples are taken at a time.
struct PassPath {
    private typealias Four = SIMD4<Double>
    private typealias Bits = SIMD4<UInt64>

    /// In m per sample, and of sample 0 before the module.
    private let step: Double
    private let start: Double
    /// In m².
    private let nearestSquared: Double
    private let turnsPerMetre: Double

    init(_ fit: PassFit, clock: Double, rate: Double, turnsPerMetre: Double) {
        step = fit.speed / rate
        start = fit.speed * (clock - fit.abreast)
        nearestSquared = fit.nearest * fit.nearest
        self.turnsPerMetre = turnsPerMetre
    }

    /// The sum of `count` samples, a multiple of 4, each turned back by its phase. The phase of who comes nearer runs forwards while the
    /// range falls.
    @inline(__always)
    func straightened(_ band: EchoBand, from first: Int, count: Int) -> (real: Double, imaginary: Double) {
        var (re, im) = (Four(), Four())
        var place = Four(0, 1, 2, 3) + Double(first)
        var index = first
        let end = first &+ count
        while index < end {
            let x = place * step + start
            let turns = (x * x + nearestSquared).squareRoot() * turnsPerMetre
            let (sine, cosine) = Self.sineAndCosine(turns)
            let (a, b) = (four(band.real, index, band.mask), four(band.imaginary, index, band.mask))
            re += a * cosine - b * sine
            im += a * sine + b * cosine
            place += 4
            index &+= 4
        }
        return (re.sum(), im.sum())
    }

    @inline(__always)
    private func four(_ ring: UnsafeMutablePointer<Float>, _ index: Int, _ mask: Int) -> Four {
        Four(
            Double(ring[index & mask]), Double(ring[(index &+ 1) & mask]), Double(ring[(index &+ 2) & mask]),
            Double(ring[(index &+ 3) & mask]))
    }

    /// Of angles in turns below 2^40, to 1e-5.
    @inline(__always)
    private static func sineAndCosine(_ turns: Four) -> (Four, Four) {
        // To the nearest quarter, and from there by series. Beyond 2^52 a Double has no fraction, which rounds what is added to it, and
        // its lowest bits count the quarters.
        let whole = Four(repeating: 6_755_399_441_055_744)
        let sum = turns * 4 + whole
        let quarters = unsafeBitCast(sum, to: Bits.self)
        let a = (turns - (sum - whole) * 0.25) * (2 * Double.pi)
        let s = a * a
        var sine = 1.0 / 120 - s * (1.0 / 5040)
        sine = 1.0 / 6 - s * sine
        sine = a - a * (s * sine)
        var cosine = 1.0 / 24 - s * (1.0 / 720)
        cosine = 0.5 - s * cosine
        cosine = 1 - s * cosine
        // After an odd quarter they change places; the sine is negative after two, the cosine after one or two.
        let (p, q) = (unsafeBitCast(sine, to: Bits.self), unsafeBitCast(cosine, to: Bits.self))
        let isOdd = Bits(repeating: 0) &- (quarters & Bits(repeating: 1))
        let change = (p ^ q) & isOdd
        let top = (quarters & Bits(repeating: 2)) &<< Bits(repeating: 62)
        let otherTop = top ^ (quarters &<< Bits(repeating: 63))
        return (unsafeBitCast((p ^ change) ^ top, to: Four.self), unsafeBitCast((q ^ change) ^ otherTop, to: Four.self))
    }
}

/// One octave of the radar's frequencies: samples at four times its upper end, and how likely each bin of each short spectrum
/// holds an echo rather than noise.
///
/// The window of a spectrum then always covers about the same way of whoever makes the octave's frequencies, so that one
/// resolution fits people and lorries. Made once and used by one thread, which is what makes `@unchecked Sendable` true.
final class EchoBand: @unchecked Sendable {
    /// Samples from one spectrum to the next.
    static let hop = 128
    /// Evidence per unit of log-likelihood.
    static let unit: Float = 16
    static let most: Float = 3
    static let least: Float = -1.2

    /// In samples per second.
    let rate: Double
    /// Of sample 0, in s on the tracker's clock.
    let clock: Double
    /// Bins of one side that are kept.
    let bins: Int
    let isTwoSided: Bool
    /// Rings of samples; sample n is at n & mask.
    let real: UnsafeMutablePointer<Float>
    let imaginary: UnsafeMutablePointer<Float>
    let mask: Int
    /// Samples so far.
    private(set) var count = 0
    /// Spectra so far; spectrum n has its middle at sample n · hop + 128.
    private(set) var frames = 0
    /// Ring of evidence; a spectrum's row has `bins` of the positive side, then those of the negative.
    let evidence: UnsafeMutablePointer<Int8>
    let frameMask: Int
    let width: Int
    /// Rows are 2^n bytes apart, so that a place is found without a product.
    let rowShift: Int

    private let spectrum: ShortSpectrum
    /// The usual power of each bin, without echoes.
    private let usual: UnsafeMutablePointer<Float>
    private let ratio: UnsafeMutablePointer<Float>
    private let sorted: UnsafeMutablePointer<Float>
    private let room: UnsafeMutablePointer<Float>
    private var learnt = 0

    /// What a tone that fills the comparator may leave unsaid: power below this is not looked at.
    private static let faint: Float = 1e-4
    /// Of a neighbour: less is that neighbour's window.
    private static let flank: Float = 0.15

    init(rate: Double, clock: Double, seconds: Double, bins: Int, isTwoSided: Bool, spectrum: ShortSpectrum) {
        self.rate = rate
        self.clock = clock
        self.bins = bins
        self.isTwoSided = isTwoSided
        self.spectrum = spectrum
        var size = 1024
        while Double(size) < seconds * rate { size <<= 1 }
        mask = size - 1
        real = .allocate(capacity: size)
        imaginary = .allocate(capacity: size)
        real.initialize(repeating: 0, count: size)
        imaginary.initialize(repeating: 0, count: size)
        frameMask = size / Self.hop - 1
        width = isTwoSided ? 2 * bins : bins
        var shift = 6
        while 1 << shift < width { shift += 1 }
        rowShift = shift
        evidence = .allocate(capacity: (frameMask + 1) << shift)
        evidence.initialize(repeating: 0, count: (frameMask + 1) << shift)
        usual = .allocate(capacity: width)
        usual.initialize(repeating: 0, count: width)
        ratio = .allocate(capacity: width)
        ratio.initialize(repeating: 0, count: width)
        sorted = .allocate(capacity: width)
        sorted.initialize(repeating: 0, count: width)
        room = .allocate(capacity: width)
        room.initialize(repeating: 0, count: width)
    }

    deinit {
        real.deallocate()
        imaginary.deallocate()
        evidence.deallocate()
        usual.deallocate()
        ratio.deallocate()
        sorted.deallocate()
        room.deallocate()
    }

    var binWidth: Double { rate / Double(ShortSpectrum.size) }
    var frameTime: Double { Double(Self.hop) / rate }

    /// Of a spectrum's middle, on the tracker's clock in s.
    func time(frame: Int) -> Double { clock + (Double(frame) * Double(Self.hop) + Double(ShortSpectrum.size) / 2) / rate }

    /// The spectrum whose middle is nearest to a moment.
    func frame(at time: Double) -> Int {
        Int((((time - clock) * rate - Double(ShortSpectrum.size) / 2) / Double(Self.hop)).rounded())
    }

    func holds(_ frame: Int) -> Bool { frame >= 0 && frame < frames && frame > frames - frameMask }

    @inline(__always)
    func append(_ re: Float, _ im: Float) {
        real[count & mask] = re
        imaginary[count & mask] = im
        count &+= 1
    }

    /// Takes the samples of the band above it up to where it has `end` of its own: a half-band filter of seven taps, which lets
    /// nothing above three quarters of the new rate through. Sample n belongs to the moment two above it from sample 2n on.
    func halve(_ above: EchoBand, until end: Int) {
        @inline(__always) func filtered(_ ring: UnsafeMutablePointer<Float>, _ last: Int) -> Float {
            @inline(__always) func at(_ back: Int) -> Float { ring[(last &- back) & above.mask] }
            return 0.5 * at(3) + 0.28125 * (at(2) + at(4)) - 0.03125 * (at(0) + at(6))
        }
        while count < end {
            let last = 2 &* count &+ 1
            append(filtered(above.real, last), isTwoSided ? filtered(above.imaginary, last) : 0)
        }
    }

    /// Looks at the newest samples when it is time to; true when a new spectrum is there.
    func analyseIfDue() -> Bool {
        guard count >= ShortSpectrum.size, (count - ShortSpectrum.size) % Self.hop == 0 else { return false }
        analyse()
        return true
    }

    @inline(__always)
    func evidence(frame: Int) -> UnsafeMutablePointer<Int8> { evidence + (frame & frameMask) &<< rowShift }

    /// What spoke for an echo there no longer does.
    func erase(_ frame: Int, _ low: Double, _ high: Double) {
        let from = max(0, Int(low))
        let to = min(bins - 1, Int(high.rounded(.up)))
        guard from <= to else { return }
        let row = evidence(frame: frame)
        for bin in from...to {
            if row[bin] > 0 { row[bin] = 0 }
            if isTwoSided, row[bins + bin] > 0 { row[bins + bin] = 0 }
        }
    }

    private func analyse() {
        spectrum.transform(real, imaginary, from: count - ShortSpectrum.size, mask: mask)
        let power = spectrum.power
        let size = ShortSpectrum.size
        @inline(__always) func side(_ place: Int) -> Int { place < bins ? place : size - (place - bins) }
        learnt += 1
        let frameTime = Float(self.frameTime)
        let slow = max(1 / Float(learnt), frameTime / 20)
        for place in 0..<width {
            let value = power[place == bins ? size - 1 : side(place)]
            let was = usual[place]
            ratio[place] = (value + Self.faint) / (was + Self.faint)
            // What stands out is an echo, and does not become usual.
            usual[place] = was + slow * (min(value, learnt < 30 ? value : 4 * (was + Self.faint)) - was)
        }
        // A strong echo leaves less of the comparator to the noise: the middle bin tells how much.
        let gain = max(0.05, middle() / 0.69)
        let row = evidence(frame: frames)
        for place in 0..<width { ratio[place] /= gain }
        silenceHarmonics(power)
        for half in stride(from: 0, to: width, by: bins) {
            var before = ratio[half]
            var here = ratio[half]
            for bin in 0..<bins {
                let after = bin + 1 < bins ? ratio[half + bin + 1] : here
                let highest = max(before, max(here, after))
                let value = min(Self.most, max(Self.least, 0.8 * highest - 3))
                row[half + bin] = highest < 0 || (value > 0 && isFlank(bin, half, highest)) ? 0 : Int8(value * Self.unit)
                before = here
                here = after
            }
        }
        frames += 1
    }

    /// Beside a much stronger echo: what stands there is that one's, however far above the noise.
    private func isFlank(_ bin: Int, _ half: Int, _ highest: Float) -> Bool {
        for place in max(3, bin - 5)...max(3, min(bins - 1, bin + 5)) where highest < Self.flank * ratio[half + place] { return true }
        return false
    }

    private func middle() -> Float {
        var filled = 0
        for half in stride(from: 0, to: width, by: bins) {
            for bin in 3..<bins {
                sorted[filled] = ratio[half + bin]
                filled += 1
            }
        }
        return selectMiddle(sorted, filled, room: room)
    }

    /// A comparator turns a tone into a square wave: what stands at multiples of the strongest tone, and is not stronger than
    /// that, says nothing. So does its image on the other side, which two outputs that are not quite alike leave.
    private func silenceHarmonics(_ power: UnsafeMutablePointer<Float>) {
        let size = ShortSpectrum.size
        var strongest = 0
        var most: Float = 0
        for place in 0..<width {
            let bin = place < bins ? place : place - bins
            guard bin >= 3, ratio[place] > 6 else { continue }
            let value = power[place < bins ? bin : size - bin]
            if value > most {
                most = value
                strongest = place < bins ? bin : -bin
            }
        }
        guard strongest != 0, most > 0.002 else { return }
        let fine = Float(strongest) + parabola(power, strongest)
        func silence(_ multiple: Float, _ share: Float) {
            let middle = fine * multiple
            let reach = 1 + Int(2 * multiple.magnitude)
            let centre = Int(middle.rounded())
            for bin in centre - reach...centre + reach {
                guard bin.magnitude < bins, bin != 0, isTwoSided || bin > 0, (bin - strongest).magnitude > 3 else { continue }
                let value = power[bin > 0 ? bin : size + bin]
                if value < share * most { ratio[bin > 0 ? bin : bins - bin] = -1 }
            }
        }
        silence(2, 0.25)
        silence(3, 0.25)
        silence(4, 0.1)
        silence(5, 0.1)
        silence(7, 0.05)
        if isTwoSided {
            silence(-1, 0.3)
            silence(-2, 0.1)
            silence(-3, 0.25)
            silence(-5, 0.1)
        }
    }

    private func parabola(_ power: UnsafeMutablePointer<Float>, _ bin: Int) -> Float {
        let size = ShortSpectrum.size
        func at(_ bin: Int) -> Float { power[(bin + size) & (size - 1)].squareRoot() }
        let (left, here, right) = (at(bin - 1), at(bin), at(bin + 1))
        let curve = left - 2 * here + right
        return curve == 0 ? 0 : max(-0.5, min(0.5, 0.5 * (left - right) / curve))
    }
}

/// The middle of `count` values, which it overwrites, with room for as many more: quickselect (Hoare 1961), but for where a value
/// goes without a branch, which nobody could predict.
private func selectMiddle(_ values: UnsafeMutablePointer<Float>, _ count: Int, room: UnsafeMutablePointer<Float>) -> Float {
    var (from, other) = (values, room)
    var left = count
    var wanted = count / 2
    while true {
        let pivot = from[left / 2]
        var (below, above) = (0, 0)
        for place in 0..<left {
            let value = from[place]
            // Never beyond what has been read.
            from[below] = value
            other[above] = value
            below &+= value < pivot ? 1 : 0
            above &+= value > pivot ? 1 : 0
        }
        let notAbove = left - above
        if wanted < below {
            left = below
        } else if wanted < notAbove {
            return pivot
        } else {
            wanted -= notAbove
            left = above
            swap(&from, &other)
        }
    }
}

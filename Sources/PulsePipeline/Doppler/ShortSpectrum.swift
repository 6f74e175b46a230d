import Glibc

/// The power spectrum of 256 complex samples under a Hann window: a transform of fixed size in memory of its own.
///
/// Radix 2, decimated in time. The first three stages work on eight samples that lie 32 apart, eight such columns at a time;
/// the others on eight neighbours at a time.
/// Made once and used by one thread, which is what makes `@unchecked Sendable` true.
final class ShortSpectrum: @unchecked Sendable {
    typealias Eight = SIMD8<Float>

    static let size = 256
    /// Samples of which no ring may hold the first at its end and the next at its beginning.
    static let stretch = 32
    private static let half = Float(0.5).squareRoot()

    private let window: UnsafeMutablePointer<Float>
    /// Of each stage from the fourth on, one behind the other.
    private let cosines: UnsafeMutablePointer<Float>
    private let sines: UnsafeMutablePointer<Float>
    private let reversed: UnsafeMutablePointer<Int32>
    private let columns: (real: UnsafeMutablePointer<Float>, imaginary: UnsafeMutablePointer<Float>)
    private let real: UnsafeMutablePointer<Float>
    private let imaginary: UnsafeMutablePointer<Float>
    /// Of bin n at n, of the negative frequency -n at 256 - n; a complex tone of amplitude 1 gives 1.
    let power: UnsafeMutablePointer<Float>

    init() {
        let size = Self.size
        func memory() -> UnsafeMutablePointer<Float> {
            let memory = UnsafeMutablePointer<Float>.allocate(capacity: size)
            memory.initialize(repeating: 0, count: size)
            return memory
        }
        (window, cosines, sines) = (memory(), memory(), memory())
        columns = (memory(), memory())
        (real, imaginary, power) = (memory(), memory(), memory())
        // The mean of the window is 1/2.
        for index in 0..<size {
            window[index] = Float((0.5 - 0.5 * cos(2 * Double.pi * Double(index) / Double(size))) * 2 / Double(size))
        }
        var filled = 0
        for half in [8, 16, 32, 64, 128] {
            for pair in 0..<half {
                let angle = Double.pi * Double(pair) / Double(half)
                cosines[filled] = Float(cos(angle))
                sines[filled] = Float(-sin(angle))
                filled += 1
            }
        }
        reversed = .allocate(capacity: Self.stretch)
        for index in 0..<Self.stretch {
            var bits = 0
            for stage in 0..<5 where index & (1 << stage) != 0 { bits |= 1 << (4 - stage) }
            (reversed + index).initialize(to: Int32(bits))
        }
    }

    deinit {
        for memory in [window, cosines, sines, columns.real, columns.imaginary, real, imaginary, power] { memory.deallocate() }
        reversed.deallocate()
    }

    /// Of the samples from `start` on, a multiple of 32, in rings of `mask + 1`.
    func transform(_ ringReal: UnsafeMutablePointer<Float>, _ ringImaginary: UnsafeMutablePointer<Float>, from start: Int, mask: Int) {
        for column in stride(from: 0, to: Self.stretch, by: 8) { beginColumns(ringReal, ringImaginary, start, mask, column) }
        for block in 0..<Self.stretch {
            let column = Int(reversed[block])
            for row in 0..<8 {
                real[8 &* block &+ row] = columns.real[Self.stretch &* row &+ column]
                imaginary[8 &* block &+ row] = columns.imaginary[Self.stretch &* row &+ column]
            }
        }
        var half = 8
        var turns = 0
        while half < Self.size {
            for block in stride(from: 0, to: Self.size, by: 2 &* half) {
                for pair in stride(from: 0, to: half, by: 8) {
                    let c = eight(cosines + (turns &+ pair))
                    let s = eight(sines + (turns &+ pair))
                    let low = block &+ pair
                    let high = low &+ half
                    let (highReal, highImaginary) = (eight(real + high), eight(imaginary + high))
                    let re = highReal * c - highImaginary * s
                    let im = highReal * s + highImaginary * c
                    let (lowReal, lowImaginary) = (eight(real + low), eight(imaginary + low))
                    store(lowReal - re, real + high)
                    store(lowImaginary - im, imaginary + high)
                    store(lowReal + re, real + low)
                    store(lowImaginary + im, imaginary + low)
                }
            }
            turns &+= half
            half <<= 1
        }
        for index in stride(from: 0, to: Self.size, by: 8) {
            let (re, im) = (eight(real + index), eight(imaginary + index))
            store(re * re + im * im, power + index)
        }
    }

    /// Three stages of eight neighbouring columns.
    @inline(__always)
    private func beginColumns(
        _ ringReal: UnsafeMutablePointer<Float>, _ ringImaginary: UnsafeMutablePointer<Float>, _ start: Int, _ mask: Int, _ column: Int
    ) {
        typealias Complex = (re: Eight, im: Eight)
        @inline(__always) func sample(_ row: Int) -> Complex {
            let place = column &+ Self.stretch &* row
            let slot = (start &+ place) & mask
            let weight = eight(window + place)
            return (eight(ringReal + slot) * weight, eight(ringImaginary + slot) * weight)
        }
        @inline(__always) func pair(_ one: Complex, _ other: Complex) -> (Complex, Complex) {
            ((one.re + other.re, one.im + other.im), (one.re - other.re, one.im - other.im))
        }
        /// The other one a quarter turned back.
        @inline(__always) func quarterPair(_ one: Complex, _ other: Complex) -> (Complex, Complex) {
            ((one.re + other.im, one.im - other.re), (one.re - other.im, one.im + other.re))
        }
        @inline(__always) func turned(_ value: Complex, _ c: Float, _ s: Float) -> Complex {
            (value.re * c - value.im * s, value.re * s + value.im * c)
        }
        /// Of samples 0, 4, 2, 6 of a column, or of those after them.
        @inline(__always) func four(_ first: Int) -> (Complex, Complex, Complex, Complex) {
            let (sum, difference) = pair(sample(first), sample(first + 4))
            let (otherSum, otherDifference) = pair(sample(first + 2), sample(first + 6))
            let (a, c) = pair(sum, otherSum)
            let (b, d) = quarterPair(difference, otherDifference)
            return (a, b, c, d)
        }
        @inline(__always) func put(_ row: Int, _ both: (Complex, Complex)) {
            store(both.0.re, columns.real + (Self.stretch &* row &+ column))
            store(both.0.im, columns.imaginary + (Self.stretch &* row &+ column))
            store(both.1.re, columns.real + (Self.stretch &* (row &+ 4) &+ column))
            store(both.1.im, columns.imaginary + (Self.stretch &* (row &+ 4) &+ column))
        }
        let even = four(0)
        let odd = four(1)
        put(0, pair(even.0, odd.0))
        put(1, pair(even.1, turned(odd.1, Self.half, -Self.half)))
        put(2, quarterPair(even.2, odd.2))
        put(3, pair(even.3, turned(odd.3, -Self.half, -Self.half)))
    }
}

@inline(__always)
private func eight(_ memory: UnsafeMutablePointer<Float>) -> SIMD8<Float> {
    UnsafeRawPointer(memory).loadUnaligned(as: SIMD8<Float>.self)
}

@inline(__always)
private func store(_ value: SIMD8<Float>, _ memory: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(memory).storeBytes(of: value, as: SIMD8<Float>.self)
}

import Glibc

/// The power spectrum of 256 complex samples under a Hann window: a transform of fixed size in memory of its own.
///
/// Made once and used by one thread, which is what makes `@unchecked Sendable` true.
final class ShortSpectrum: @unchecked Sendable {
    static let size = 256
    private static let stages = 8

    private let window: UnsafeMutablePointer<Float>
    private let cosines: UnsafeMutablePointer<Float>
    private let sines: UnsafeMutablePointer<Float>
    private let reversed: UnsafeMutablePointer<Int32>
    private let real: UnsafeMutablePointer<Float>
    private let imaginary: UnsafeMutablePointer<Float>
    /// Of bin n at n, of the negative frequency -n at 256 - n; a complex tone of amplitude 1 gives 1.
    let power: UnsafeMutablePointer<Float>

    init() {
        let size = Self.size
        window = .allocate(capacity: size)
        cosines = .allocate(capacity: size)
        sines = .allocate(capacity: size)
        reversed = .allocate(capacity: size)
        real = .allocate(capacity: size)
        imaginary = .allocate(capacity: size)
        power = .allocate(capacity: size)
        for index in 0..<size {
            let angle = 2 * Double.pi * Double(index) / Double(size)
            // The mean of the window is 1/2.
            window[index] = Float((0.5 - 0.5 * cos(angle)) * 2 / Double(size))
            cosines[index] = Float(cos(angle))
            sines[index] = Float(-sin(angle))
            var bits = 0
            for stage in 0..<Self.stages where index & (1 << stage) != 0 { bits |= 1 << (Self.stages - 1 - stage) }
            reversed[index] = Int32(bits)
            real[index] = 0
            imaginary[index] = 0
            power[index] = 0
        }
    }

    deinit {
        for memory in [window, cosines, sines, real, imaginary, power] { memory.deallocate() }
        reversed.deallocate()
    }

    /// Of the samples from `start` on in rings of `mask + 1`.
    func transform(_ ringReal: UnsafeMutablePointer<Float>, _ ringImaginary: UnsafeMutablePointer<Float>, from start: Int, mask: Int) {
        for index in 0..<Self.size {
            let place = Int(reversed[index])
            let slot = (start &+ place) & mask
            real[index] = ringReal[slot] * window[place]
            imaginary[index] = ringImaginary[slot] * window[place]
        }
        var half = 1
        while half < Self.size {
            let stride = Self.size / (2 * half)
            var block = 0
            while block < Self.size {
                for pair in 0..<half {
                    let c = cosines[pair &* stride]
                    let s = sines[pair &* stride]
                    let low = block &+ pair
                    let high = low &+ half
                    let re = real[high] * c - imaginary[high] * s
                    let im = real[high] * s + imaginary[high] * c
                    real[high] = real[low] - re
                    imaginary[high] = imaginary[low] - im
                    real[low] += re
                    imaginary[low] += im
                }
                block &+= 2 &* half
            }
            half <<= 1
        }
        for index in 0..<Self.size { power[index] = real[index] * real[index] + imaginary[index] * imaginary[index] }
    }
}

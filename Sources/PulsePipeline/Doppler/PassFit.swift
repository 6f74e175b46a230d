import Glibc

/// Speed, moment and distance of one pass, fitted to the phase of its pulses.
struct PassFit: Sendable {
    /// In m/s.
    var speed: Double
    /// Closest to the module, in m.
    var nearest: Double
    /// In s on the clock of the tracker's samples.
    var abreast: Double
    /// Standard error of the speed, in m/s; nil when the fit did not hold.
    var speedError: Double?
    /// Way along which the tone was clear, in m.
    var clearWay = 0.0
    /// Way along the road from nearest to farthest clear tone, in m.
    var seen: ClosedRange<Double>?
    /// Of the windows between those, how many were clear.
    var clearShare = 0.0
    /// How clear the tone is between 13 and 25 m along the road: 1 when it fills the comparator, about 0.2 for noise. nil when most of
    /// that is not there.
    var farClarity: Double?
    /// How well the phase keeps to the fit from one window to the next: 1 for a clear tone, about 0 for noise.
    var lock = 0.0
    /// The same against what noise gives, in standard deviations.
    var significance = 0.0
    /// Root mean square of what the fit leaves, as a share of what noise leaves.
    var residual = 0.0
}

/// Fits f(t) = 2 · v · f0 / c · cos θ(t) to a band's samples: turns them back by the phase of the pass as supposed, sees how fast what
/// is left still turns from one short window to the next, and corrects the pass by least squares, some times over.
struct PassFitting {
    let turnsPerMetre: Double
    /// Distances of the lanes, in m.
    let lanes: [Double]
    /// Half a lane is this wide, as a standard deviation in m.
    static let laneSpread = 0.5

    /// Below this speed, in m/s, somebody may walk: their body sways and their limbs swing, so the phase holds for less long.
    static let gait = 4.0

    private struct Window {
        var middle: Double
        var real: Double
        var imaginary: Double
        /// 1 for a tone that fills the comparator.
        var clarity: Double
    }

    /// - Parameters:
    ///   - clock: of the band's sample 0, in s.
    func fit(_ candidate: PassCandidate, _ band: EchoBand, clock: Double) -> PassFit {
        var fit = PassFit(speed: candidate.speed, nearest: candidate.nearest, abreast: candidate.abreast)
        let start = fit
        let lane = lanes.min { ($0 - fit.nearest).magnitude < ($1 - fit.nearest).magnitude } ?? fit.nearest
        // Some more of the way than what the bank was sure of.
        let reach = max(candidate.way.lowerBound - 1, 0.3)...candidate.way.upperBound * 1.25 + 1.5
        var error: Double?
        let lengths = candidate.speed > Self.gait ? [32, 32, 64, 64, 64] : [16, 16, 32, 32, 32]
        for turn in lengths.indices {
            let length = lengths[turn]
            let windows = windows(fit, reach, candidate.isComing, band, clock, length)
            error = improve(&fit, windows, length, band.rate, lane: lane)
            if turn == 4 {
                describe(&fit, windows, length, band.rate)
                let beyond = self.windows(fit, Self.far, candidate.isComing, band, clock, length)
                fit.farClarity = farClarity(fit, beyond, length, band.rate)
            }
            guard (fit.speed / start.speed - 1).magnitude < 0.3, (fit.abreast - start.abreast).magnitude * fit.speed < 4, fit.nearest > 0.3
            else {
                fit = start
                error = nil
                break
            }
        }
        fit.speedError = error
        return fit
    }

    private func windows(
        _ fit: PassFit, _ reach: ClosedRange<Double>, _ isComing: Bool, _ band: EchoBand, _ clock: Double, _ length: Int
    ) -> [Window] {
        let (near, far) = (reach.lowerBound / fit.speed, reach.upperBound / fit.speed)
        let span = isComing ? (fit.abreast - far, fit.abreast - near) : (fit.abreast + near, fit.abreast + far)
        let begin = max(Int((span.0 - clock) * band.rate), band.count - band.mask)
        let end = min(Int((span.1 - clock) * band.rate), band.count)
        var windows: [Window] = []
        guard end > begin else { return [] }
        windows.reserveCapacity((end - begin) / length + 1)
        // A complex tone has amplitude 1; that of one line has half of a square wave's 4/π.
        let full = band.isTwoSided ? 1.27 : 0.637
        var sample = begin
        let path = PassPath(fit, clock: clock, rate: band.rate, turnsPerMetre: turnsPerMetre)
        while sample + length <= end {
            var (re, im) = path.straightened(band, from: sample, count: length)
            re /= Double(length)
            im /= Double(length)
            windows.append(
                Window(
                    middle: clock + (Double(sample) + Double(length - 1) / 2) / band.rate, real: re, imaginary: im,
                    clarity: (re * re + im * im).squareRoot() / full))
            sample += length
        }
        return windows
    }

    /// One step of least squares. Returns the speed's standard error.
    private func improve(_ fit: inout PassFit, _ windows: [Window], _ length: Int, _ rate: Double, lane: Double) -> Double? {
        let step = Double(length) / rate
        let group = 4
        guard windows.count > 3 * group else { return nil }
        struct Reading { var slope: (Double, Double, Double); var left: Double; var weight: Double }
        var readings: [Reading] = []
        readings.reserveCapacity(windows.count / group)
        var index = 0
        while index + group < windows.count {
            var (re, im, power) = (0.0, 0.0, 1e-12)
            for place in index..<index + group {
                let (a, b) = (windows[place], windows[place + 1])
                re += b.real * a.real + b.imaginary * a.imaginary
                im += b.imaginary * a.real - b.real * a.imaginary
                power += a.clarity * b.clarity
            }
            let middle = (windows[index].middle + windows[index + group].middle) / 2
            let x = fit.speed * (fit.abreast - middle)
            let range = (x * x + fit.nearest * fit.nearest).squareRoot()
            let frequency = turnsPerMetre * fit.speed * x / range
            // Near abreast the tone and its mirror fall together.
            if frequency.magnitude > 1.5 / step {
                let curve = fit.nearest * fit.nearest / (range * range * range)
                let weight = min(1, power / Double(group)) * coherence(re, im, windows[index...index + group])
                readings.append(
                    Reading(
                        slope: (
                            turnsPerMetre * (x / range + x * curve), turnsPerMetre * fit.speed * fit.speed * curve,
                            -turnsPerMetre * fit.speed * x * fit.nearest / (range * range * range)
                        ), left: atan2(im, re) / (2 * .pi * step), weight: weight))
            }
            index += group
        }
        guard readings.count >= 6 else { return nil }
        let spread = max(2, 1.5 * weightedMiddle(readings.map { ($0.left.magnitude, $0.weight) }))
        var matrix = [[Double]](repeating: [0, 0, 0], count: 3)
        var right = [0.0, 0, 0]
        var (sum, squares) = (0.0, 0.0)
        for reading in readings {
            let off = reading.left.magnitude / spread
            // Beyond 2 spreads a reading counts for less and less (Huber 1964).
            let weight = reading.weight * (off < 2 ? 1 : 4 / (off * off))
            let slope = [reading.slope.0, reading.slope.1, reading.slope.2]
            for row in 0..<3 {
                for column in 0..<3 { matrix[row][column] += weight * slope[row] * slope[column] }
                right[row] += weight * slope[row] * reading.left
            }
            sum += weight
            squares += weight * reading.left * reading.left
        }
        fit.residual = (squares / max(sum, 1e-9)).squareRoot() * step * Double(12).squareRoot()
        // In its lane, more or less.
        let prior = spread * spread / (Self.laneSpread * Self.laneSpread) * 0.5
        matrix[2][2] += prior
        right[2] += prior * (lane - fit.nearest)
        for place in 0..<3 { matrix[place][place] *= 1 + 1e-6 }
        guard let inverse = inverted(matrix) else { return nil }
        let change = (0..<3).map { row in (0..<3).reduce(0) { $0 + inverse[row][$1] * right[$1] } }
        fit.speed += max(-0.1 * fit.speed, min(0.1 * fit.speed, change[0]))
        fit.abreast += max(-2 / fit.speed, min(2 / fit.speed, change[1]))
        fit.nearest += max(-1, min(1, change[2]))
        return spread * max(0, inverse[0][0]).squareRoot()
    }

    private func coherence(_ re: Double, _ im: Double, _ windows: ArraySlice<Window>) -> Double {
        let power = windows.reduce(1e-12) { $0 + $1.real * $1.real + $1.imaginary * $1.imaginary }
        return min(1, (re * re + im * im).squareRoot() / power * Double(windows.count) / Double(windows.count - 1))
    }

    /// Where a bicycle's tone fades and a car's does not, in m along the road.
    private static let far = 13.0...25.0

    private func farClarity(_ fit: PassFit, _ windows: [Window], _ length: Int, _ rate: Double) -> Double? {
        let expected = (Self.far.upperBound - Self.far.lowerBound) / fit.speed * rate / Double(length)
        guard Double(windows.count) > 0.8 * expected else { return nil }
        return windows.reduce(0) { $0 + $1.clarity } / Double(windows.count)
    }

    private func describe(_ fit: inout PassFit, _ windows: [Window], _ length: Int, _ rate: Double) {
        let way = fit.speed * Double(length) / rate
        var nearest = Double.infinity
        var farthest = 0.0
        var clear = 0
        var between = 0
        for window in windows where window.clarity > 0.4 {
            let x = (fit.speed * (fit.abreast - window.middle)).magnitude
            nearest = min(nearest, x)
            farthest = max(farthest, x)
            clear += 1
        }
        for window in windows {
            let x = (fit.speed * (fit.abreast - window.middle)).magnitude
            if x >= nearest, x <= farthest { between += 1 }
        }
        var (along, all, squares) = (0.0, 1e-12, 1e-12)
        for index in windows.indices.dropLast() {
            let (a, b) = (windows[index], windows[index + 1])
            let product = a.real * b.real + a.imaginary * b.imaginary
            along += product
            all += (a.real * a.real + a.imaginary * a.imaginary).squareRoot() * (b.real * b.real + b.imaginary * b.imaginary).squareRoot()
            squares += product * product
        }
        fit.lock = along / all
        fit.significance = along / squares.squareRoot()
        fit.clearWay = Double(clear) * way
        if clear > 0 { fit.seen = nearest...farthest }
        fit.clearShare = between == 0 ? 0 : Double(clear) / Double(between)
    }
}

private func weightedMiddle(_ values: [(Double, Double)]) -> Double {
    let sorted = values.sorted { $0.0 < $1.0 }
    let half = sorted.reduce(0) { $0 + $1.1 } / 2
    var sum = 0.0
    for (value, weight) in sorted {
        sum += weight
        if sum >= half { return value }
    }
    return sorted.last?.0 ?? 0
}

/// nil when it has none.
private func inverted(_ m: [[Double]]) -> [[Double]]? {
    let a = m[1][1] * m[2][2] - m[1][2] * m[2][1]
    let b = m[1][2] * m[2][0] - m[1][0] * m[2][2]
    let c = m[1][0] * m[2][1] - m[1][1] * m[2][0]
    let determinant = m[0][0] * a + m[0][1] * b + m[0][2] * c
    guard determinant.magnitude > 1e-30 else { return nil }
    return [
        [a / determinant, (m[0][2] * m[2][1] - m[0][1] * m[2][2]) / determinant, (m[0][1] * m[1][2] - m[0][2] * m[1][1]) / determinant],
        [b / determinant, (m[0][0] * m[2][2] - m[0][2] * m[2][0]) / determinant, (m[0][2] * m[1][0] - m[0][0] * m[1][2]) / determinant],
        [c / determinant, (m[0][1] * m[2][0] - m[0][0] * m[2][1]) / determinant, (m[0][0] * m[1][1] - m[0][1] * m[1][0]) / determinant],
    ]
}

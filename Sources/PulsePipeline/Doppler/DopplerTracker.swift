public import SensorCore

/// Finds who passes a Doppler radar in its condensed pulses: a bank of track filters over their phase finds passes, a fit to the
/// phase measures them.
///
/// A pure machine: slices in, passages out; time comes with the slices. It runs on an ordinary thread, and allocates.
///
/// Each octave of frequencies has its `EchoBand` and its `PassBank`. What a bank finds becomes a candidate. When nothing better has
/// been found for a while, the best candidate is measured, and its echo is taken out of the evidence, so that what only
/// looked like a pass because of it, its harmonics and its mirror, is no longer there when its turn comes.
public struct DopplerTracker: Sendable {
    /// Evidence that a candidate must have, as a log-likelihood.
    static let threshold: Float = 25

    /// A pass is decided at most so long after somebody was abreast: 3 s, but for those on foot who go away, who must first have
    /// walked 7 m.
    public static let decisionTime = TimeSpan.seconds(15)
    /// After this long without pulses everything begins anew.
    private static let longestGap = TimeSpan.seconds(60)

    private let setup: RadarSetup
    private let bands: [EchoBand]
    private let banks: [PassBank]
    private let fitting: PassFitting
    private let samplePeriod: Double
    /// Of sample 0 of every band.
    private var epoch: MonotonicInstant?
    private var halves: [HalfBand]
    private var next: Int64 = 0
    private var candidates: [PassCandidate] = []
    private var recent: [(fit: PassFit, isComing: Bool, score: Float)] = []
    private var classes = RoadUserFromEcho()
    /// For tests and `explain`.
    public var onDecision: (@Sendable (String) -> Void)?

    public init(_ setup: RadarSetup) {
        self.setup = setup
        let period = Double(Int64(1) << setup.sampleShift) / 1e9
        samplePeriod = period
        let spectrum = ShortSpectrum()
        var bands: [EchoBand] = []
        var banks: [PassBank] = []
        var rate = 1 / period
        var clock = 0.0
        var top = 0.44 * rate / setup.turnsPerMetre
        while top > 0.7 {
            let low = 0.125 * rate / setup.turnsPerMetre
            let bins = bands.isEmpty ? 114 : 68
            let slowest = max(low, 0.6)
            let band = EchoBand(
                rate: rate, clock: clock, seconds: 2 * PassBank.reach(slowest) / slowest + 6, bins: bins, isTwoSided: setup.quadrature != nil, spectrum: spectrum)
            bands.append(band)
            banks.append(
                PassBank(setup, speeds: slowest...top, binWidth: band.binWidth, bins: bins, frameTime: band.frameTime))
            top = low
            // A half band's first sample belongs two samples before its first.
            clock -= 2 / rate
            rate /= 2
        }
        self.bands = bands
        self.banks = banks
        halves = bands.dropFirst().map { _ in HalfBand() }
        fitting = PassFitting(turnsPerMetre: setup.turnsPerMetre, lanes: setup.lanes.map(setup.nearest))
    }

    /// Everybody who was abreast before this is decided; nil before the first slice.
    public var decidedThrough: MonotonicInstant? {
        epoch.map { $0 + TimeSpan(nanoseconds: Int64(now * 1e9)) - Self.decisionTime }
    }

    /// Takes the next slice. Where slices are missing nobody was seen.
    public mutating func take(_ slice: PulseSlice, _ emit: (Passage) -> Void) {
        if let epoch {
            let due = epoch + TimeSpan(nanoseconds: Int64(bands[0].count) << setup.sampleShift)
            let gap = slice.instant - due
            if gap > Self.longestGap || gap < .zero {
                self = DopplerTracker(setup, learnt: classes, onDecision: onDecision)
            } else if gap > .zero {
                for _ in 0..<(gap.nanoseconds >> setup.sampleShift) { push(0, 0, 0, emit) }
            }
        }
        if epoch == nil { epoch = slice.instant }
        let sign: Float = setup.quadrature == .secondLeads ? -1 : 1
        for _ in 0..<slice.repeats {
            for place in 0..<PulseSlice.samples {
                let (one, other) = slice.sample(place)
                push(Float(one) / 127, setup.quadrature == nil ? 0 : sign * Float(other) / 127, 0, emit)
            }
        }
    }

    private init(_ setup: RadarSetup, learnt classes: RoadUserFromEcho, onDecision: (@Sendable (String) -> Void)?) {
        self.init(setup)
        self.classes = classes
        self.onDecision = onDecision
    }

    private mutating func push(_ re: Float, _ im: Float, _ level: Int, _ emit: (Passage) -> Void) {
        if bands[level].push(re, im) { look(level, emit) }
        guard level + 1 < bands.count else { return }
        if let (re, im) = halves[level].push(re, im) { push(re, im, level + 1, emit) }
    }

    private var now: Double { Double(bands[0].count) * samplePeriod }

    private func time(frame: Int, _ band: EchoBand) -> Double {
        band.clock + (Double(frame) * Double(EchoBand.hop) + Double(ShortSpectrum.size) / 2) / band.rate
    }

    /// The spectrum whose middle is nearest to a moment.
    private func frame(at time: Double, _ band: EchoBand) -> Int {
        Int((((time - band.clock) * band.rate - Double(ShortSpectrum.size) / 2) / Double(EchoBand.hop)).rounded())
    }

    private mutating func look(_ level: Int, _ emit: (Passage) -> Void) {
        let band = bands[level]
        let frame = band.frames - 1
        for isComing in [true, false] {
            guard let best = banks[level].best(band, at: frame, isComing: isComing, threshold: Self.threshold) else { continue }
            add(
                PassCandidate(
                    score: best.score, speed: banks[level].speed(best.track), nearest: banks[level].nearest(best.track),
                    abreast: time(frame: best.abreast, band), isComing: isComing, band: level,
                    way: Double(best.way.lowerBound)...Double(best.way.upperBound), found: now))
        }
        if !candidates.isEmpty { decide(emit) }
    }

    /// How long after a candidate a better one for the same pass may appear, in s.
    private func patience(_ speed: Double) -> Double { min(2, max(0.3, 5 / speed)) }

    /// Somebody who goes away is known 2 s after they were abreast: who comes waits for them, so that the strongest echo is first.
    private func isDue(_ candidate: PassCandidate, _ now: Double) -> Bool {
        now >= max(candidate.found + patience(candidate.speed), candidate.abreast + 2.4)
    }

    private mutating func add(_ new: PassCandidate) {
        for index in candidates.indices {
            let old = candidates[index]
            guard old.isComing == new.isComing, max(old.speed, new.speed) < 1.3 * min(old.speed, new.speed),
                (old.abreast - new.abreast).magnitude < patience(min(old.speed, new.speed))
            else { continue }
            if new.score > old.score { candidates[index] = new }
            return
        }
        candidates.append(new)
    }

    private mutating func decide(_ emit: (Passage) -> Void) {
        let now = self.now
        while let index = candidates.indices.filter({ isDue(candidates[$0], now) }).max(by: {
            candidates[$0].score < candidates[$1].score
        }) {
            let candidate = candidates[index]
            // One that is better and may explain the same echo comes first, if it does not take too long.
            let isBehind = candidates.contains {
                $0.score > candidate.score && !isDue($0, now) && ($0.abreast - candidate.abreast).magnitude < 2
            }
            if isBehind && now < max(candidate.found + patience(candidate.speed), candidate.abreast + 2.4) + 0.5 { return }
            candidates.remove(at: index)
            measure(candidate, emit)
        }
    }

    private mutating func measure(_ candidate: PassCandidate, _ emit: (Passage) -> Void) {
        let band = bands[candidate.band]
        let score = evidence(candidate)
        guard score >= Self.threshold else {
            tell("dropped", candidate, nil, score)
            return
        }
        let fit = fitting.fit(candidate, band, clock: band.clock)
        let now = self.now
        recent.removeAll { now - $0.fit.abreast > 20 }
        if let reason = refusal(of: fit, candidate, score) {
            tell(reason, candidate, fit, score)
            return
        }
        erase(fit, candidate)
        recent.append((fit, candidate.isComing, score))
        let isSpeedSure = fit.speedError.map { $0 < 0.03 * fit.speed } ?? false
        let passage = Passage(
            instant: (epoch ?? MonotonicInstant(nanoseconds: 0)) + TimeSpan(nanoseconds: Int64(fit.abreast * 1e9)),
            direction: setup.givesDirection ? (candidate.isComing ? .forward : .backward) : nil,
            roadUser: classes.judge(fit), speed: isSpeedSure ? fit.speed : nil, length: nil,
            isUncertain: score < 2 * Self.threshold || !isSpeedSure)
        tell("passed", candidate, fit, score)
        emit(passage)
    }

    /// Why this is no pass of its own; nil when it is one.
    private func refusal(of fit: PassFit, _ candidate: PassCandidate, _ score: Float) -> String? {
        guard let error = fit.speedError else { return "no fit" }
        let lane = setup.lanes.map { (setup.nearest(lane: $0) - fit.nearest).magnitude }.min() ?? 0
        if lane > 1.5 { return "beside the lanes" }
        let isLocked = fit.significance > 7 && fit.lock > 0.35
        if fit.speed > PassFitting.gait {
            if !isLocked || error > 0.05 * fit.speed { return "no lock" }
            if candidate.way.lowerBound > 4.5 { return "not abreast" }
            if fit.clearShare < 0.4 && score < 150 { return "in pieces" }
            if fit.residual > 0.55 { return "no chirp" }
            if (fit.seen?.lowerBound ?? 9) > 5 && score < 150 { return "not abreast" }
        } else {
            let isPlain = score > 45 && candidate.way.lowerBound < 2.5 && fit.clearShare + 2 * fit.lock > 1 && fit.clearWay > 3.5
            if !isPlain && !(isLocked && score > 30) { return "no lock" }
            let isBeside = recent.contains { $0.score > 1.8 * score && ($0.fit.abreast - fit.abreast).magnitude < 8 / fit.speed }
            if isBeside && !isLocked { return "beside another" }
        }
        for other in recent {
            let apart = (other.fit.abreast - fit.abreast).magnitude
            let isSameSpeed = (other.fit.speed / fit.speed - 1).magnitude < 0.15
            if isSameSpeed && apart < max(0.35, 1.5 / fit.speed) { return "same as before" }
            if isSameSpeed && other.isComing == candidate.isComing && fit.speed > 8 && apart < 0.95 && apart * fit.speed < 13 { return "same body" }
            let multiple = fit.speed / other.fit.speed
            if (multiple / multiple.rounded() - 1).magnitude < 0.1, multiple > 1.8, multiple < 5.5, apart < 0.6, score < 0.6 * other.score { return "harmonic" }
            guard isSameSpeed, apart * fit.speed < 20, fit.speed > 3 else { continue }
            // Only what is beside the module: a wheel, a mirror, the other end.
            let isNear = (fit.seen?.upperBound ?? 0) < 9
            if isNear && (other.isComing == candidate.isComing || score < 0.4 * other.score) { return "same body" }
            let isBlurred = fit.residual > 0.28 || lane > 0.9 || (fit.seen?.upperBound ?? 0) < 11
            if other.isComing == candidate.isComing && score < 0.75 * other.score && isBlurred && apart < 1.6 { return "same body" }
        }
        return nil
    }

    /// What the evidence says of it by now.
    private func evidence(_ candidate: PassCandidate) -> Float {
        let band = bands[candidate.band]
        var sum: Float = 0
        var best: Float = 0
        walk(candidate.speed, candidate.nearest, candidate.abreast, PassBank.reach(candidate.speed), candidate.isComing, band) { frame, bin, _ in
            let side = band.isTwoSided && !candidate.isComing ? band.bins : 0
            sum += Float(band.evidence(frame: frame)[side + bin]) / EchoBand.unit
            if sum < 0 { sum = 0 }
            best = max(best, sum)
        }
        return best
    }

    /// Every point of a track whose spectra are still there, from near to far.
    private func walk(
        _ speed: Double, _ nearest: Double, _ abreast: Double, _ reach: Double, _ isComing: Bool, _ band: EchoBand,
        _ body: (_ frame: Int, _ bin: Int, _ way: Double) -> Void
    ) {
        var last = -1
        var x = 0.3
        while x <= reach {
            let time = isComing ? abreast - x / speed : abreast + x / speed
            let frame = self.frame(at: time, band)
            let cosine = x / (x * x + nearest * nearest).squareRoot()
            let bin = Int((speed * cosine * setup.turnsPerMetre / band.binWidth).rounded())
            if frame != last, frame >= 0, frame < band.frames, frame > band.frames - band.frameMask, bin >= 3, bin < band.bins {
                body(frame, bin, x)
            }
            last = frame
            x += max(x < 6 ? 0.15 : 0.4, band.frameTime * speed)
        }
    }

    /// Takes a pass out of the evidence of every band, with what its tone leaves beside it.
    private func erase(_ fit: PassFit, _ candidate: PassCandidate) {
        for band in bands {
            let frameTime = band.frameTime
            let reach = 1.6 * PassBank.reach(fit.speed) + 3
            for isComing in [true, false] {
                // Behind its back the module sees less far.
                let way = isComing == candidate.isComing ? reach : 0.5 * reach
                let steps = Int(way / fit.speed / frameTime) + 1
                for step in 0...steps {
                    let x = Double(step) * frameTime * fit.speed
                    let time = isComing ? fit.abreast - x / fit.speed : fit.abreast + x / fit.speed
                    let frame = self.frame(at: time, band)
                    guard frame >= 0, frame < band.frames, frame > band.frames - band.frameMask else { continue }
                    let cosine = x / (x * x + fit.nearest * fit.nearest).squareRoot()
                    let middle = fit.speed * cosine * setup.turnsPerMetre / band.binWidth
                    // Faster turning means a broader echo.
                    let slope = fit.speed * fit.speed * fit.nearest * fit.nearest
                        / pow3((x * x + fit.nearest * fit.nearest).squareRoot()) * setup.turnsPerMetre
                    let spread = 2 + slope * Double(ShortSpectrum.size) / band.rate / band.binWidth * 0.6 + 0.03 * middle
                    wipe(band, frame, middle - spread, middle + spread)
                }
            }
        }
    }

    private func pow3(_ value: Double) -> Double { value * value * value }

    private func wipe(_ band: EchoBand, _ frame: Int, _ low: Double, _ high: Double) {
        let from = max(0, Int(low))
        let to = min(band.bins - 1, Int(high.rounded(.up)))
        guard from <= to else { return }
        let row = band.evidence(frame: frame)
        for bin in from...to {
            if row[bin] > 0 { row[bin] = 0 }
            if band.isTwoSided, row[band.bins + bin] > 0 { row[band.bins + bin] = 0 }
        }
    }

    private func tell(_ what: String, _ candidate: PassCandidate, _ fit: PassFit?, _ score: Float) {
        guard let onDecision else { return }
        func text(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
        var line = "\(what): \(candidate.isComing ? "coming" : "going") score \(Int(candidate.score))->\(Int(score)) v \(text(candidate.speed)) d \(text(candidate.nearest)) "
            + "t \(text(candidate.abreast)) way \(text(candidate.way.lowerBound))-\(text(candidate.way.upperBound)) band \(candidate.band) now \(text(now))"
        if let fit {
            line += " | fit v \(text(fit.speed)) ± \(fit.speedError.map(text) ?? "-") d \(text(fit.nearest)) t \(text(fit.abreast)) clear \(text(fit.clearWay)) m "
                + "share \(text(fit.clearShare)) seen \(text(fit.seen?.lowerBound ?? 0))-\(text(fit.seen?.upperBound ?? 0)) residual \(text(fit.residual)) tone \(text(fit.tone))\(fit.isToneOpen ? "+" : "") lock \(text(fit.lock)) sig \(text(fit.significance))"
        }
        onDecision(line)
    }
}

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


package import SensorCore

/// Finds who passes a Doppler radar in its condensed pulses: a bank of track filters over their phase finds passes, a fit to the
/// phase measures them.
///
/// A pure machine: slices in, passages out; time comes with the slices. It runs on an ordinary thread, and allocates.
///
/// Each octave of frequencies has its `EchoBand` and its `PassBank`. What a bank finds becomes a candidate. When nothing better has
/// been found for a while, the best candidate is measured, and its echo is taken out of the evidence, so that what only
/// looked like a pass because of it, its harmonics and its mirror, is no longer there when its turn comes.
package struct DopplerTracker: Sendable {
    /// Evidence that a candidate must have, as a log-likelihood.
    static let threshold: Float = 25

    /// A pass is decided at most so long after somebody was abreast: 3 s, but for those on foot who go away, who must first have
    /// walked 7 m.
    package static let decisionTime = TimeSpan.seconds(15)
    /// After this long without slices everybody who was there is decided, and everything begins anew: of what is usual, silence in
    /// which nobody listened tells nothing.
    private static let longestGap = decisionTime

    private let setup: RadarSetup
    private let bands: [EchoBand]
    private let banks: [PassBank]
    private let fitting: PassFitting
    private let samplePeriod: Double
    /// Of sample 0 of every band.
    private var epoch: MonotonicInstant?
    /// Of -128 to 127 as a share of 127.
    private let shares: [Float]
    private var candidates = PassCandidates()
    private var judge: PassJudge
    private var classes = RoadUserFromEcho()
    /// For tests and `explain`.
    package var onDecision: (@Sendable (String) -> Void)?

    package init(_ setup: RadarSetup) {
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
                rate: rate, clock: clock, seconds: 2 * PassBank.reach(slowest) / slowest + 6, bins: bins,
                isTwoSided: setup.quadrature != nil, spectrum: spectrum)
            bands.append(band)
            banks.append(PassBank(setup, speeds: slowest...top, of: band))
            top = low
            // A half band's first sample belongs two samples before its first.
            clock -= 2 / rate
            rate /= 2
        }
        self.bands = bands
        self.banks = banks
        shares = (-128...127).map { Float($0) / 127 }
        judge = PassJudge(setup)
        fitting = PassFitting(turnsPerMetre: setup.turnsPerMetre, lanes: setup.lanes.map(setup.nearest))
    }

    /// Everybody who was abreast before this is decided; nil before the first slice.
    package var decidedThrough: MonotonicInstant? {
        epoch.map { $0 + TimeSpan(nanoseconds: Int64(now * 1e9)) - Self.decisionTime }
    }

    /// Takes the next slice. Where slices are missing nobody was seen.
    package mutating func take(_ slice: PulseSlice, _ emit: (Passage) -> Void) {
        if let epoch {
            let due = epoch + TimeSpan(nanoseconds: Int64(bands[0].count) << setup.sampleShift)
            let gap = slice.instant - due
            let isNew = gap > Self.longestGap || gap < .zero
            fallSilent(for: isNew ? Self.longestGap : gap, emit)
            if isNew { self = DopplerTracker(setup, learnt: classes, onDecision: onDecision) }
        }
        if epoch == nil { epoch = slice.instant }
        for _ in 0..<slice.repeats {
            for place in 0..<PulseSlice.samples {
                let (one, other) = slice.sample(place)
                let second: Float =
                    switch setup.quadrature {
                    case nil: 0
                    case .firstLeads: shares[Int(other) + 128]
                    case .secondLeads: -shares[Int(other) + 128]
                    }
                bands[0].append(shares[Int(one) + 128], second)
                if bands[0].count % EchoBand.hop == 0 { analyse(emit) }
            }
        }
    }

    private mutating func fallSilent(for gap: TimeSpan, _ emit: (Passage) -> Void) {
        for _ in 0..<(gap.nanoseconds >> setup.sampleShift) {
            bands[0].append(0, 0)
            analyse(emit)
        }
    }

    private init(_ setup: RadarSetup, learnt classes: RoadUserFromEcho, onDecision: (@Sendable (String) -> Void)?) {
        self.init(setup)
        self.classes = classes
        self.onDecision = onDecision
    }

    /// Whenever the first band has a whole hop of new samples. While one band is looked at, those below it still lack the sample that
    /// this one gives last.
    private mutating func analyse(_ emit: (Passage) -> Void) {
        let count = bands[0].count
        guard count % EchoBand.hop == 0 else { return }
        for level in bands.indices.dropFirst() { bands[level].halve(bands[level - 1], until: (count >> level) - 1) }
        for level in bands.indices {
            if level > 0 { bands[level].halve(bands[level - 1], until: count >> level) }
            if bands[level].analyseIfDue() { look(level, emit) }
        }
    }

    private var now: Double { Double(bands[0].count) * samplePeriod }

    private mutating func look(_ level: Int, _ emit: (Passage) -> Void) {
        let band = bands[level]
        let frame = band.frames - 1
        for isComing in [true, false] {
            guard let best = banks[level].best(band, at: frame, isComing: isComing, threshold: Self.threshold) else { continue }
            candidates.add(
                PassCandidate(
                    score: best.score, speed: banks[level].speed(best.track), nearest: banks[level].nearest(best.track),
                    abreast: band.time(frame: best.abreast), isComing: isComing, band: level,
                    way: Double(best.way.lowerBound)...Double(best.way.upperBound), found: now))
        }
        let now = self.now
        while let candidate = candidates.takeNext(at: now) { measure(candidate, now, emit) }
    }

    private mutating func measure(_ found: PassCandidate, _ now: Double, _ emit: (Passage) -> Void) {
        var candidate = found
        let band = bands[candidate.band]
        let track = PassTrack(candidate, setup).refined(in: band)
        candidate.follow(track, in: band)
        guard candidate.score >= Self.threshold else {
            onDecision?(PassDecision.text("dropped", found, candidate, nil, now))
            return
        }
        // The fit is what costs: who is too fast to walk and not seen beside the module needs none.
        guard candidate.speed < 1.4 * PassFitting.gait || candidate.way.lowerBound <= PassJudge.farthestStart else {
            onDecision?(PassDecision.text("not abreast", found, candidate, nil, now))
            return
        }
        let fit = fitting.fit(candidate, band, clock: band.clock)
        candidate.confirm(PassTrack(fit, candidate, setup).evidence(in: band))
        judge.forget(before: now - 20)
        if let reason = judge.refusal(of: fit, candidate) {
            onDecision?(PassDecision.text(reason, found, candidate, fit, now))
            return
        }
        // Of who goes away the rear is the strongest, and the last.
        if !candidate.isComing, fit.speed > 4, fit.clearShare < 0.6, candidate.waitForTheRest() {
            candidates.putBack(candidate)
            return
        }
        for band in bands { PassTrack(fit, candidate, setup).erase(from: band) }
        judge.remember(fit, candidate)
        let told = judge.confidence(in: fit, candidate)
        let passage = Passage(
            instant: (epoch ?? MonotonicInstant(nanoseconds: 0)) + TimeSpan(nanoseconds: Int64(fit.abreast * 1e9)),
            direction: setup.givesDirection ? (candidate.isComing ? .forward : .backward) : nil,
            roadUser: classes.judge(fit), speed: told.speed, length: nil, isUncertain: told.isUncertain)
        onDecision?(PassDecision.text("passed", found, candidate, fit, now))
        emit(passage)
    }
}

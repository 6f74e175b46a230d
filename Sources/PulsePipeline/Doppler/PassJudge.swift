/// Says whether what a fit found is a pass of its own, beside those that were found before.
struct PassJudge: Sendable {
    /// From where on the echo of a vehicle must show, in m along the road.
    static let farthestStart = 4.5

    private let setup: RadarSetup
    private var recent: [(fit: PassFit, isComing: Bool, score: Float)] = []

    init(_ setup: RadarSetup) { self.setup = setup }

    mutating func remember(_ fit: PassFit, _ candidate: PassCandidate) { recent.append((fit, candidate.isComing, candidate.score)) }

    mutating func forget(before time: Double) { recent.removeAll { $0.fit.abreast < time } }

    /// Why this is no pass of its own; nil when it is one.
    func refusal(of fit: PassFit, _ candidate: PassCandidate) -> String? {
        guard let error = fit.speedError else { return "no fit" }
        let beside = setup.lanes.map { (setup.nearest(lane: $0) - fit.nearest).magnitude }.min() ?? 0
        // What the spectra say all along the way needs less of the phase.
        let isPlain = candidate.score > 130 && candidate.fitted.score > 0.8 * candidate.score && candidate.fitted.way.lowerBound < 2
        if beside > (isPlain ? 1.9 : 1.5) { return "beside the lanes" }
        // Of a wrong guess the fit finds something, but not beside the module.
        if candidate.fitted.score < max(DopplerTracker.threshold, 0.5 * candidate.score) { return "not where it was" }
        if candidate.fitted.way.lowerBound > (fit.speed < 8 ? 2.2 : 3.5) { return "not abreast" }
        let isLocked = fit.lock > 0.35 && (fit.significance > 7 || fit.significance > 5 && candidate.score > 100)
        let weakness =
            fit.speed > PassFitting.gait
            ? weaknessOfTone(fit, candidate, error, isPlain: isPlain, isLocked: isLocked)
            : weaknessOfGait(fit, candidate, isLocked: isLocked)
        return weakness ?? likeness(fit, candidate, beside: beside)
    }

    /// The speed of a pass in m/s where its standard error is below 3 %; and whether the pass counts as uncertain: without a speed,
    /// or with an echo less than twice as clear as it takes to be seen.
    func confidence(in fit: PassFit, _ candidate: PassCandidate) -> (speed: Double?, isUncertain: Bool) {
        let isSpeedSure = fit.speedError.map { $0 < 0.03 * fit.speed } ?? false
        return (isSpeedSure ? fit.speed : nil, candidate.score < 2 * DopplerTracker.threshold || !isSpeedSure)
    }

    /// Of a wheel or a motor: one tone, whose phase holds.
    private func weaknessOfTone(
        _ fit: PassFit, _ candidate: PassCandidate, _ error: Double, isPlain: Bool, isLocked: Bool
    ) -> String? {
        if !isLocked && !(isPlain && fit.lock > 0.2) || error > 0.05 * fit.speed { return "no lock" }
        if candidate.way.lowerBound > Self.farthestStart { return "not abreast" }
        if fit.clearShare < 0.4 && candidate.score < 150 { return "in pieces" }
        if fit.residual > (isPlain ? 0.7 : 0.55) { return "no chirp" }
        if (fit.seen?.lowerBound ?? 9) > (fit.speed < 8 ? 2.5 : 5) && candidate.score < 150 { return "not abreast" }
        return nil
    }

    /// Of somebody who may walk: limbs smear the tone, so that it must be whole.
    private func weaknessOfGait(_ fit: PassFit, _ candidate: PassCandidate, isLocked: Bool) -> String? {
        let score = candidate.score
        let isWhole = fit.clearShare > 0.85 || fit.lock > 0.4 && fit.clearShare > 0.6 || score > 85
        let isWalking =
            isWhole && score > 45 && candidate.way.lowerBound < 2.5 && fit.clearShare + 2 * fit.lock > 1 && fit.clearWay > 3.5
        if !isWalking && !(isLocked && score > 35 && fit.clearShare > 0.62) { return "no lock" }
        let isBeside = score < 80 && recent.contains { $0.score > 1.8 * score && ($0.fit.abreast - fit.abreast).magnitude < 8 / fit.speed }
        return isBeside && !isLocked ? "beside another" : nil
    }

    /// To one that was found before, or a part of it: its other end, a wheel, a mirror, a harmonic.
    private func likeness(_ fit: PassFit, _ candidate: PassCandidate, beside: Double) -> String? {
        let score = candidate.score
        let isNear = (fit.seen?.upperBound ?? 0) < 9 || candidate.isPartial
        // One point of a body, at its own distance: a wheel of a lorry.
        let isPoint = fit.residual < 0.1 && fit.clearShare < 0.6
        let isBlurred = fit.residual > 0.28 || beside > 0.9 || (fit.seen?.upperBound ?? 0) < 11
        for other in recent {
            let apart = (other.fit.abreast - fit.abreast).magnitude
            let way = apart * fit.speed
            let multiple = fit.speed / other.fit.speed
            let isSameWay = other.isComing == candidate.isComing
            if (multiple / multiple.rounded() - 1).magnitude < 0.1, multiple > 1.8, multiple < 5.5, apart < 0.6, score < 0.6 * other.score {
                return "harmonic"
            }
            guard (1 / multiple - 1).magnitude < 0.15 else { continue }
            if apart < max(0.35, 1.5 / fit.speed) { return "same as before" }
            if isSameWay && fit.speed > 8 && apart < 0.95 && way < 13 { return "same body" }
            guard way < 20, fit.speed > 3 else { continue }
            let isLike = (1 / multiple - 1).magnitude < 0.06
            if isLike && isPoint && way < 17 && score < 0.95 * other.score { return "same body" }
            let isBroken = fit.clearShare < 0.55 && way < 10
            if isLike && (isNear || isBroken) && score < 0.8 * other.score { return "same body" }
            if isNear && (isSameWay || score < 0.4 * other.score) { return "same body" }
            if isSameWay && isBlurred && apart < 1.6 && score < 0.75 * other.score { return "same body" }
        }
        return nil
    }
}

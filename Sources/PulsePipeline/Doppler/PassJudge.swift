/// Says whether what a fit found is a pass of its own, beside those that were found before.
struct PassJudge: Sendable {
    private let setup: RadarSetup
    private var recent: [(fit: PassFit, isComing: Bool, score: Float)] = []

    init(_ setup: RadarSetup) { self.setup = setup }

    mutating func remember(_ fit: PassFit, _ candidate: PassCandidate) { recent.append((fit, candidate.isComing, candidate.score)) }

    mutating func forget(before time: Double) { recent.removeAll { $0.fit.abreast < time } }

    /// Why this is no pass of its own; nil when it is one.
    func refusal(of fit: PassFit, _ candidate: PassCandidate) -> String? {
        let score = candidate.score
        guard let error = fit.speedError else { return "no fit" }
        // What the spectra say all along the way needs less of the phase.
        let isPlain = score > 130 && candidate.fitted.score > 0.8 * score && candidate.fitted.way.lowerBound < 2
        let lane = setup.lanes.map { (setup.nearest(lane: $0) - fit.nearest).magnitude }.min() ?? 0
        if lane > (isPlain ? 1.9 : 1.5) { return "beside the lanes" }
        let isLocked = fit.lock > 0.35 && (fit.significance > 7 || fit.significance > 5 && score > 100)
        // Of a wrong guess the fit finds something, but not beside the module.
        if candidate.fitted.score < max(DopplerTracker.threshold, 0.5 * score) { return "not where it was" }
        if candidate.fitted.way.lowerBound > (fit.speed < 8 ? 2.2 : 3.5) { return "not abreast" }
        if fit.speed > PassFitting.gait {
            if !isLocked && !(isPlain && fit.lock > 0.2) || error > 0.05 * fit.speed { return "no lock" }
            if candidate.way.lowerBound > 4.5 { return "not abreast" }
            if fit.clearShare < 0.4 && score < 150 { return "in pieces" }
            if fit.residual > (isPlain ? 0.7 : 0.55) { return "no chirp" }
            if (fit.seen?.lowerBound ?? 9) > (fit.speed < 8 ? 2.5 : 5) && score < 150 { return "not abreast" }
        } else {
            let isWhole = fit.clearShare > 0.85 || fit.lock > 0.4 && fit.clearShare > 0.6 || score > 85
            let isWalking = score > 45 && candidate.way.lowerBound < 2.5 && fit.clearShare + 2 * fit.lock > 1 && fit.clearWay > 3.5 && isWhole
            if !isWalking && !(isLocked && score > 35 && fit.clearShare > 0.62) { return "no lock" }
            let isBeside = score < 80 && recent.contains { $0.score > 1.8 * score && ($0.fit.abreast - fit.abreast).magnitude < 8 / fit.speed }
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
            let isNear = (fit.seen?.upperBound ?? 0) < 9 || candidate.isPartial
            let isLike = (other.fit.speed / fit.speed - 1).magnitude < 0.06
            // One point of it, at its own distance: a wheel of a lorry.
            let isPoint = fit.residual < 0.1 && fit.clearShare < 0.6
            if isPoint && isLike && apart * fit.speed < 17 && score < 0.95 * other.score { return "same body" }
            let isBroken = fit.clearShare < 0.55 && apart * fit.speed < 10
            if (isNear || isBroken) && isLike && score < 0.8 * other.score { return "same body" }
            if isNear && (other.isComing == candidate.isComing || score < 0.4 * other.score) { return "same body" }
            let isBlurred = fit.residual > 0.28 || lane > 0.9 || (fit.seen?.upperBound ?? 0) < 11
            if other.isComing == candidate.isComing && score < 0.75 * other.score && isBlurred && apart < 1.6 { return "same body" }
        }
        return nil
    }
}

/// What became of a candidate, for tests and `explain`.
enum PassDecision {
    static func text(_ what: String, _ found: PassCandidate, _ candidate: PassCandidate, _ fit: PassFit?, _ now: Double) -> String {
        func text(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
        var line =
            "\(what): \(candidate.isComing ? "coming" : "going") score \(Int(found.score))->\(Int(candidate.score)) v \(text(candidate.speed)) d \(text(candidate.nearest))"
        line +=
            " t \(text(candidate.abreast)) way \(text(candidate.way.lowerBound))-\(text(candidate.way.upperBound)) band \(candidate.band) now \(text(now))"
        guard let fit else { return line }
        line += " | fit v \(text(fit.speed)) ± \(fit.speedError.map(text) ?? "-") d \(text(fit.nearest)) t \(text(fit.abreast))"
        line += " fitted \(Int(candidate.fitted.score)) \(text(candidate.fitted.way.lowerBound))-\(text(candidate.fitted.way.upperBound))"
        line +=
            " clear \(text(fit.clearWay)) m share \(text(fit.clearShare)) seen \(text(fit.seen?.lowerBound ?? 0))-\(text(fit.seen?.upperBound ?? 0))"
        line +=
            " residual \(text(fit.residual)) far \(fit.farClarity.map(text) ?? "-") lock \(text(fit.lock)) sig \(text(fit.significance))"
        return line
    }
}

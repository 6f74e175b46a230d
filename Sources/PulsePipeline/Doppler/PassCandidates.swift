/// A pass that a bank of track filters has found.
struct PassCandidate: Sendable {
    var score: Float
    /// In m/s.
    var speed: Double
    /// Closest to the module, in m.
    var nearest: Double
    /// Abreast, in s on the clock of the tracker's samples.
    var abreast: Double
    var isComing: Bool
    /// The band whose spectra show it best.
    var band: Int
    /// The part of the way that shows, in m before or behind the module.
    var way: ClosedRange<Double>
    /// When it was last found better than before, in s.
    var found: Double
    /// It waits for the rest of a long vehicle, of which it may be a part, in s.
    private(set) var delay = 0.0
    /// What the fitted pass has of the evidence, and along which part of the way.
    private(set) var fitted: (score: Float, way: ClosedRange<Double>) = (0, 0...0)

    init(score: Float, speed: Double, nearest: Double, abreast: Double, isComing: Bool, band: Int, way: ClosedRange<Double>, found: Double)
    {
        self.score = score
        self.speed = speed
        self.nearest = nearest
        self.abreast = abreast
        self.isComing = isComing
        self.band = band
        self.way = way
        self.found = found
    }

    /// How long after a candidate a better one for the same pass may appear, in s.
    var patience: Double { min(2, max(0.3, 5 / speed)) }

    /// Who comes waits for those who go away: they are known only some time after they were abreast, and the strongest echo is to be
    /// first. Who goes away at a bicycle's speed waits until it shows how far its tone reaches.
    var due: Double {
        var wait = isComing ? 2.5 + min(2, 2 / speed) : speed > 4 && speed < RoadUserFromEcho.fastBike ? 24 / speed : 2.4
        // The near end of a long vehicle: the other shows farther.
        if isPartial { wait += min(1.2, 8 / speed) }
        return min(max(found + patience, abreast + wait) + delay, latest)
    }

    /// 3 s after whoever it may be has left the beam: on foot 10 m after the module, by bicycle 16 m; who came 3 m behind it.
    var latest: Double { abreast + 2.9 + (isComing ? 3.4 : speed < RoadUserFromEcho.fastWalk ? 10.4 : 17.8) / speed }

    /// Only beside the module.
    var isPartial: Bool { way.upperBound < min(10, 0.6 * PassBank.reach(speed)) }

    mutating func confirm(_ evidence: (score: Float, way: ClosedRange<Double>)) { fitted = evidence }

    /// False when it has waited already.
    mutating func waitForTheRest() -> Bool {
        guard delay == 0 else { return false }
        delay = min(1.6, 14 / speed)
        return true
    }

    /// Takes over a track that explains the same echo better.
    mutating func follow(_ track: PassTrack, in band: EchoBand) {
        let evidence = track.evidence(in: band)
        (speed, nearest, abreast) = (track.speed, track.nearest, track.abreast)
        (score, way) = (evidence.score, evidence.way)
    }
}

/// Candidates that wait for what is better.
struct PassCandidates: Sendable {
    private var all: [PassCandidate] = []
    /// For one that is better and may explain the same echo, in s.
    private static let longestDelay = 0.5

    mutating func add(_ new: PassCandidate) {
        for index in all.indices {
            let old = all[index]
            guard old.isComing == new.isComing, max(old.speed, new.speed) < 1.3 * min(old.speed, new.speed),
                (old.abreast - new.abreast).magnitude < max(old.patience, new.patience)
            else { continue }
            if new.score > old.score { all[index] = new }
            return
        }
        all.append(new)
    }

    mutating func putBack(_ candidate: PassCandidate) { all.append(candidate) }

    /// The best of those that are due, unless a better one is due soon.
    mutating func takeNext(at now: Double) -> PassCandidate? {
        var best: Int?
        for index in all.indices where now >= all[index].due {
            if best.map({ all[index].score > all[$0].score }) ?? true { best = index }
        }
        guard let best else { return nil }
        let candidate = all[best]
        let better = all.filter { $0.score > candidate.score && now < $0.due && ($0.abreast - candidate.abreast).magnitude < 2 }
        if !better.isEmpty && now < min(candidate.due + Self.longestDelay, candidate.latest) { return nil }
        // The other way at the same speed: one body, seen before and behind.
        if now < candidate.latest,
            better.contains(where: { $0.isComing != candidate.isComing && ($0.speed / candidate.speed - 1).magnitude < 0.15 })
        {
            return nil
        }
        return all.remove(at: best)
    }
}

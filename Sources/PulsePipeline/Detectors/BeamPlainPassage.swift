import SensorCore

/// The usual case, in the shortest way.
extension BeamReading {
    /// Every mark of the entry beam has its image at one shift, and nothing else is there.
    func plainMeaning() -> ExplanationMeaning? {
        let count = firstGap
        guard count & 1 == 0, count <= 16, window[0].isClosed else { return nil }
        let pieces = count / 2
        let input = window[0].input
        var exit = 0
        var entry = -1
        var chain = Chain(
            lastEntry: 0, lastExit: 0, begin: window[0].on, end: window[0].off, firstWidth: width(0), lastWidth: 0)
        var lowest = Double.infinity
        var highest = -Double.infinity
        for piece in 0..<pieces {
            repeat { entry += 1 } while entry < count && window[entry].input != input
            while exit < count, window[exit].input == input { exit += 1 }
            guard entry < count, exit < count, window[entry].isClosed, window[exit].isClosed else { return nil }
            let begin = interval(window[entry].on, window[exit].on)
            let end = interval(window[entry].off, window[exit].off)
            lowest = min(lowest, begin, end)
            highest = max(highest, begin, end)
            chain.shifts += begin + end
            if piece > 0 {
                chain.widestGap = max(chain.widestGap, interval(chain.end, window[entry].on))
                chain.pieces += 1
            }
            chain.end = window[entry].off
            chain.lastWidth = width(entry)
            exit += 1
        }
        chain.shiftCount = Double(count)
        let shift = chain.shift
        guard lowest >= geometry.shortestShift, highest <= geometry.longestShift, highest - lowest < 0.002 + 0.02 * shift else {
            return nil
        }
        let speed = geometry.spacing / shift
        chain.widestGap = pieces > 1 ? speed * chain.widestGap + geometry.detectionLength : 0
        let shape = silhouette(of: chain)
        guard shape.cost < 1.2 else { return nil }
        var meaning = meaning(of: chain, shape, entry: 0, isSure: true)
        if count < window.count {
            guard window[count].on > meaning.readyAt else { return nil }
            meaning.marks = bit(count) - 1
        }
        return meaning
    }

    /// How many marks there are before the first time in which no beam was broken for a while.
    var firstGap: Int {
        var end = window[0].off
        for place in 1..<max(1, window.count) {
            if end != Mark.stillActive, window[place].on > end &+ 400_000_000 { return place }
            end = max(end, window[place].off)
        }
        return window.count
    }

    func meaning(of chain: Chain, _ shape: BeamSilhouette, entry: Int, isSure: Bool) -> ExplanationMeaning {
        let first = window[entry]
        let speed = geometry.spacing / chain.shift
        // Until then somebody who walks slowly may still show what this mark really is.
        let patience = first.on &+ nanoseconds(geometry.patience)
        let passage = Passage(
            instant: MonotonicInstant(nanoseconds: chain.begin), direction: first.input == 0 ? .forward : .backward,
            roadUser: shape.roadUser, speed: speed, length: length(of: chain),
            isUncertain: shape.roadUser == .unclassified || !isSure)
        let next = chain.end &+ nanoseconds((speed > 2 ? 0.9 : 0.5) / speed + 1.1 * chain.shift)
        return ExplanationMeaning(passage: passage, readyAt: max(patience, next))
    }
}

import SensorCore

/// Who comes, looks and goes back: nobody passed.
extension BeamReading {
    /// In at one beam, perhaps to the other, and out where it came from, about as fast as in.
    func turnBacks(from entry: Int, _ explained: MarkEnds, _ offer: (Explanation) -> Void) {
        guard explained.ends & bit(entry) == 0 else { return }
        for other in entry + 1..<max(entry + 1, window.count) where window[other].isClosed {
            if interval(window[entry].off, window[other].on) > 4 { break }
            if window[other].input == window[entry].input {
                wayOut(entry, nil, other, explained, cost: 1, offer)
                continue
            }
            guard (explained.begins | explained.ends) & bit(other) == 0 else { continue }
            for out in other + 1..<max(other + 1, window.count) where window[out].isClosed && window[out].input == window[entry].input {
                if interval(window[other].off, window[out].on) > 4 { break }
                let way = interval(window[entry].off, window[other].on)
                let back = interval(window[other].off, window[out].on)
                let walk = walkCost(interval(window[entry].on, window[other].on), width(entry))
                guard walk < 9 else { break }
                wayOut(
                    entry, other, out, explained, cost: walk + 1.5 * deviationCost(back - way, 0.04 + 0.1 * way.magnitude), offer)
            }
            if window[other].off < window[entry].off {
                // Back while still in the first beam.
                let way = interval(window[entry].on, window[other].on)
                let back = interval(window[other].off, window[entry].off)
                var ends = MarkEnds()
                ends.insert(entry, begin: true, end: true)
                ends.insert(other, begin: true, end: true)
                let cost = Self.turnBackCost + 1.5 * deviationCost(back - way, 0.04 + 0.1 * way)
                offer(Explanation(explained: ends, cost: cost, kind: Kind.turnBack.rawValue, entry: UInt8(truncatingIfNeeded: entry)))
            }
        }
    }

    /// Of somebody on foot who took so long from beam to beam, and broke the first for so long.
    func walkCost(_ shift: Double, _ width: Double) -> Double {
        guard shift > 0 else { return .infinity }
        let speed = geometry.spacing / shift
        let depth = speed * width - geometry.detectionLength
        return BeamSilhouette(speed: speed, length: depth, pieces: 1, widestGap: 0, firstPiece: depth, lastPiece: depth).cost
    }

    /// The way out as a mark of its own, or at either end of another's.
    func wayOut(
        _ entry: Int, _ turn: Int?, _ out: Int, _ explained: MarkEnds, cost: Double, _ offer: (Explanation) -> Void
    ) {
        var ends = MarkEnds()
        ends.insert(entry, begin: true, end: true)
        if let turn { ends.insert(turn, begin: true, end: true) }
        let longer = width(out) - width(entry)
        let usual = 0.03 + 0.15 * width(entry)
        func offerOut(begin: Bool, end: Bool, _ cost: Double) {
            var all = ends
            all.insert(out, begin: begin, end: end)
            guard all.isDisjoint(with: explained) else { return }
            offer(
                Explanation(
                    explained: all, cost: Self.turnBackCost + cost, kind: Kind.turnBack.rawValue,
                    entry: UInt8(truncatingIfNeeded: entry)))
        }
        offerOut(begin: true, end: true, cost + 0.7 * deviationCost(longer, usual))
        guard longer > usual, turn != nil else { return }
        offerOut(begin: true, end: false, cost + Self.hiddenCost)
        offerOut(begin: false, end: true, cost + Self.hiddenCost)
    }
}

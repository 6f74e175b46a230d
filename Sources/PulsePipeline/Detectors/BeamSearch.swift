import SensorCore

/// Finds out what the oldest mark of two beams belongs to.
///
/// Whoever passes breaks both beams in the same pattern, shifted by spacing / speed; the oldest mark is where somebody entered,
/// so the beam it came from gives the direction. Each mark of the other beam within the possible shifts is tried: how well
/// do widths agree, how many further marks of a bicycle fit the same shift, what is left over, is it a silhouette that
/// exists. All times in s after the oldest mark's beginning.
struct BeamSearch {
    private let window: MarkWindow
    private let geometry: BeamGeometry
    private let base: Int64
    private let now: Int64
    private let entry: UInt8

    /// Widths agree to this share of themselves, since people do not walk evenly, and to this time.
    private static let widthSpread = 0.08
    private static let edgeJitter = 0.002
    /// Above this a pair of marks does not come from one body.
    private static let worstFit = 16.0
    /// Up to this a reading is taken without waiting whether a better one comes.
    private static let goodCost = 3.0

    init(_ window: MarkWindow, geometry: BeamGeometry, now: Int64) {
        self.window = window
        self.geometry = geometry
        self.now = now
        base = window[0].on
        entry = window[0].input
    }

    /// What to do with the oldest mark.
    struct Verdict {
        /// The marks it explains.
        var marks: UInt64 = 1
        /// Not before this is it sure, in ns of the monotonic clock.
        var readyAt: Int64
        var cost = Double.infinity
        var first: Passage?
        var second: Passage?
    }

    func verdict() -> Verdict {
        let first = window[0]
        guard first.isClosed else {
            return Verdict(readyAt: first.on &+ nanoseconds(geometry.stallLimit))
        }
        var best = Verdict(readyAt: .min)
        var chosen = Chain()
        for place in 1..<max(1, window.count) {
            let other = window[place]
            let shift = time(other.on)
            if shift > geometry.longestShift { break }
            guard other.input != entry, other.isClosed, shift >= geometry.shortestShift else { continue }
            guard let chain = chain(through: place), chain.cost < best.cost else { continue }
            chosen = chain
            best = reading(of: chain)
        }
        if best.cost <= Self.goodCost {
            best.readyAt = readyTime(of: chosen)
            if chosen.pieces == 1 { rejectTurnBack(&best, chosen) }
            return best
        }
        let patience = base &+ nanoseconds(max(geometry.longestShift, time(first.off)))
        if let merged = mergedReading(), merged.cost < best.cost { best = merged }
        if best.cost < .infinity, best.second == nil { rejectTurnBack(&best, chosen) }
        best.readyAt = max(best.readyAt, patience, openMarkPatience(until: patience))
        if best.cost == .infinity { best.marks |= nestedMarks() }
        return best
    }

    // MARK: one body

    /// Marks of the entry beam and their images on the other.
    private struct Chain {
        var marks: UInt64 = 1
        var pieces = 0
        var cost = Double.infinity
        /// Sum of the shifts of all beginnings and ends.
        var shifts = 0.0
        var fit = 0.0
        var lastEntry = 0
        var lastExit = 0
        var firstExit = 0

        var shift: Double { shifts / Double(2 * pieces) }

        mutating func add(_ entry: Int, _ exit: Int, shifts: Double, fit: Double) {
            marks |= 1 << UInt64(entry) | 1 << UInt64(exit)
            pieces += 1
            self.shifts += shifts
            self.fit += fit
            lastEntry = entry
            lastExit = exit
        }
    }

    private func chain(through exit: Int) -> Chain? {
        guard let start = link(0, exit) else { return nil }
        var single = Chain()
        single.add(0, exit, shifts: start.shifts, fit: start.fit)
        single.firstExit = exit
        let speed = geometry.spacing / single.shift
        // People behind each other are apart; a bicycle's marks are not.
        var chain = extended(single, over: speed >= 2 ? 0.85 : 0.5)
        if chain.pieces > 1, geometry.spacing / chain.shift < 2, !isSlowBike(chain) {
            chain = extended(single, over: 0.3, thinnerThan: 0.2)
        }
        let shape = silhouette(chain)
        chain.cost = min(9, chain.fit / Double(chain.pieces)) + shape.cost + leftOver(chain) - 0.5 * Double(min(4, chain.pieces - 1))
        return chain
    }

    /// The shifts of both ends of an entry mark and its image, and how badly their widths agree; nil when it is no image.
    @inline(__always)
    private func link(_ entry: Int, _ exit: Int) -> (shifts: Double, fit: Double)? {
        let from = window[entry]
        let to = window[exit]
        let begin = Double(to.on &- from.on) * 1e-9
        let end = Double(to.off &- from.off) * 1e-9
        guard end >= geometry.shortestShift else { return nil }
        let width = Double(from.off &- from.on) * 1e-9
        let other = Double(to.off &- to.on) * 1e-9
        let mean = 0.5 * (width + other)
        let spread = Self.widthSpread * mean
        let fit = (width - other) * (width - other) / (spread * spread + 2 * Self.edgeJitter * Self.edgeJitter)
        return fit <= Self.worstFit ? (begin + end, fit) : nil
    }

    /// Takes in the marks that follow on the entry beam closer than `gap` metres and have their image at the same shift.
    private func extended(_ start: Chain, over gap: Double, thinnerThan thickest: Double = .infinity) -> Chain {
        var chain = start
        var shift = chain.shift
        var skipped: UInt64 = 0
        if geometry.spacing / shift * width(0) > thickest { return chain }
        for place in 1..<max(1, window.count) {
            let mark = window[place]
            guard mark.input == entry, mark.isClosed else { continue }
            let speed = geometry.spacing / shift
            if speed * Double(mark.on &- window[chain.lastEntry].off) * 1e-9 > gap { break }
            if speed * time(mark.off) > 2.75 + geometry.detectionLength || speed * width(place) > thickest { break }
            if let (exit, link) = image(of: place, shift: shift, after: chain.lastExit, taken: chain.marks) {
                chain.add(place, exit, shifts: link.shifts, fit: link.fit)
                chain.marks |= skipped
                skipped = 0
                shift = chain.shift
            } else if speed * width(place) < 0.2 {
                // A spoke or a pedal that one beam saw and the other did not.
                skipped |= 1 << UInt64(place)
            } else {
                break
            }
        }
        return chain
    }

    private func image(
        of place: Int, shift: Double, after previous: Int, taken: UInt64
    ) -> (exit: Int, link: (shifts: Double, fit: Double))? {
        let expected = time(window[place].on) + shift
        let tolerance = max(0.004, 0.1 * shift)
        var nearest: (exit: Int, link: (shifts: Double, fit: Double))?
        var distance = tolerance
        for exit in max(previous, place) + 1..<max(max(previous, place) + 1, window.count) {
            let mark = window[exit]
            let difference = time(mark.on) - expected
            if difference > tolerance { break }
            guard mark.input != entry, mark.isClosed, difference.magnitude <= distance, let link = link(place, exit) else { continue }
            distance = difference.magnitude
            nearest = (exit, link)
        }
        return nearest
    }

    private func isSlowBike(_ chain: Chain) -> Bool {
        let length = geometry.spacing / chain.shift * time(window[chain.lastEntry].off) - geometry.detectionLength
        return chain.pieces >= 3 && length >= 1.3 && length <= 2.3 && geometry.spacing / chain.shift >= 0.9
    }

    /// What lies within the body's marks on either beam, or on the other beam before its image, and is not explained.
    private func leftOver(_ chain: Chain) -> Double {
        var cost = 0.0
        let lastEntry = window[chain.lastEntry].on
        let firstExit = window[chain.firstExit].on
        let lastExit = window[chain.lastExit].on
        for place in 1..<max(1, chain.lastExit) where chain.marks & (1 << UInt64(place)) == 0 {
            let mark = window[place]
            if mark.input == entry {
                if mark.on < lastEntry { cost += 1.5 }
            } else if mark.on < firstExit {
                cost += 1.2
            } else if mark.on < lastExit {
                cost += 1.5
            }
        }
        return cost
    }

    private func silhouette(_ chain: Chain) -> BeamSilhouette {
        BeamSilhouette(speed: geometry.spacing / chain.shift, length: length(chain), pieces: chain.pieces)
    }

    /// Of the body, from the times of both beams.
    private func length(_ chain: Chain) -> Double {
        let entered = Double(window[chain.lastEntry].off &- base)
        let left = Double(window[chain.lastExit].off &- window[chain.firstExit].on)
        return max(0, geometry.spacing / chain.shift * 0.5e-9 * (entered + left) - geometry.detectionLength)
    }

    private func reading(of chain: Chain) -> Verdict {
        let shape = silhouette(chain)
        var marks = chain.marks
        // Short marks between its images are the body's too.
        let speed = geometry.spacing / chain.shift
        for place in chain.firstExit..<chain.lastExit where window[place].input != entry {
            if window[place].isClosed, speed * width(place) < 0.2 { marks |= 1 << UInt64(place) }
        }
        let passage = Passage(
            instant: MonotonicInstant(nanoseconds: base), direction: entry == 0 ? .forward : .backward,
            roadUser: shape.roadUser, speed: speed, length: length(chain),
            isUncertain: shape.isUncertain || chain.cost > Self.goodCost)
        return Verdict(marks: marks, readyAt: .min, cost: chain.cost, first: passage)
    }

    /// When no further mark of the same body can appear.
    private func readyTime(of chain: Chain) -> Int64 {
        let speed = geometry.spacing / chain.shift
        let entryEnd = window[chain.lastEntry].off
        let gap = (speed >= 2 ? 0.85 : 0.5) / speed
        var ready = max(window[chain.lastExit].off, entryEnd &+ nanoseconds(gap))
        for place in chain.lastEntry + 1..<max(chain.lastEntry + 1, window.count) {
            let mark = window[place]
            guard mark.input == entry, chain.marks & (1 << UInt64(place)) == 0 else { continue }
            if Double(mark.on &- entryEnd) * 1e-9 > gap { break }
            let end = mark.isClosed ? mark.off : min(now &+ 20_000_000, mark.on &+ nanoseconds(2.8 / speed))
            ready = max(ready, end &+ nanoseconds(1.15 * chain.shift + 0.005))
            break
        }
        return ready
    }

    // MARK: turning back

    /// In at one beam, to the other, and out where it came from: three marks, the third as long after the second as the
    /// first before it, and the third has no image of its own.
    private func rejectTurnBack(_ verdict: inout Verdict, _ chain: Chain) {
        let into = window[0]
        let turn = window[chain.firstExit]
        let way = Double(turn.on &- into.off) * 1e-9
        let latest = turn.off &+ nanoseconds(1.4 * max(0, way) + 0.05)
        guard let back = (1..<max(1, window.count)).first(where: { window[$0].input == entry && window[$0].on > turn.on })
        else {
            verdict.readyAt = max(verdict.readyAt, latest)
            return
        }
        let out = window[back]
        guard out.on <= latest, Double(out.on &- turn.off) * 1e-9 >= 0.6 * way - 0.05 else { return }
        // Else it is somebody who follows, at about the same pace.
        let follows = out.on &+ nanoseconds(1.6 * chain.shift + 0.05)
        let hasImage = (back + 1..<max(back + 1, window.count)).contains {
            window[$0].input != entry && window[$0].on <= follows && time(window[$0].on) - time(out.on) >= geometry.shortestShift
        }
        if hasImage { return }
        verdict.readyAt = max(verdict.readyAt, follows)
        guard now >= verdict.readyAt, out.isClosed, ratio(width(back), width(0)) < 2.5 else { return }
        verdict = Verdict(marks: 1 | 1 << UInt64(chain.firstExit) | 1 << UInt64(back), readyAt: verdict.readyAt)
    }

    /// Broke the second beam and left it again while still in the first: went back.
    private func nestedMarks() -> UInt64 {
        let first = window[0]
        var marks: UInt64 = 0
        for place in 1..<max(1, window.count) where window[place].input != entry {
            if window[place].on < first.off, window[place].isClosed, window[place].off < first.off { marks |= 1 << UInt64(place) }
        }
        return marks
    }

    // MARK: two bodies that overlap in one beam

    /// One beam saw them as one mark, the other apart: the merged mark's beginning belongs to one of them and its end to
    /// the other.
    private func mergedReading() -> Verdict? {
        var best: Verdict?
        for merged in 0..<window.count {
            let mark = window[merged]
            if time(mark.on) > geometry.longestShift { break }
            guard mark.isClosed else { continue }
            for one in 0..<window.count where window[one].input != mark.input && window[one].isClosed {
                for two in 0..<window.count where two != one && window[two].input != mark.input && window[two].isClosed {
                    guard merged == 0 || one == 0 || two == 0,
                        let reading = merge(merged, opens: one, closes: two), reading.cost < best?.cost ?? .infinity
                    else { continue }
                    best = reading
                }
            }
        }
        return best
    }

    private func merge(_ merged: Int, opens one: Int, closes two: Int) -> Verdict? {
        let mark = window[merged]
        let begin = Double(window[one].on &- mark.on) * 1e-9
        let end = Double(window[two].off &- mark.off) * 1e-9
        guard isPossible(begin), isPossible(end) else { return nil }
        // The two widths must cover the merged mark, and each end within it.
        let whole = width(merged)
        guard width(one) < whole, width(two) < whole, width(one) + width(two) >= 0.95 * whole - 0.005 else { return nil }
        let first = body(shift: begin, width: width(one), input: mark.input, at: min(mark.on, window[one].on))
        let otherBegin = mark.off &- (window[two].off &- window[two].on)
        let second = body(shift: end, width: width(two), input: mark.input, at: min(otherBegin, window[two].on))
        let cost = 3.5 + first.cost + second.cost
        guard cost < 9 else { return nil }
        let isInOrder = first.passage.instant <= second.passage.instant
        return Verdict(
            marks: 1 << UInt64(merged) | 1 << UInt64(one) | 1 << UInt64(two), readyAt: .min, cost: cost,
            first: isInOrder ? first.passage : second.passage, second: isInOrder ? second.passage : first.passage)
    }

    private func body(
        shift: Double, width: Double, input: UInt8, at instant: Int64
    ) -> (passage: Passage, cost: Double) {
        let speed = geometry.spacing / shift.magnitude
        let length = max(0, speed * width - geometry.detectionLength)
        let shape = BeamSilhouette(speed: speed, length: length, pieces: 1)
        let isForward = (shift > 0) == (input == 0)
        let passage = Passage(
            instant: MonotonicInstant(nanoseconds: max(base, instant)), direction: isForward ? .forward : .backward,
            roadUser: shape.roadUser, speed: speed, length: length, isUncertain: true)
        return (passage, shape.cost)
    }

    // MARK: times

    private func isPossible(_ shift: Double) -> Bool {
        shift.magnitude >= geometry.shortestShift && shift.magnitude <= geometry.longestShift
    }

    /// A mark that is still open may turn out to be the image.
    private func openMarkPatience(until patience: Int64) -> Int64 {
        for place in 1..<max(1, window.count) where !window[place].isClosed && window[place].input != entry {
            if window[place].on <= patience { return max(patience, min(now &+ 50_000_000, base &+ nanoseconds(geometry.stallLimit))) }
        }
        return patience
    }

    @inline(__always)
    private func time(_ instant: Int64) -> Double { Double(instant &- base) * 1e-9 }
    @inline(__always)
    private func width(_ place: Int) -> Double { Double(window[place].off &- window[place].on) * 1e-9 }
    private func ratio(_ one: Double, _ other: Double) -> Double { max(one, other) / max(1e-6, min(one, other)) }
}

@inline(__always)
func nanoseconds(_ seconds: Double) -> Int64 { Int64(seconds * 1e9) }

import SensorCore

/// What may explain the marks of two beams: a body that broke both, somebody who turned back, a disturbance.
///
/// Whoever passes breaks both beams in the same pattern, shifted by spacing / speed; the earliest moment that nothing
/// explains is where somebody entered, so the beam it came from gives the direction. Where two overlap in a beam it has one
/// mark of both: one of them began it and the other ended it, and what is hidden of either is known from the other beam.
/// All times in s.
struct BeamReading: MarkReading {
    private enum Kind: UInt8 {
        case nobody
        case body
        case turnBack
    }

    /// How a body's first mark and its image fit.
    private enum Alignment: UInt8 {
        case both
        /// They begin alike; the longer one ends with somebody else.
        case begin
        /// They end alike; the longer one began with somebody else.
        case end
        /// Only the first beginning and the last end are seen: what lies between is hidden, and how fast it was.
        case outer
    }

    private let window: MarkWindow
    private let geometry: BeamGeometry

    /// How exactly a beam sees where a body begins and ends: its own error in s, and what legs and arms do, as a share of the shift.
    private static let edgeJitter = 0.0015
    private static let edgeShare = 0.01
    /// A mark that nobody made, or whose other half was not seen; one of a few ms; and an end of one.
    private static let nobodyCost = 7.0
    private static let spikeCost = 4.0
    /// What one beam only may see: a spoke, a strap.
    private static let strayCost = 5.0
    private static let remnantCost = 4.5
    private static let turnBackCost = 4.5
    /// That an end is hidden in another's mark, when it is all that the shift or the width is known from, and when not.
    private static let hiddenCost = 2.5
    private static let hiddenPieceCost = 1.5
    /// In m/s: a slower bicycle is looked for only where nothing of it is hidden.
    private static let slowestBike = 1.8
    /// Of somebody on foot, in m.
    private static let usualDepth = 0.35
    /// What is thinner than this may be seen by one beam only: a spoke, a strap, in m.
    private static let thin = 0.12

    init(_ window: MarkWindow, geometry: BeamGeometry) {
        self.window = window
        self.geometry = geometry
    }

    func frontier(beyond explained: MarkEnds) -> Int64? { earliest(beyond: explained).map { $0.isBegin ? window[$0.place].on : window[$0.place].off } }

    private func earliest(beyond explained: MarkEnds) -> (place: Int, isBegin: Bool)? {
        let begin = (~explained.begins).trailingZeroBitCount
        var found: (place: Int, isBegin: Bool)? = begin < window.count ? (begin, true) : nil
        var earliest = begin < window.count ? window[begin].on : .max
        var rest = explained.begins & ~explained.ends & (window.count >= 64 ? .max : (1 << UInt64(window.count)) - 1)
        while rest != 0 {
            let place = rest.trailingZeroBitCount
            rest &= rest - 1
            // An open mark ends with the window.
            if window[place].off < earliest || found == nil {
                earliest = window[place].off
                found = (place, false)
            }
        }
        return found
    }

    func offerCandidates(beyond explained: MarkEnds, to offer: (Explanation) -> Void) {
        guard let (place, isBegin) = earliest(beyond: explained) else { return }
        offerNobody(place, explained, isBegin: isBegin, offer)
        guard window[place].isClosed else { return }
        let from = isBegin ? window[place].on : window[place].off
        for other in 0..<window.count where other != place && window[other].isClosed && window[other].input != window[place].input {
            let mark = window[other]
            if interval(from, mark.on) > geometry.longestShift { break }
            if isBegin, mark.on > window[place].on {
                bodies(place, other, .both, explained, offer)
                bodies(place, other, .begin, explained, offer)
                bodies(place, other, .outer, explained, offer)
                if width(place) <= width(other) { bodies(place, other, .end, explained, offer) }
            } else if isBegin, width(other) > width(place) {
                // It left this beam before the other, where it is hidden in what was there before.
                bodies(other, place, .end, explained, offer)
            } else if !isBegin, width(other) < width(place) {
                bodies(place, other, .end, explained, offer)
            }
        }
        if isBegin {
            lateBodies(from: place, explained, offer)
            hiddenBodies(image: place, explained, offer)
            turnBacks(from: place, explained, offer)
        }
    }

    private func offerNobody(_ place: Int, _ explained: MarkEnds, isBegin: Bool, _ offer: (Explanation) -> Void) {
        let isWhole = isBegin && explained.ends & bit(place) == 0
        var ends = MarkEnds()
        ends.insert(place, begin: isBegin, end: isWhole || !isBegin)
        let isShort = window[place].isClosed && width(place) < 0.004
        // Somebody who turns back in the first beam leaves one long mark.
        let isNarrow = window[place].isClosed && width(place) < 0.025
        let isLong = window[place].isClosed && width(place) > 0.15
        let cost = !isWhole ? Self.remnantCost : isShort ? Self.spikeCost : isNarrow ? Self.strayCost : isLong ? Self.turnBackCost + 1 : Self.nobodyCost
        offer(Explanation(explained: ends, cost: cost, kind: Kind.nobody.rawValue, entry: UInt8(truncatingIfNeeded: place)))
    }

    // MARK: one body

    /// Marks of the entry beam and their images on the other.
    private struct Chain {
        var ends = MarkEnds()
        /// Marks of either beam whose other half is hidden in somebody else's mark.
        var hidden = 0
        var pieces = 1
        /// Sum of the shifts of the beginnings and ends that both beams saw, and their number.
        var shifts = 0.0
        var shiftCount = 0.0
        var fit = 0.0
        var lastEntry: Int
        var lastExit: Int
        /// Of its marks, hidden ends put right: when it began and ended in the entry beam, in ns of the monotonic clock.
        var begin: Int64
        var end: Int64
        var firstWidth: Double
        var lastWidth: Double
        var widestGap = 0.0

        var shift: Double { shifts / shiftCount }

        mutating func add(_ piece: Piece, gap: Double, at place: Int) {
            ends = ends | piece.ends
            shifts += piece.shifts
            shiftCount += piece.shiftCount
            fit += piece.fit
            pieces += 1
            lastEntry = place
            end = piece.end
            lastWidth = Double(piece.end &- piece.begin) * 1e-9
            widestGap = max(widestGap, gap)
        }
    }

    /// Offers the body that begins with this pair of marks, with each number of pieces.
    private func bodies(
        _ entry: Int, _ exit: Int, _ alignment: Alignment, _ explained: MarkEnds, _ offer: (Explanation) -> Void
    ) {
        guard let chain = start(entry, exit, alignment, explained) else { return }
        offerBodies(chain, entry, link: entry, exit, alignment, explained, offer)
    }

    private func offerBodies(
        _ first: Chain, _ entry: Int, link: Int, _ exit: Int, _ alignment: Alignment, _ explained: MarkEnds,
        _ offer: (Explanation) -> Void
    ) {
        follow(first, explained, upTo: alignment == .outer ? 1 : .max) { chain in
            offer(
                Explanation(
                    explained: chain.ends, cost: cost(of: chain), kind: Kind.body.rawValue,
                    entry: UInt8(truncatingIfNeeded: entry), exit: UInt8(truncatingIfNeeded: exit),
                    link: UInt8(truncatingIfNeeded: link), pieces: UInt8(truncatingIfNeeded: chain.pieces),
                    variant: alignment.rawValue))
        }
    }

    /// A bicycle whose first marks have their images hidden in somebody's mark: a later one gives the shift.
    private func lateBodies(from entry: Int, _ explained: MarkEnds, _ offer: (Explanation) -> Void) {
        let longest = 2.5 / Self.slowestBike
        for link in entry + 1..<max(entry + 1, window.count) {
            if interval(window[entry].on, window[link].on) > longest { break }
            guard window[link].input == window[entry].input, window[link].isClosed else { continue }
            for exit in link + 1..<max(link + 1, window.count) where window[exit].input != window[link].input && window[exit].isClosed {
                if interval(window[link].on, window[exit].on) > geometry.spacing / Self.slowestBike { break }
                guard let chain = lateStart(entry, link: link, exit, explained) else { continue }
                offerBodies(chain, entry, link: link, exit, .both, explained, offer)
            }
        }
    }

    /// A bicycle whose first marks are hidden in somebody's mark on the entry beam: this is the image of the first of them.
    private func hiddenBodies(image: Int, _ explained: MarkEnds, _ offer: (Explanation) -> Void) {
        let longest = 2.5 / Self.slowestBike
        for entry in 0..<window.count where window[entry].input != window[image].input && window[entry].isClosed {
            if interval(window[image].on, window[entry].on) > longest { break }
            for exit in max(entry, image) + 1..<max(max(entry, image) + 1, window.count) {
                if interval(window[entry].on, window[exit].on) > geometry.spacing / Self.slowestBike { break }
                guard window[exit].input == window[image].input, window[exit].isClosed,
                    let chain = hiddenStart(entry, image: image, exit, explained)
                else { continue }
                offerBodies(chain, entry, link: image, exit, .both, explained, offer)
            }
        }
    }

    private func hiddenStart(_ entry: Int, image: Int, _ exit: Int, _ explained: MarkEnds) -> Chain? {
        guard var chain = start(entry, exit, .both, explained) else { return nil }
        let speed = geometry.spacing / chain.shift
        var end = window[image].off
        chain.begin = window[image].on &- nanoseconds(chain.shift)
        chain.firstWidth = width(image)
        for place in image..<exit where window[place].input == window[image].input {
            guard (explained.begins | explained.ends) & bit(place) == 0, isCovered(place, by: -chain.shift, on: window[entry].input)
            else { return nil }
            chain.ends.insert(place, begin: true, end: true)
            chain.hidden += 2
            chain.widestGap = max(chain.widestGap, speed * interval(end, window[place].on) + geometry.detectionLength)
            end = window[place].off
        }
        chain.widestGap = max(chain.widestGap, speed * interval(end, window[exit].on) + geometry.detectionLength)
        chain.pieces = 2
        return chain.widestGap < 1 ? chain : nil
    }

    private func lateStart(_ entry: Int, link: Int, _ exit: Int, _ explained: MarkEnds) -> Chain? {
        guard var chain = start(link, exit, .both, explained) else { return nil }
        let speed = geometry.spacing / chain.shift
        var end = window[entry].off
        chain.begin = window[entry].on
        chain.firstWidth = width(entry)
        for place in entry..<link where window[place].input == window[entry].input {
            guard (explained.begins | explained.ends) & bit(place) == 0, isCovered(place, by: chain.shift, on: window[exit].input)
            else { return nil }
            chain.ends.insert(place, begin: true, end: true)
            chain.hidden += 2
            chain.widestGap = max(chain.widestGap, speed * interval(end, window[place].on) + geometry.detectionLength)
            end = window[place].off
        }
        chain.widestGap = max(chain.widestGap, speed * interval(end, window[link].on) + geometry.detectionLength)
        chain.pieces = 2
        return chain.widestGap < 1 ? chain : nil
    }

    private func start(_ entry: Int, _ exit: Int, _ alignment: Alignment, _ explained: MarkEnds) -> Chain? {
        let from = window[entry]
        let to = window[exit]
        let begin = interval(from.on, to.on)
        let end = interval(from.off, to.off)
        let isEntryLonger = end < begin
        var chain = Chain(
            lastEntry: entry, lastExit: exit, begin: from.on, end: from.off, firstWidth: 0, lastWidth: 0)
        switch alignment {
        case .both:
            guard end > 0.3 * begin, end < 3 * begin else { return nil }
            chain.shifts = begin + end
            chain.shiftCount = 2
            chain.fit = misfit(end - begin, shift: 0.5 * (begin + end))
            guard chain.fit < 6 else { return nil }
            chain.ends.insert(entry, begin: true, end: true)
            chain.ends.insert(exit, begin: true, end: true)
        case .begin:
            chain.shifts = begin
            chain.shiftCount = 1
            chain.ends.insert(entry, begin: true, end: !isEntryLonger)
            chain.ends.insert(exit, begin: true, end: isEntryLonger)
            if isEntryLonger { chain.end = from.on &+ (to.off &- to.on) }
        case .end:
            chain.shifts = end
            chain.shiftCount = 1
            chain.ends.insert(entry, begin: !isEntryLonger, end: true)
            chain.ends.insert(exit, begin: isEntryLonger, end: true)
            if isEntryLonger { chain.begin = from.off &- (to.off &- to.on) }
        case .outer:
            // Of a body as long as most.
            let span = interval(from.on, to.off)
            let speed = (geometry.spacing + Self.usualDepth) / span
            guard speed > 0.6, speed < 2.2 else { return nil }
            chain.shifts = geometry.spacing / speed
            chain.shiftCount = 1
            chain.end = from.on &+ nanoseconds(Self.usualDepth / speed)
            guard from.off > chain.end, to.on < to.off &- (chain.end &- from.on) else { return nil }
            chain.ends.insert(entry, begin: true, end: false)
            chain.ends.insert(exit, begin: false, end: true)
        }
        guard chain.ends.isDisjoint(with: explained), chain.shift >= geometry.shortestShift, chain.shift <= geometry.longestShift
        else { return nil }
        if alignment != .both {
            // What is hidden lies well within the longer mark.
            guard (end - begin).magnitude > 0.004 || alignment == .outer else { return nil }
            chain.fit = alignment == .outer ? 2 * Self.hiddenCost : Self.hiddenCost
        }
        chain.firstWidth = interval(chain.begin, chain.end)
        chain.lastWidth = chain.firstWidth
        return chain
    }

    /// Takes in what follows on the entry beam and has its image at the same shift; gives each body on the way.
    private func follow(_ first: Chain, _ explained: MarkEnds, upTo pieces: Int, _ each: (Chain) -> Void) {
        var chain = first
        each(chain)
        let entry = first.lastEntry
        let exit = first.lastExit
        for place in entry + 1..<max(entry + 1, window.count) where chain.pieces < pieces {
            let mark = window[place]
            guard mark.input == window[entry].input, mark.isClosed, mark.on > chain.end else { continue }
            let isWhole = (explained.begins | explained.ends) & bit(place) == 0
            let speed = geometry.spacing / chain.shift
            let gap = speed * interval(chain.end, mark.on) + geometry.detectionLength
            if gap > 1 || speed * interval(chain.begin, mark.on) > 3 { break }
            guard let piece = image(of: place, chain, explained) else {
                if isWhole, isCovered(place, by: chain.shift, on: window[exit].input) {
                    chain.ends.insert(place, begin: true, end: true)
                    chain.hidden += 2
                    chain.pieces += 1
                    chain.lastEntry = place
                    chain.end = mark.off
                    chain.lastWidth = width(place)
                    chain.widestGap = max(chain.widestGap, gap)
                    each(chain)
                    continue
                }
                if isWhole, speed * width(place) > Self.thin { break }
                continue
            }
            chain.add(piece, gap: gap, at: place)
            addCovered(to: &chain, on: window[exit].input, before: piece.exit, explained)
            each(chain)
        }
    }

    private func misfit(_ difference: Double, shift: Double) -> Double {
        0.8 * deviationCost(difference, Self.edgeJitter + Self.edgeShare * shift)
    }

    /// A further mark of the entry beam and its image.
    private struct Piece {
        var exit: Int
        var ends: MarkEnds
        var shifts: Double
        var shiftCount: Double
        var fit: Double
        var begin: Int64
        var end: Int64
    }

    /// What of the other beam looks most like this mark, one shift later.
    private func image(of place: Int, _ chain: Chain, _ explained: MarkEnds) -> Piece? {
        let mark = window[place]
        let tolerance = max(0.005, 0.06 * chain.shift)
        var best: Piece?
        let input = window[chain.lastExit].input
        for exit in chain.lastExit..<window.count where window[exit].input == input && window[exit].isClosed {
            let image = window[exit]
            let begin = interval(mark.on, image.on) - chain.shift
            if begin > tolerance && interval(mark.off, image.on) > chain.shift { break }
            let end = interval(mark.off, image.off) - chain.shift
            let beginsAlike = begin.magnitude < tolerance
            let endsAlike = end.magnitude < tolerance
            guard beginsAlike || endsAlike, exit != chain.lastExit || !beginsAlike else { continue }
            var piece = Piece(exit: exit, ends: MarkEnds(), shifts: 0, shiftCount: 0, fit: 0, begin: mark.on, end: mark.off)
            if beginsAlike {
                piece.ends.insert(place, begin: true, end: false)
                piece.ends.insert(exit, begin: true, end: false)
                piece.shifts += begin + chain.shift
                piece.shiftCount += 1
                piece.fit += misfit(begin, shift: chain.shift)
            } else {
                // Began hidden, in the mark that began earlier than it should.
                piece.ends.insert(begin < 0 ? place : exit, begin: true, end: false)
                piece.fit += Self.hiddenPieceCost
                if begin > 0 { piece.begin = mark.on &+ nanoseconds(begin) }
            }
            if endsAlike {
                piece.ends.insert(place, begin: false, end: true)
                piece.ends.insert(exit, begin: false, end: true)
                piece.shifts += end + chain.shift
                piece.shiftCount += 1
                piece.fit += misfit(end, shift: chain.shift)
            } else {
                piece.ends.insert(end > 0 ? place : exit, begin: false, end: true)
                piece.fit += Self.hiddenPieceCost
                if end < 0 { piece.end = mark.off &+ nanoseconds(end) }
            }
            guard piece.ends.isDisjoint(with: explained), piece.ends.isDisjoint(with: chain.ends), piece.fit < best?.fit ?? .infinity,
                piece.end > piece.begin
            else { continue }
            best = piece
        }
        return best
    }

    /// Whether the mark's image so much later lies within one mark of the other beam.
    private func isCovered(_ place: Int, by shift: Double, on input: UInt8) -> Bool {
        let from = window[place].on &+ nanoseconds(shift) &+ 2_000_000
        let to = window[place].off &+ nanoseconds(shift) &- 2_000_000
        return (0..<window.count).contains {
            window[$0].input == input && window[$0].isClosed && window[$0].on <= from && window[$0].off >= to
        }
    }

    /// Marks of the other beam between the last image and this one are the body's too if their own are hidden.
    private func addCovered(to chain: inout Chain, on input: UInt8, before exit: Int, _ explained: MarkEnds) {
        for place in chain.lastExit..<max(chain.lastExit, exit) where window[place].input == input {
            let isFree = (explained.begins | explained.ends | chain.ends.begins | chain.ends.ends) & bit(place) == 0
            guard isFree, window[place].isClosed, isCovered(place, by: -chain.shift, on: 1 - input) else { continue }
            chain.hidden += 2
            chain.ends.insert(place, begin: true, end: true)
        }
        chain.lastExit = exit
    }

    private func cost(of chain: Chain) -> Double {
        0.3 + silhouette(of: chain).cost + chain.fit / Double(chain.pieces).squareRoot()
            + Self.hiddenPieceCost * Double(chain.hidden)
    }

    private func silhouette(of chain: Chain) -> BeamSilhouette {
        let speed = geometry.spacing / chain.shift
        return BeamSilhouette(
            speed: speed, length: length(of: chain), pieces: chain.pieces, widestGap: chain.widestGap,
            firstPiece: speed * chain.firstWidth - geometry.detectionLength, lastPiece: speed * chain.lastWidth - geometry.detectionLength)
    }

    private func length(of chain: Chain) -> Double {
        max(0, geometry.spacing / chain.shift * interval(chain.begin, chain.end) - geometry.detectionLength)
    }

    // MARK: turning back

    /// In at one beam, perhaps to the other, and out where it came from, about as fast as in.
    private func turnBacks(from entry: Int, _ explained: MarkEnds, _ offer: (Explanation) -> Void) {
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
    private func walkCost(_ shift: Double, _ width: Double) -> Double {
        guard shift > 0 else { return .infinity }
        let speed = geometry.spacing / shift
        let depth = speed * width - geometry.detectionLength
        return BeamSilhouette(speed: speed, length: depth, pieces: 1, widestGap: 0, firstPiece: depth, lastPiece: depth).cost
    }

    /// The way out as a mark of its own, or at either end of another's.
    private func wayOut(
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

    // MARK: beyond doubt

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
        guard lowest >= geometry.shortestShift, highest <= geometry.longestShift, highest - lowest < 0.002 + 0.02 * shift else { return nil }
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
    private var firstGap: Int {
        var end = window[0].off
        for place in 1..<max(1, window.count) {
            if end != Mark.stillActive, window[place].on > end &+ 400_000_000 { return place }
            end = max(end, window[place].off)
        }
        return window.count
    }

    private func meaning(of chain: Chain, _ shape: BeamSilhouette, entry: Int, isSure: Bool) -> ExplanationMeaning {
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

    // MARK: what an explanation means

    func meaning(of step: Explanation, explained: MarkEnds) -> ExplanationMeaning {
        let entry = Int(step.entry)
        let first = window[entry]
        guard step.kind == Kind.body.rawValue, let alignment = Alignment(rawValue: step.variant) else {
            return ExplanationMeaning(readyAt: first.on &+ nanoseconds(geometry.longestShift + (first.isClosed ? width(entry) : 0)))
        }
        // Until then somebody who walks slowly may still show what this mark really is.
        let patience = first.on &+ nanoseconds(geometry.patience)
        let link = Int(step.link)
        let exit = Int(step.exit)
        let begun =
            link == entry
            ? start(entry, exit, alignment, explained)
            : window[link].input == first.input
                ? lateStart(entry, link: link, exit, explained) : hiddenStart(entry, image: link, exit, explained)
        guard let begun else { return ExplanationMeaning(readyAt: patience) }
        var chain = begun
        follow(begun, explained, upTo: Int(step.pieces)) { chain = $0 }
        var meaning = meaning(of: chain, silhouette(of: chain), entry: entry, isSure: alignment == .both)
        if alignment == .outer {
            meaning.passage?.speed = nil
            meaning.passage?.length = nil
        }
        return meaning
    }

    func settled(_ explained: MarkEnds) -> UInt64 { explained.begins & explained.ends }

    static func passages(_ step: Explanation) -> Int { step.kind == Kind.body.rawValue ? 1 : 0 }

    // MARK: times

    @inline(__always)
    private func bit(_ place: Int) -> UInt64 { 1 << UInt64(place) }
    @inline(__always)
    private func interval(_ from: Int64, _ to: Int64) -> Double { Double(to &- from) * 1e-9 }
    @inline(__always)
    private func width(_ place: Int) -> Double { Double(window[place].off &- window[place].on) * 1e-9 }
}

@inline(__always)
func nanoseconds(_ seconds: Double) -> Int64 { Int64(seconds * 1e9) }

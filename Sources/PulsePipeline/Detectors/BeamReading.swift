import SensorCore

/// What may explain the marks of two beams: a body that broke both, somebody who turned back, a disturbance.
///
/// Whoever passes breaks both beams in the same pattern, shifted by spacing / speed; the earliest moment that nothing
/// explains is where somebody entered, so the beam it came from gives the direction. Where two overlap in a beam it has one
/// mark of both: one of them began it and the other ended it, and what is hidden of either is known from the other beam.
/// All times in s.
struct BeamReading: MarkReading {
    enum Kind: UInt8 {
        case nobody
        case body
        case turnBack
    }

    /// How a body's first mark and its image fit.
    enum Alignment: UInt8 {
        case both
        /// They begin alike; the longer one ends with somebody else.
        case begin
        /// They end alike; the longer one began with somebody else.
        case end
        /// Only the first beginning and the last end are seen: what lies between is hidden, and how fast it was.
        case outer
    }

    let window: MarkWindow
    let geometry: BeamGeometry

    /// How exactly a beam sees where a body begins and ends: its own error in s, and what legs and arms do, as a share of the shift.
    static let edgeJitter = 0.0015
    static let edgeShare = 0.01
    /// A mark that nobody made, or whose other half was not seen; one of a few ms; and an end of one.
    static let nobodyCost = 7.0
    static let spikeCost = 4.0
    /// What one beam only may see: a spoke, a strap.
    static let strayCost = 5.0
    static let remnantCost = 4.5
    static let turnBackCost = 4.5
    /// That an end is hidden in another's mark, when it is all that the shift or the width is known from, and when not.
    static let hiddenCost = 2.5
    static let hiddenPieceCost = 1.5
    /// In m/s: a slower bicycle is looked for only where nothing of it is hidden.
    static let slowestBike = 1.8
    /// Of somebody on foot, in m.
    static let usualDepth = 0.35
    /// What is thinner than this may be seen by one beam only: a spoke, a strap, in m.
    static let thin = 0.12

    init(_ window: MarkWindow, geometry: BeamGeometry) {
        self.window = window
        self.geometry = geometry
    }

    func frontier(beyond explained: MarkEnds) -> Int64? {
        earliest(beyond: explained).map { $0.isBegin ? window[$0.place].on : window[$0.place].off }
    }

    func earliest(beyond explained: MarkEnds) -> (place: Int, isBegin: Bool)? {
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

    func offerNobody(_ place: Int, _ explained: MarkEnds, isBegin: Bool, _ offer: (Explanation) -> Void) {
        let isWhole = isBegin && explained.ends & bit(place) == 0
        var ends = MarkEnds()
        ends.insert(place, begin: isBegin, end: isWhole || !isBegin)
        let isShort = window[place].isClosed && width(place) < 0.004
        // Somebody who turns back in the first beam leaves one long mark.
        let isNarrow = window[place].isClosed && width(place) < 0.025
        let isLong = window[place].isClosed && width(place) > 0.15
        let cost =
            !isWhole
            ? Self.remnantCost : isShort ? Self.spikeCost : isNarrow ? Self.strayCost : isLong ? Self.turnBackCost + 1 : Self.nobodyCost
        offer(Explanation(explained: ends, cost: cost, kind: Kind.nobody.rawValue, entry: UInt8(truncatingIfNeeded: place)))
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
    func bit(_ place: Int) -> UInt64 { 1 << UInt64(place) }
    @inline(__always)
    func interval(_ from: Int64, _ to: Int64) -> Double { Double(to &- from) * 1e-9 }
    @inline(__always)
    func width(_ place: Int) -> Double { Double(window[place].off &- window[place].on) * 1e-9 }
}

@inline(__always)
func nanoseconds(_ seconds: Double) -> Int64 { Int64(seconds * 1e9) }

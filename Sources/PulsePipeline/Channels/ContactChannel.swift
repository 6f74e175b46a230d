package import SensorCore

/// A channel with detector `contact`: lost-edge detector, debouncer, and one count per accepted activation, or per accepted change.
///
/// States: *seeing*, or *blind* since the last edge (`noteOverflow`) until the next edge or `resynchronise`; while
/// blind, time decides nothing.
package struct ContactChannel: ChannelState, ~Copyable {
    /// After this long without rest a line is no longer judged: it chatters, and that time counts as unobserved.
    package static let chatterLimit = TimeSpan.seconds(1)

    private var lostEdges: LostEdgeDetector
    private var debouncer: StableDebouncer
    private var rate: PlausibleRate?
    private let countsBoth: Bool
    private var tally = ChannelTally()
    private var intervalStart: MonotonicInstant
    private var lastInstant: MonotonicInstant
    /// End of the latest stretch of unobserved time; it may lie beyond the open interval.
    private var unobservedUntil: MonotonicInstant
    /// The kernel's buffer was full: what happened since the last edge is not known.
    package private(set) var isBlind = false

    /// - Parameters:
    ///   - level: the logical level of the input when it was armed, at `instant`.
    ///   - previousSequence: see `LostEdgeDetector`.
    ///   - mostPerSecond, countsBoth: see `ChannelSettings`.
    package init(
        filter: PulseFilter, level: Bool, at instant: MonotonicInstant, previousSequence: UInt32? = 0, mostPerSecond: Double? = nil,
        countsBoth: Bool = false
    ) {
        self.countsBoth = countsBoth
        lostEdges = LostEdgeDetector(level: level, previousSequence: previousSequence)
        debouncer = StableDebouncer(
            riseTime: filter.riseTime, fallTime: filter.fallTime, level: level, at: instant)
        rate = mostPerSecond.map { PlausibleRate(mostPerSecond: $0, from: instant) }
        intervalStart = instant
        lastInstant = instant
        unobservedUntil = instant
    }

    /// When `advance(to:)` will have something to decide; nil for a line at rest or not seen.
    package var deadline: MonotonicInstant? { isBlind ? nil : debouncer.deadline }

    package mutating func ingest(
        _ edges: UnsafeBufferPointer<EdgeEvent>, boundary: MonotonicInstant, passages: inout PassageBuffer
    ) -> Int {
        for index in 0..<edges.count {
            let edge = edges[index]
            if edge.instant >= boundary {
                if isUnseen(before: edge) {
                    markUnobserved(since: lastInstant, until: boundary)
                } else {
                    settle(at: edge.instant, passages: &passages)
                }
                if isDecided(before: boundary, at: edge.instant) { return index }
            }
            take(edge, passages: &passages)
        }
        return edges.count
    }

    @inline(__always)
    private func isUnseen(before edge: EdgeEvent) -> Bool {
        isBlind || lostEdges.missing(before: edge.lineSequence) != 0
    }

    @inline(__always)
    private mutating func take(_ edge: EdgeEvent, passages: inout PassageBuffer) {
        tally.counters.edges &+= 1
        if !isBlind, lostEdges.follows(level: edge.level, sequence: edge.lineSequence) {
            if let outcome = debouncer.settle(at: edge.instant) { note(outcome, at: edge.instant, passages: &passages) }
        } else {
            takeAfterLoss(edge, passages: &passages)
        }
        debouncer.change(to: edge.level, at: edge.instant)
        // A filter of zero length decides at once.
        if let outcome = debouncer.settle(at: edge.instant) { note(outcome, at: edge.instant, passages: &passages) }
        lastInstant = edge.instant
    }

    /// What an edge says that does not follow the one before it.
    private mutating func takeAfterLoss(_ edge: EdgeEvent, passages: inout PassageBuffer) {
        let finding = lostEdges.observe(level: edge.level, sequence: edge.lineSequence)
        tally.counters.lostEdges &+= UInt64(finding.lost)
        // Across a gap nobody saw the line, so what it held before proves no stability.
        if finding.hasGap || isBlind {
            if !debouncer.isSettled { noteRestlessness(since: debouncer.onset, until: lastInstant) }
            markUnobserved(since: lastInstant, until: edge.instant)
            isBlind = false
        } else if let outcome = debouncer.settle(at: edge.instant) {
            note(outcome, at: edge.instant, passages: &passages)
        }
    }

    package mutating func noteOverflow() {
        tally.counters.overflows &+= 1
        isBlind = true
    }

    package mutating func resynchronise(levels: UInt8, at now: MonotonicInstant, passages: inout PassageBuffer) {
        let level = levels & 1 != 0
        let disagrees = lostEdges.resynchronise(level: level)
        if disagrees { tally.counters.lostEdges &+= 1 }
        guard disagrees || isBlind else { return }
        if isBlind {
            markUnobserved(since: lastInstant, until: now)
            isBlind = false
        }
        debouncer.resume(at: level, instant: now)
        lastInstant = max(lastInstant, now)
        // A filter of zero length decides at once.
        settle(at: now, passages: &passages)
    }

    /// A contact's passage is decided before the next can begin: none can be the next interval's, whatever the boundary.
    package mutating func advance(to now: MonotonicInstant, boundary: MonotonicInstant, passages: inout PassageBuffer) {
        settle(at: now, passages: &passages)
    }

    private mutating func settle(at now: MonotonicInstant, passages: inout PassageBuffer) {
        if isBlind { return }
        if let outcome = debouncer.settle(at: now) { note(outcome, at: now, passages: &passages) }
    }

    /// The line is at rest, or became restless only after the boundary, or chatters so long that it is given up.
    package func isDecided(before boundary: MonotonicInstant, at now: MonotonicInstant) -> Bool {
        guard now >= boundary else { return false }
        if debouncer.isSettled || debouncer.onset >= boundary { return true }
        // A quiet line is decided after its filter time; one that is not by then is not quiet.
        return now >= boundary + Self.chatterLimit + max(debouncer.riseTime, debouncer.fallTime)
    }

    package mutating func closeInterval(at boundary: MonotonicInstant) -> ChannelTally {
        if !debouncer.isSettled { noteRestlessness(since: debouncer.onset, until: boundary) }
        var closed = tally
        tally = ChannelTally()
        let beyond = unobservedUntil - max(boundary, intervalStart)
        if beyond > .zero {
            tally.unobserved = beyond
            closed.unobserved -= beyond
        }
        closed.unobserved = max(.zero, min(closed.unobserved, boundary - intervalStart))
        intervalStart = boundary
        return closed
    }

    @inline(__always)
    private mutating func note(
        _ outcome: StableDebouncer.Outcome, at now: MonotonicInstant, passages: inout PassageBuffer
    ) {
        switch outcome {
        case .glitch(let onset):
            tally.counters.rejectedGlitches &+= 1
            if debouncer.glitchMayBePulse {
                tally.counters.uncertain &+= 1
                tally.shortPulses &+= 1
            }
            noteRestlessness(since: onset, until: now)
        case .transition(let transition):
            noteRestlessness(since: transition.onset, until: now)
            guard transition.level || countsBoth, isPlausible(transition.onset) else { return }
            tally.passages &+= 1
            passages.append(Passage(instant: transition.onset))
        case .ignored(let pulses): tally.counters.rejectedGlitches &+= pulses
        }
    }

    @inline(__always)
    private mutating func isPlausible(_ instant: MonotonicInstant) -> Bool {
        guard rate != nil else { return true }
        return isBelieved(instant)
    }

    private mutating func isBelieved(_ instant: MonotonicInstant) -> Bool {
        guard rate?.admits(instant) == false, let end = rate?.windowEnd else { return true }
        tally.counters.rejectedPassages &+= 1
        tally.implausible &+= 1
        markUnobserved(since: instant, until: end)
        return false
    }

    /// The time from the first to the last edge of a burst is unobserved if it is too long to be judged.
    private mutating func noteRestlessness(since onset: MonotonicInstant, until end: MonotonicInstant) {
        if lastInstant - onset > Self.chatterLimit { markUnobserved(since: onset, until: min(end, lastInstant)) }
    }

    /// Each stretch counts once: from where the interval began, or the stretch before it ended.
    private mutating func markUnobserved(since begin: MonotonicInstant, until end: MonotonicInstant) {
        let first = max(begin, intervalStart, unobservedUntil)
        guard end > first else { return }
        tally.unobserved += end - first
        unobservedUntil = end
    }
}

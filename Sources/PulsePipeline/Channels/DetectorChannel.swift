package import SensorCore

/// A channel with one or two inputs before a detector: lost-edge detector and filter per input, changes brought into
/// order, passages counted where they began.
///
/// States: *seeing*, or *blind* since the last edge (`noteOverflow`) until the next edge or `resynchronise`.
package struct DetectorChannel<Detector: PassageDetector & ~Copyable>: ChannelState, ~Copyable {
    /// How much later than its instant an edge may be read, beside an edge of another input: the kernel stamps edges in the
    /// interrupt and queues them by line.
    package static var slack: TimeSpan { .milliseconds(2) }

    private struct Line {
        var lostEdges: LostEdgeDetector
        var filter: InputFilter
        var lastInstant: MonotonicInstant
        /// By the last edge.
        var level: Bool
    }

    /// Both lines in memory of their own, so that one of them is changed where it lies.
    private struct Lines: ~Copyable {
        let at = UnsafeMutablePointer<Line>.allocate(capacity: 2)

        init(_ first: Line, _ second: Line) {
            at.initialize(to: first)
            (at + 1).initialize(to: second)
        }

        deinit {
            at.deinitialize(count: 2)
            at.deallocate()
        }
    }

    private var detector: Detector
    private var rate: PlausibleRate?
    private let lines: Lines
    private let inputs: Int
    private let pending = PendingChanges()
    /// Every change before this was given to the detector.
    private var decidedUntil: MonotonicInstant
    private var tally = ChannelTally()
    /// What was decided of the interval after the open one.
    private var nextTally = ChannelTally()
    private var boundary: MonotonicInstant
    private var unobserved: UnobservedTime
    private var stalledSince: MonotonicInstant?
    private var rejected: UInt64 = 0
    private var occupiedSince: MonotonicInstant?
    /// nil for one input.
    private var silence: InputSilence?
    private let giveUpTime: TimeSpan
    /// Edges of one line come in order; what another line may still show comes at most so late.
    private let ownSlack: TimeSpan
    /// Before this moment `release` has nothing to do.
    private var nextRelease = MonotonicInstant(nanoseconds: .min)
    package private(set) var isBlind = false

    /// - Parameters:
    ///   - inputs: 1 or 2.
    ///   - levels: the logical levels when the inputs were armed, bit n for input n.
    ///   - previousSequences: see `LostEdgeDetector`, one per input.
    ///   - mostPerSecond: see `ChannelSettings`.
    package init(
        detector: consuming Detector, filter: PulseFilter, inputs: Int, levels: UInt8, at instant: MonotonicInstant,
        previousSequences: (UInt32?, UInt32?) = (0, 0), mostPerSecond: Double? = nil
    ) {
        func line(_ level: Bool, _ previous: UInt32?) -> Line {
            Line(
                lostEdges: LostEdgeDetector(level: level, previousSequence: previous),
                filter: InputFilter(filter, level: level, at: instant), lastInstant: instant, level: level)
        }
        let longestPassage = detector.longestPassage
        self.detector = detector
        rate = mostPerSecond.map { PlausibleRate(mostPerSecond: $0, from: instant) }
        self.inputs = inputs
        ownSlack = inputs == 1 ? .zero : Self.slack
        lines = Lines(line(levels & 1 != 0, previousSequences.0), line(levels & 2 != 0, previousSequences.1))
        decidedUntil = instant
        boundary = .distantFuture
        unobserved = UnobservedTime(from: instant)
        giveUpTime =
            ContactChannel.chatterLimit + max(filter.riseTime, filter.fallTime) + longestPassage + Self.slack
        silence = inputs == 1 ? nil : InputSilence(longestPassage: longestPassage)
        if levels & 1 != 0 { occupiedSince = instant }
        if levels != 0 {
            // What is there now came before anybody looked.
            var nobody = PassageBuffer(capacity: 4)
            self.detector.interrupt(until: instant, levels: levels, passages: &nobody)
        }
    }

    /// When `advance` will have something to decide; nil for lines at rest or not seen.
    package var deadline: MonotonicInstant? {
        if isBlind { return nil }
        let settling = min(lines.at[0].filter.due, lines.at[1].filter.due)
        if settling != .distantFuture { return settling }
        let next = min(pending.next, detector.deadline ?? .distantFuture)
        return next == .distantFuture ? nil : next + Self.slack
    }

    package mutating func ingest(
        _ edges: UnsafeBufferPointer<EdgeEvent>, boundary: MonotonicInstant, passages: inout PassageBuffer
    ) -> Int {
        self.boundary = boundary
        for index in 0..<edges.count {
            let edge = edges[index]
            if edge.instant >= boundary {
                if let darkSince = darkSince(before: edge) {
                    // Else the interval would close as if it had been seen to its end.
                    unobserved.mark(since: darkSince, until: boundary)
                } else {
                    advance(to: edge.instant, boundary: boundary, passages: &passages)
                }
                if isDecided(before: boundary, at: edge.instant) { return index }
            }
            take(edge, passages: &passages)
        }
        return edges.count
    }

    package mutating func noteOverflow() {
        tally.counters.overflows &+= 1
        isBlind = true
    }

    package mutating func resynchronise(levels: UInt8, at now: MonotonicInstant, passages: inout PassageBuffer) {
        var disagreements: UInt64 = 0
        for input in 0..<inputs where lines.at[input].lostEdges.resynchronise(level: levels & (1 << UInt8(input)) != 0) {
            disagreements += 1
        }
        tally.counters.lostEdges &+= disagreements
        guard disagreements > 0 || isBlind else { return }
        if isBlind { unobserved.mark(since: lastInstant, until: now) }
        restart(levels: levels, at: now, passages: &passages)
        for input in 0..<inputs { lines.at[input].lastInstant = max(lines.at[input].lastInstant, now) }
    }

    package mutating func advance(to now: MonotonicInstant, boundary: MonotonicInstant, passages: inout PassageBuffer) {
        self.boundary = boundary
        if isBlind { return }
        settle(0, at: now)
        if inputs > 1 { settle(1, at: now) }
        release(at: now, passages: &passages)
    }

    /// What could still appear is given up in a line that chatters.
    package func isDecided(before boundary: MonotonicInstant, at now: MonotonicInstant) -> Bool {
        guard now >= boundary else { return false }
        return openSince >= boundary || now >= boundary + giveUpTime
    }

    package mutating func closeInterval(at boundary: MonotonicInstant) -> ChannelTally {
        for input in 0..<inputs { noteRestlessness(of: input, until: boundary) }
        if let stalledSince { unobserved.mark(since: stalledSince, until: boundary) }
        if let silence, let since = silence.silentSince { noteSilence(of: silence.silentInput, since: since, until: boundary) }
        if let since = occupiedSince, since < boundary {
            tally.occupied += boundary - since
            occupiedSince = boundary
        }
        tally.counters.rejectedPassages &+= detector.rejected &- rejected
        rejected = detector.rejected
        var closed = tally
        closed.unobserved = unobserved.close(at: boundary)
        tally = nextTally
        nextTally = ChannelTally()
        self.boundary = .distantFuture
        return closed
    }

    /// Since when nobody saw what led to this edge; nil when it follows the one before.
    @inline(__always)
    private func darkSince(before edge: EdgeEvent) -> MonotonicInstant? {
        if isBlind { return lastInstant }
        let line = lines.at + Int(edge.input & 1)
        return line.pointee.lostEdges.missing(before: edge.lineSequence) == 0 ? nil : line.pointee.lastInstant
    }

    private var lastInstant: MonotonicInstant {
        inputs > 1 ? max(lines.at[0].lastInstant, lines.at[1].lastInstant) : lines.at[0].lastInstant
    }

    /// The earliest moment of which it is not decided yet what happened.
    private var openSince: MonotonicInstant {
        min(lines.at[0].filter.open, lines.at[1].filter.open, pending.next, detector.openSince ?? .distantFuture)
    }

    @inline(__always)
    private mutating func take(_ edge: EdgeEvent, passages: inout PassageBuffer) {
        let input = Int(edge.input & 1)
        let line = lines.at + input
        tally.counters.edges &+= 1
        if !isBlind, line.pointee.lostEdges.follows(level: edge.level, sequence: edge.lineSequence) {
            if edge.instant >= line.pointee.filter.due { settle(input, at: edge.instant) }
        } else {
            takeAfterLoss(edge, passages: &passages)
        }
        line.pointee.filter.change(to: edge.level, at: edge.instant)
        line.pointee.level = edge.level
        line.pointee.lastInstant = edge.instant
        // A filter of zero length decides at once.
        if edge.instant >= line.pointee.filter.due { settle(input, at: edge.instant) }
        if edge.instant >= nextRelease { release(at: edge.instant, passages: &passages) }
    }

    /// What an edge says that does not follow the one before it.
    private mutating func takeAfterLoss(_ edge: EdgeEvent, passages: inout PassageBuffer) {
        let input = Int(edge.input & 1)
        let darkSince = darkSince(before: edge)
        let finding = lines.at[input].lostEdges.observe(level: edge.level, sequence: edge.lineSequence)
        guard finding.lost != 0 || darkSince != nil else {
            settle(input, at: edge.instant)
            return
        }
        tally.counters.lostEdges &+= UInt64(finding.lost)
        if let darkSince { unobserved.mark(since: darkSince, until: edge.instant) }
        // The edge itself was seen: what came before it is the base.
        lines.at[input].level = !edge.level
        restart(levels: levels, at: edge.instant, passages: &passages)
    }

    private var levels: UInt8 { (lines.at[0].level ? 1 : 0) | (lines.at[1].level ? 2 : 0) }

    /// Nobody saw the lines until `instant`; what they held before proves nothing.
    private mutating func restart(levels: UInt8, at instant: MonotonicInstant, passages: inout PassageBuffer) {
        for input in 0..<inputs { noteRestlessness(of: input, until: lines.at[input].lastInstant) }
        while pending.next != .distantFuture { give(pending.takeFirst(), passages: &passages) }
        for input in 0..<inputs {
            let level = levels & (1 << UInt8(input)) != 0
            lines.at[input].level = level
            lines.at[input].filter.restart(at: level, instant: instant)
        }
        endOccupancy(at: decidedUntil)
        if levels & 1 != 0 { occupiedSince = instant }
        if let silence, let since = silence.silentSince { noteSilence(of: silence.silentInput, since: since, until: instant) }
        silence?.forget()
        let before = passages.count
        detector.interrupt(until: instant, levels: levels, passages: &passages)
        count(&passages, from: before)
        watchStall(at: instant)
        decidedUntil = instant
        isBlind = false
        nextRelease = MonotonicInstant(nanoseconds: .min)
    }

    /// Takes over what the filter of an input has decided by `now`.
    @inline(__always)
    private mutating func settle(_ input: Int, at now: MonotonicInstant) {
        let line = lines.at + input
        while line.pointee.filter.due <= now, let outcome = line.pointee.filter.next(at: now) {
            switch outcome {
            case .glitch(let onset):
                tally.counters.rejectedGlitches &+= 1
                if detector.countsActivations, line.pointee.filter.glitchMayBePulse {
                    tally.counters.uncertain &+= 1
                    tally.shortPulses &+= 1
                }
                markChatter(since: onset, until: line.pointee.lastInstant)
            case .transition(let transition):
                markChatter(since: transition.onset, until: line.pointee.lastInstant)
                pending.insert(
                    LevelChange(instant: transition.onset, input: UInt8(truncatingIfNeeded: input), level: transition.level))
                nextRelease = min(nextRelease, pending.isFull ? now : transition.onset + ownSlack)
            case .ignored(let pulses):
                tally.counters.rejectedGlitches &+= pulses
                // The count beside it stands for more than one.
                if detector.countsActivations {
                    tally.counters.uncertain &+= 1
                    tally.shortPulses &+= pulses
                }
            }
        }
    }

    /// Gives the detector every change of which no other input can still show an earlier one.
    private mutating func release(at now: MonotonicInstant, passages: inout PassageBuffer) {
        let limit = min(now - ownSlack, lines.at[0].filter.open, lines.at[1].filter.open)
        while pending.next <= limit || pending.isFull {
            let change = pending.takeFirst()
            give(change, passages: &passages)
        }
        var deadline = detector.deadline ?? .distantFuture
        if deadline <= limit {
            let before = passages.count
            detector.advance(to: limit, passages: &passages)
            count(&passages, from: before)
            watchStall(at: limit)
            deadline = detector.deadline ?? .distantFuture
        }
        nextRelease = min(pending.next, deadline) + ownSlack
    }

    @inline(__always)
    private mutating func give(_ change: LevelChange, passages: inout PassageBuffer) {
        let before = passages.count
        guard change.instant >= decidedUntil else {
            // Later than any edge should be; the detector must not see time run backwards.
            tally.counters.lostEdges &+= 1
            detector.interrupt(until: decidedUntil, levels: levels, passages: &passages)
            count(&passages, from: before)
            return
        }
        decidedUntil = change.instant
        if change.input == 0 {
            if change.level { occupiedSince = occupiedSince ?? change.instant } else { endOccupancy(at: change.instant) }
        }
        if change.level, let since = silence?.take(change.input, at: change.instant) {
            noteSilence(of: change.input, since: since, until: change.instant)
        }
        detector.take(change, passages: &passages)
        count(&passages, from: before)
        watchStall(at: change.instant)
    }

    private mutating func noteSilence(of input: UInt8, since: MonotonicInstant, until end: MonotonicInstant) {
        guard since < end else { return }
        tally.silentInputs |= 1 << (input & 1)
        unobserved.mark(since: since, until: end)
    }

    @inline(__always)
    private mutating func count(_ passages: inout PassageBuffer, from start: Int) {
        if rate != nil, passages.count > start { refuseImplausible(in: &passages, from: start) }
        for index in start..<passages.count {
            let passage = passages[index]
            if passage.instant >= boundary {
                nextTally.count(passage)
            } else {
                tally.count(passage)
            }
        }
    }

    private mutating func refuseImplausible(in passages: inout PassageBuffer, from start: Int) {
        passages.keep(from: start) { passage in
            guard rate?.admits(passage.instant) == false, let end = rate?.windowEnd else { return true }
            if passage.instant >= boundary {
                nextTally.counters.rejectedPassages &+= 1
                nextTally.implausible &+= 1
            } else {
                tally.counters.rejectedPassages &+= 1
                tally.implausible &+= 1
            }
            unobserved.mark(since: passage.instant, until: end)
            return false
        }
    }

    private mutating func endOccupancy(at instant: MonotonicInstant) {
        guard let since = occupiedSince else { return }
        if instant > since { tally.occupied += instant - since }
        occupiedSince = nil
    }

    @inline(__always)
    private mutating func watchStall(at now: MonotonicInstant) {
        let stall = detector.stalledSince
        if let since = stalledSince, stall == nil { unobserved.mark(since: since, until: now) }
        stalledSince = stall
    }

    /// A burst too long to be judged is not observed.
    private mutating func noteRestlessness(of input: Int, until end: MonotonicInstant) {
        let onset = lines.at[input].filter.open
        guard onset != .distantFuture else { return }
        markChatter(since: onset, until: min(end, lines.at[input].lastInstant))
    }

    @inline(__always)
    private mutating func markChatter(since onset: MonotonicInstant, until end: MonotonicInstant) {
        if end - onset > ContactChannel.chatterLimit { unobserved.mark(since: onset, until: end) }
    }
}

package import SensorCore

/// A channel with detector `doppler` or `doppler_iq`: looks for lost edges, and condenses the pulses for a `DopplerTracker`.
///
/// On the counting thread the slices go into a queue; the passages come about on the thread that reads it, so the tally of this channel
/// holds edges and unobserved time only, and an interval is closed at its boundary. Without a queue, for traces and tests, the
/// tracker is here: passages are counted, and an interval is decided `DopplerTracker.decisionTime` after its end.
///
/// States: *seeing*, or *blind* since the last edge (`noteOverflow`) until the next edge or `resynchronise`.
package struct RadarChannel: ChannelState, ~Copyable {
    private enum Outlet {
        case queue(SliceQueue)
        case tracker(DopplerTracker)
    }

    private var outlet: Outlet
    private var condenser: PulseCondenser
    private var lostEdges: (LostEdgeDetector, LostEdgeDetector)
    private let inputs: Int
    private let sliceLength: TimeSpan
    private var tally = ChannelTally()
    private var nextTally = ChannelTally()
    private var unobserved: UnobservedTime
    private var lastInstant: MonotonicInstant
    private var levels: UInt8
    /// Slices are being lost for want of room.
    private var isCrowded = false
    /// Until then the tracker has heard everything.
    private var toldUntil: MonotonicInstant
    package private(set) var isBlind = false

    /// - Parameters:
    ///   - levels: the logical levels when the inputs were armed, bit n for input n.
    ///   - previousSequences: see `LostEdgeDetector`, one per input.
    package init(
        _ setup: RadarSetup, levels: UInt8, at instant: MonotonicInstant, previousSequences: (UInt32?, UInt32?) = (0, 0),
        slices: SliceQueue? = nil
    ) {
        outlet = slices.map { .queue($0) } ?? .tracker(DopplerTracker(setup))
        condenser = PulseCondenser(sampleShift: setup.sampleShift, levels: levels, at: instant)
        sliceLength = setup.sliceLength
        lostEdges = (
            LostEdgeDetector(level: levels & 1 != 0, previousSequence: previousSequences.0),
            LostEdgeDetector(level: levels & 2 != 0, previousSequence: previousSequences.1)
        )
        inputs = setup.quadrature == nil ? 1 : 2
        unobserved = UnobservedTime(from: instant)
        lastInstant = instant
        toldUntil = instant
        self.levels = levels
    }

    /// Slices are full when they are full: only a tracker that is here has something to decide.
    package var deadline: MonotonicInstant? {
        guard case .tracker = outlet, !isBlind else { return nil }
        let end = lastInstant + DopplerTracker.decisionTime + .seconds(1)
        return toldUntil < end ? end : nil
    }

    package mutating func ingest(
        _ edges: UnsafeBufferPointer<EdgeEvent>, boundary: MonotonicInstant, passages: inout PassageBuffer
    ) -> Int {
        for index in 0..<edges.count {
            let edge = edges[index]
            if edge.instant >= boundary {
                if isUnseen(before: edge) { unobserved.mark(since: lastInstant, until: boundary) }
                if case .tracker = outlet, !isBlind { advance(to: edge.instant, boundary: boundary, passages: &passages) }
                if isDecided(before: boundary, at: edge.instant) { return index }
            }
            take(edge, boundary, &passages)
        }
        return edges.count
    }

    private func isUnseen(before edge: EdgeEvent) -> Bool {
        if isBlind { return true }
        let line = edge.input == 0 ? lostEdges.0 : lostEdges.1
        return line.missing(before: edge.lineSequence) != 0
    }

    @inline(__always)
    private mutating func take(_ edge: EdgeEvent, _ boundary: MonotonicInstant, _ passages: inout PassageBuffer) {
        tally.counters.edges &+= 1
        let follows =
            edge.input == 0
            ? lostEdges.0.follows(level: edge.level, sequence: edge.lineSequence)
            : lostEdges.1.follows(level: edge.level, sequence: edge.lineSequence)
        if !follows || isBlind { takeAfterLoss(edge, boundary, &passages) }
        let bit = UInt8(1) << (edge.input & 1)
        levels = edge.level ? levels | bit : levels & ~bit
        lastInstant = max(lastInstant, edge.instant)
        switch outlet {
        case .queue(let queue):
            var lost = LostSlices()
            condenser.take(edge) { lost.note($0, wasTaken: queue.push($0)) }
            note(lost)
        case .tracker:
            var full: [PulseSlice] = []
            condenser.take(edge) { full.append($0) }
            if !full.isEmpty { track(full, boundary, &passages) }
        }
    }

    /// What an edge says that does not follow the one before it. A lost pulse is a moment of the phase; a gap is time.
    private mutating func takeAfterLoss(_ edge: EdgeEvent, _ boundary: MonotonicInstant, _ passages: inout PassageBuffer) {
        let finding =
            edge.input == 0
            ? lostEdges.0.observe(level: edge.level, sequence: edge.lineSequence)
            : lostEdges.1.observe(level: edge.level, sequence: edge.lineSequence)
        tally.counters.lostEdges &+= UInt64(finding.lost)
        guard finding.hasGap || isBlind else { return }
        unobserved.mark(since: lastInstant, until: edge.instant)
        isBlind = false
        let bit = UInt8(1) << (edge.input & 1)
        resume(edge.level ? levels & ~bit : levels | bit, edge.instant, boundary, &passages)
    }

    private mutating func resume(
        _ levels: UInt8, _ now: MonotonicInstant, _ boundary: MonotonicInstant, _ passages: inout PassageBuffer
    ) {
        switch outlet {
        case .queue(let queue):
            var lost = LostSlices()
            condenser.resume(levels: levels, at: now) { lost.note($0, wasTaken: queue.push($0)) }
            note(lost)
        case .tracker:
            var full: [PulseSlice] = []
            condenser.resume(levels: levels, at: now) { full.append($0) }
            track(full, boundary, &passages)
        }
    }

    package mutating func noteOverflow() {
        tally.counters.overflows &+= 1
        isBlind = true
    }

    package mutating func resynchronise(levels: UInt8, at now: MonotonicInstant, passages: inout PassageBuffer) {
        var disagrees = lostEdges.0.resynchronise(level: levels & 1 != 0)
        if inputs > 1, lostEdges.1.resynchronise(level: levels & 2 != 0) { disagrees = true }
        if disagrees { tally.counters.lostEdges &+= 1 }
        guard disagrees || isBlind else { return }
        if isBlind { unobserved.mark(since: lastInstant, until: now) }
        isBlind = false
        self.levels = levels
        resume(levels, now, .distantFuture, &passages)
        lastInstant = max(lastInstant, now)
    }

    package mutating func advance(to now: MonotonicInstant, boundary: MonotonicInstant, passages: inout PassageBuffer) {
        if isBlind { return }
        toldUntil = max(toldUntil, now)
        switch outlet {
        case .queue(let queue):
            var lost = LostSlices()
            condenser.advance(to: now) { lost.note($0, wasTaken: queue.push($0)) }
            note(lost)
        case .tracker:
            var full: [PulseSlice] = []
            condenser.advance(to: now) { full.append($0) }
            if !full.isEmpty { track(full, boundary, &passages) }
        }
    }

    package func isDecided(before boundary: MonotonicInstant, at now: MonotonicInstant) -> Bool {
        switch outlet {
        case .queue: now >= boundary
        case .tracker: now >= boundary + DopplerTracker.decisionTime
        }
    }

    package mutating func closeInterval(at boundary: MonotonicInstant) -> ChannelTally {
        var closed = tally
        closed.unobserved = unobserved.close(at: boundary)
        tally = nextTally
        nextTally = ChannelTally()
        return closed
    }

    @inline(__always)
    private mutating func note(_ lost: LostSlices) {
        if lost.begin == nil && !lost.hadRoom { return }
        if let begin = lost.begin {
            if !isCrowded { tally.counters.overflows &+= 1 }
            unobserved.mark(since: begin, until: lost.last + sliceLength * Int64(lost.repeats))
        }
        isCrowded = lost.begin != nil
    }

    /// Slices of one call that found no room.
    private struct LostSlices {
        var begin: MonotonicInstant?
        var last = MonotonicInstant(nanoseconds: 0)
        var repeats: Int32 = 0
        var hadRoom = false

        @inline(__always)
        mutating func note(_ slice: PulseSlice, wasTaken: Bool) {
            if wasTaken {
                hadRoom = true
                return
            }
            if begin == nil { begin = slice.instant }
            last = slice.instant
            repeats = slice.repeats
        }
    }

    private mutating func track(_ slices: [PulseSlice], _ boundary: MonotonicInstant, _ passages: inout PassageBuffer) {
        guard case .tracker(var tracker) = outlet else { return }
        var found: [Passage] = []
        for slice in slices { tracker.take(slice) { found.append($0) } }
        outlet = .tracker(tracker)
        for passage in found {
            if passage.instant >= boundary { nextTally.count(passage) } else { tally.count(passage) }
            passages.append(passage)
        }
    }
}

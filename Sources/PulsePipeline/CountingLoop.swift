public import SensorCore
import Synchronization

/// The work of the counting thread: waits for edges, runs every channel's pipeline, closes intervals.
///
/// `run` is called once, on the thread that owns the inputs. Between arming and stopping it does not allocate, lock or
/// log. `stop` and the counters may be used from any thread; that, and that everything else belongs to the one
/// thread in `run`, is what makes `@unchecked Sendable` true.
public final class CountingLoop: @unchecked Sendable {
    private let source: any EdgeSource
    private let clock: any NodeClock
    private let closed: BoundedQueue<ClosedCount>
    private let details: BoundedQueue<ChannelPassage>?
    private let wakeReader: @Sendable () -> Void
    private let channels: [CountedChannel]
    private let edges: UnsafeMutableBufferPointer<EdgeEvent>
    private var passages: PassageBuffer
    /// Intervals were pushed of which the reader has not been told.
    private var hasNews = false
    private let stopRequested = Atomic<Bool>(false)
    private let overflowCount = Atomic<UInt64>(0)
    private let lostDetailCount = Atomic<UInt64>(0)
    private let turnCount = Atomic<UInt64>(0)
    private let hasArmed = Atomic<Bool>(false)
    private let edgeCount = Atomic<UInt64>(0)
    /// The choice of `edgeTap` whose edges are being handed over.
    private var tapped = TapSelection.none
    /// For those who look on while it counts.
    public let edgeTap = ChannelTap<TappedEdge>(capacity: 8192)
    public let passageTap = ChannelTap<Passage>(capacity: 1024)
    /// One per channel.
    public let sights: [ChannelSight]

    /// How often the loop turns at least, and how often the level of a quiet line is compared with its last edge.
    public static let idleTurn = TimeSpan.seconds(1)
    /// How long a channel that has failed is left alone before it is tried again.
    public static let rearmPause = TimeSpan.seconds(10)

    /// - Parameters:
    ///   - settings: one per channel, in the order of the source's channels. A channel whose inputs can't be had, or
    ///     fail, is closed as unobserved and tried again every `rearmPause`.
    ///   - closed: finished intervals; holds them while the reader is busy. When it is full an interval is joined with
    ///     the next, so that no count is lost.
    ///   - details: passages of channels that tell directions or classes, each before the interval it belongs to. Those that
    ///     find no room are in their interval's count all the same. nil when nobody reads them.
    ///   - slices: for each radar channel, by its index, where its condensed pulses go.
    ///   - wakeReader: called once armed, and after intervals were pushed. Must neither block nor allocate.
    public init(
        source: any EdgeSource, clock: any NodeClock, settings: [ChannelSettings], interval: TimeSpan,
        closed: BoundedQueue<ClosedCount>, details: BoundedQueue<ChannelPassage>? = nil,
        slices: [Int: SliceQueue] = [:],
        wakeReader: @escaping @Sendable () -> Void
    ) {
        self.source = source
        self.clock = clock
        self.closed = closed
        self.details = details
        self.wakeReader = wakeReader
        let reading = clock.reading()
        sights = settings.map { _ in ChannelSight() }
        channels = settings.enumerated().map { index, settings in
            CountedChannel(
                settings: settings, schedule: IntervalSchedule(length: interval, startingAt: reading), slices: slices[index])
        }
        // Room for what any kernel buffer holds at once (1024 events).
        edges = .allocate(capacity: 1024)
        edges.initialize(repeating: EdgeEvent(instant: reading.instant, input: 0, level: false))
        passages = PassageBuffer(capacity: edges.count + 2)
    }

    deinit { edges.deallocate() }

    /// Intervals that found the queue full and were joined with the next.
    public var queueOverflows: UInt64 { overflowCount.load(ordering: .relaxed) }
    /// Passages that found no room in `details`: they are counted, their direction, class and speed are lost.
    public var lostDetails: UInt64 { lostDetailCount.load(ordering: .relaxed) }
    /// Every input was asked for: from here on what happens on those that could be had is counted.
    public var isArmed: Bool { hasArmed.load(ordering: .acquiring) }
    /// Turns of the loop since it began; a loop that lives moves it at least once in `idleTurn`.
    public var turns: UInt64 { turnCount.load(ordering: .relaxed) }
    /// Edges taken since the loop began.
    public var edgesTaken: UInt64 { edgeCount.load(ordering: .relaxed) }

    /// Makes `run` close the open intervals as partial and return, at its next turn.
    public func stop() { stopRequested.store(true, ordering: .releasing) }

    /// Counts until stopped.
    public func run() {
        begin()
        hasArmed.store(true, ordering: .releasing)
        wakeReader()
        while !stopRequested.load(ordering: .acquiring) {
            do throws(EdgeSourceError) {
                try source.wait(until: nextDeadline())
            } catch {
                let isNew = fail(error)
                if error.channel == nil || !isNew { clock.sleep(for: Self.idleTurn) }
            }
            turn()
        }
        turn()
        let reading = clock.reading()
        for index in channels.indices { closePartial(index, reading) }
        wakeReader()
    }

    /// Intervals that found no room before `run` returned. Read it after that, and after what is in the queue.
    public var undelivered: [ClosedCount] { channels.compactMap(\.carried) }

    private func begin() {
        for index in channels.indices { arm(index) }
    }

    /// Starts a channel's pipeline on the level found: a base, not a count. Edges that waited from before belong to
    /// nobody's interval, but the newest of them tells the level and the number that the next one follows.
    private func arm(_ index: Int) {
        do throws(EdgeSourceError) {
            try source.arm(channel: index)
            channels[index].forgetStale()
            let levels = try levels(of: index)
            try drain()
            channels[index].arm(levels: levels, at: clock.now())
        } catch {
            fail(error)
            channels[index].fail(code: error.code, at: clock.now())
        }
    }

    private func nextDeadline() -> MonotonicInstant {
        let now = clock.now()
        var next = now + Self.idleTurn
        for channel in channels {
            if let deadline = channel.pipeline?.deadline, deadline < next { next = deadline }
            let boundary = channel.schedule.boundary
            // A boundary that has passed waits for a decision, whose deadline is above.
            if boundary > now && boundary < next { next = boundary }
        }
        return next
    }

    private func turn() {
        turnCount.wrappingAdd(1, ordering: .relaxed)
        // Read before the edges are taken: whatever happened until then is in the source by now.
        let reading = clock.reading()
        takeEdges()
        beginTap()
        for index in channels.indices {
            if channels[index].pipeline?.isBlind == true {
                resynchronise(index)
            } else {
                let boundary = channels[index].schedule.boundary
                channels[index].pipeline?.advance(to: reading.instant, boundary: boundary, passages: &passages)
                handOverPassages(of: index)
                verifyLevel(index, reading.instant)
            }
            handOverPassages(of: index)
            if let span = channels[index].schedule.update(reading) { emit(index, span) }
            while isReadyToClose(index, at: reading.instant) {
                emit(index, channels[index].schedule.closeAtBoundary(reading))
            }
            // Only now, so that no interval before its first moment is still open.
            if channels[index].pipeline == nil, reading.instant - channels[index].failedAt >= Self.rearmPause {
                arm(index)
            }
        }
        if hasNews {
            hasNews = false
            wakeReader()
        }
    }

    private func takeEdges() {
        while true {
            do throws(EdgeSourceError) {
                try drain()
                return
            } catch {
                let isNew = fail(error)
                if error.channel == nil || !isNew { return }
            }
        }
    }

    /// Takes every edge that is there. Returns whether there was one of `channel`.
    @discardableResult
    private func drain(watching channel: Int? = nil) throws(EdgeSourceError) -> Bool {
        var hasEdges = false
        while let batch = try source.read(into: edges) {
            edgeCount.wrappingAdd(UInt64(batch.count), ordering: .relaxed)
            if batch.channel == channel { hasEdges = true }
            take(batch)
        }
        return hasEdges
    }

    private func take(_ batch: EdgeBatch) {
        guard batch.count > 0 else { return }
        guard channels[batch.channel].pipeline != nil else {
            // A channel that is not observed drops what still comes.
            for index in 0..<batch.count { channels[batch.channel].noteStale(edges[index]) }
            return
        }
        let reading = clock.reading()
        channels[batch.channel].lastActivity = reading.instant
        sights[batch.channel].saw(edges[batch.count - 1])
        if tapped.channel == batch.channel {
            for index in 0..<batch.count { edgeTap.offer(TappedEdge(edge: edges[index], isStart: false), for: tapped) }
        }
        var taken = 0
        while taken < batch.count {
            let rest = UnsafeBufferPointer(rebasing: edges[taken..<batch.count])
            let boundary = channels[batch.channel].schedule.boundary
            taken +=
                channels[batch.channel].pipeline?.ingest(rest, boundary: boundary, passages: &passages) ?? rest.count
            handOverPassages(of: batch.channel)
            if taken < batch.count {
                emit(batch.channel, channels[batch.channel].schedule.closeAtBoundary(reading))
            }
        }
        if batch.mayHaveOverflowed { channels[batch.channel].pipeline?.noteOverflow() }
    }

    /// Begins to hand over the edges of a newly chosen channel, from a level on that no edge falls beside.
    private func beginTap() {
        let wanted = edgeTap.wanted
        guard wanted != tapped else { return }
        tapped = .none
        guard let index = wanted.channel, channels.indices.contains(index), channels[index].pipeline != nil else { return }
        do throws(EdgeSourceError) {
            let levels = try levels(of: index)
            let now = clock.now()
            // An edge that came meanwhile may lie on either side of its level: the next turn tries.
            if try drain(watching: index) { return }
            tapped = wanted
            for input in 0..<channels[index].settings.inputs {
                let start = EdgeEvent(instant: now, input: UInt8(input), level: levels & (1 << UInt8(input)) != 0)
                edgeTap.offer(TappedEdge(edge: start, isStart: true), for: wanted)
            }
        } catch {
            fail(error)
        }
    }

    private func handOverPassages(of index: Int) {
        let wanted = passageTap.wanted
        if wanted.channel == index {
            for passage in 0..<passages.count { passageTap.offer(passages[passage], for: wanted) }
        }
        if let details, channels[index].settings.givesDetails {
            let boundary = channels[index].schedule.boundary
            for place in 0..<passages.count {
                let passage = passages[place]
                // What finds no room is missed when its interval's count is compared with them.
                let number = channels[index].number + (passage.instant >= boundary ? 1 : 0)
                if !details.push(ChannelPassage(channel: index, interval: number, passage: passage)) {
                    lostDetailCount.wrappingAdd(1, ordering: .relaxed)
                }
            }
        }
        channels[index].noteCounts(passages)
        passages.removeAll()
    }

    /// Now and then a quiet line's level is read: a lost last edge would otherwise go unnoticed until the next one.
    private func verifyLevel(_ index: Int, _ now: MonotonicInstant) {
        guard channels[index].pipeline != nil, channels[index].pipeline?.deadline == nil,
            now - channels[index].lastActivity >= Self.idleTurn
        else { return }
        channels[index].lastActivity = now
        resynchronise(index)
    }

    /// Compares the levels of a channel's lines with their last edges, with no edge between the two.
    private func resynchronise(_ index: Int) {
        do throws(EdgeSourceError) {
            let levels = try levels(of: index)
            let now = clock.now()
            // An edge that came meanwhile explains the level. It also ends the blindness, unless it overflowed again:
            // then the next turn tries.
            if try drain(watching: index) { return }
            channels[index].pipeline?.resynchronise(levels: levels, at: now, passages: &passages)
        } catch {
            fail(error)
        }
    }

    /// The present levels of a channel's inputs, bit n for input n.
    private func levels(of index: Int) throws(EdgeSourceError) -> UInt8 {
        var levels: UInt8 = 0
        for input in 0..<channels[index].settings.inputs where try source.level(channel: index, input: input) {
            levels |= 1 << UInt8(input)
        }
        return levels
    }

    private func isReadyToClose(_ index: Int, at now: MonotonicInstant) -> Bool {
        let boundary = channels[index].schedule.boundary
        guard now >= boundary else { return false }
        return channels[index].pipeline?.isDecided(before: boundary, at: now) ?? true
    }

    private func closePartial(_ index: Int, _ reading: ClockReading) {
        while reading.instant >= channels[index].schedule.boundary {
            emit(index, channels[index].schedule.closeAtBoundary(reading))
        }
        emit(index, channels[index].schedule.closePartial(reading))
    }

    /// Takes the channel the error names out of the count, or all of them. Returns whether one of them was observed.
    @discardableResult
    private func fail(_ error: EdgeSourceError) -> Bool {
        let now = clock.now()
        var isNew = false
        for index in channels.indices where error.channel == nil || error.channel == index {
            if channels[index].pipeline != nil { isNew = true }
            channels[index].fail(code: error.code, at: now)
        }
        return isNew
    }

    private func emit(_ index: Int, _ span: IntervalSpan) {
        guard span.length > .zero else { return }
        let tally = channels[index].closeInterval(span)
        var count = ClosedCount(
            channel: index, number: channels[index].number, start: span.start, end: span.end, startUTC: span.utc?.start,
            endUTC: span.utc?.end,
            isPartial: span.isPartial, tally: tally, faultCode: channels[index].takeFaultCode())
        count.gust = channels[index].closeGusts(at: span.end, tally)
        channels[index].number += 1
        if let earlier = channels[index].carried { count = earlier.joined(with: count) }
        if closed.push(count) {
            channels[index].carried = nil
            hasNews = true
        } else {
            channels[index].carried = count
            overflowCount.wrappingAdd(1, ordering: .relaxed)
        }
    }
}

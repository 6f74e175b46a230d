public import SensorCore
import Synchronization

/// One channel's finished interval, on its way to the journal.
public struct ClosedCount: BitwiseCopyable, Sendable {
    public var channel: Int
    public var start: MonotonicInstant
    public var end: MonotonicInstant
    public var startUTC: WallClockTime?
    public var endUTC: WallClockTime?
    public var isPartial: Bool
    public var tally: ChannelTally
    /// `errno` of the fault that ended the observation of the channel's inputs; 0 while they are observed.
    public var faultCode: Int32

    public var span: IntervalSpan {
        var utc: IntervalSpan.UTCRange?
        if let startUTC, let endUTC { utc = .init(start: startUTC, end: endUTC) }
        return IntervalSpan(start: start, end: end, utc: utc, isPartial: isPartial)
    }
}

/// The work of the counting thread: waits for edges, runs every channel's pipeline, closes intervals.
///
/// `run` is called once, on the thread that owns the inputs. Between arming and stopping it does not allocate, lock or
/// log. `stop` and the counters may be used from any thread; that, and that everything else belongs to the one
/// thread in `run`, is what makes `@unchecked Sendable` true.
public final class CountingLoop: @unchecked Sendable {
    private let source: any EdgeSource
    private let clock: any NodeClock
    private let closed: BoundedQueue<ClosedCount>
    private let wakeReader: @Sendable () -> Void
    private var channels: [CountedChannel]
    private let edges: UnsafeMutableBufferPointer<EdgeEvent>
    private var passages: PassageBuffer
    private let stopRequested = Atomic<Bool>(false)
    private let overflowCount = Atomic<UInt64>(0)
    private let turnCount = Atomic<UInt64>(0)
    private let edgeCount = Atomic<UInt64>(0)

    /// How often the loop turns at least, and how often the level of a quiet line is compared with its last edge.
    public static let idleTurn = TimeSpan.seconds(1)

    /// - Parameters:
    ///   - filters: one per channel, in the order of the source's channels; nil for a channel that could not be
    ///     armed: its intervals are closed as unobserved.
    ///   - closed: finished intervals; holds them while the reader is busy. When it is full an interval is joined with
    ///     the next, so that no count is lost.
    ///   - wakeReader: called after intervals were pushed. Must neither block nor allocate.
    public init(
        source: any EdgeSource, clock: any NodeClock, filters: [ContactFilter?], interval: TimeSpan,
        closed: BoundedQueue<ClosedCount>, wakeReader: @escaping @Sendable () -> Void
    ) {
        self.source = source
        self.clock = clock
        self.closed = closed
        self.wakeReader = wakeReader
        let reading = clock.reading()
        channels = filters.map { filter in
            CountedChannel(filter: filter, schedule: IntervalSchedule(length: interval, startingAt: reading))
        }
        // Room for what any kernel buffer holds at once (1024 events).
        edges = .allocate(capacity: 1024)
        edges.initialize(repeating: EdgeEvent(instant: reading.instant, input: 0, level: false))
        passages = PassageBuffer(capacity: edges.count + 2)
    }

    deinit { edges.deallocate() }

    /// Intervals that found the queue full and were joined with the next.
    public var queueOverflows: UInt64 { overflowCount.load(ordering: .relaxed) }
    /// Turns of the loop since it began; a loop that lives moves it at least once in `idleTurn`.
    public var turns: UInt64 { turnCount.load(ordering: .relaxed) }
    /// Edges taken since the loop began.
    public var edgesTaken: UInt64 { edgeCount.load(ordering: .relaxed) }

    /// Makes `run` close the open intervals as partial and return, at its next turn.
    public func stop() { stopRequested.store(true, ordering: .releasing) }

    /// Counts until stopped.
    public func run() {
        begin()
        while !stopRequested.load(ordering: .acquiring) {
            do throws(EdgeSourceError) {
                try source.wait(until: nextDeadline())
            } catch {
                markUnobserved(since: clock.now(), code: error.code)
                clock.sleep(for: Self.idleTurn)
            }
            turn()
        }
        turn()
        let reading = clock.reading()
        for index in channels.indices { closePartial(index, reading) }
        wakeReader()
    }

    private func begin() {
        let now = clock.now()
        for index in channels.indices where channels[index].filter != nil { arm(index, at: now) }
    }

    private func arm(_ index: Int, at now: MonotonicInstant) {
        guard let filter = channels[index].filter else { return }
        do throws(EdgeSourceError) {
            let level = try source.level(channel: index, input: 0)
            channels[index].pipeline = ContactChannel(filter: filter, level: level, at: now)
        } catch {
            channels[index].faultCode = error.code
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
        takeEdges(reading)
        var hasClosed = false
        for index in channels.indices {
            channels[index].pipeline?.advance(to: reading.instant, passages: &passages)
            verifyLevel(index, reading.instant)
            if let span = channels[index].schedule.update(reading) {
                emit(index, span)
                hasClosed = true
            }
            while isReadyToClose(index, at: reading.instant) {
                emit(index, channels[index].schedule.closeAtBoundary(reading))
                hasClosed = true
            }
        }
        passages.removeAll()
        if hasClosed { wakeReader() }
    }

    private func takeEdges(_ reading: ClockReading) {
        while true {
            do throws(EdgeSourceError) {
                guard let batch = try source.read(into: edges) else { return }
                edgeCount.wrappingAdd(UInt64(batch.count), ordering: .relaxed)
                channels[batch.channel].lastActivity = reading.instant
                take(batch, reading)
                passages.removeAll()
                if batch.mayHaveOverflowed { resynchronise(batch.channel, overflowed: true) }
            } catch {
                markUnobserved(since: reading.instant, code: error.code)
                return
            }
        }
    }

    private func take(_ batch: EdgeBatch, _ reading: ClockReading) {
        var taken = 0
        while taken < batch.count {
            let rest = UnsafeBufferPointer(rebasing: edges[taken..<batch.count])
            let boundary = channels[batch.channel].schedule.boundary
            // A channel that is not observed (any more) drops what still comes.
            guard let count = channels[batch.channel].pipeline?.ingest(rest, boundary: boundary, passages: &passages)
            else { return }
            taken += count
            if taken < batch.count {
                emit(batch.channel, channels[batch.channel].schedule.closeAtBoundary(reading))
            }
        }
    }

    /// Now and then a quiet line's level is read: a lost last edge would otherwise go unnoticed until the next one.
    private func verifyLevel(_ index: Int, _ now: MonotonicInstant) {
        guard channels[index].pipeline != nil, channels[index].pipeline?.deadline == nil,
            now - channels[index].lastActivity >= Self.idleTurn
        else { return }
        channels[index].lastActivity = now
        resynchronise(index, overflowed: false)
    }

    private func resynchronise(_ index: Int, overflowed: Bool) {
        do throws(EdgeSourceError) {
            let level = try source.level(channel: index, input: 0)
            let now = clock.now()
            if !overflowed, let batch = try source.read(into: edges) {
                // An edge came while the level was read: it explains the level.
                edgeCount.wrappingAdd(UInt64(batch.count), ordering: .relaxed)
                take(batch, clock.reading())
                if batch.mayHaveOverflowed { resynchronise(batch.channel, overflowed: true) }
                return
            }
            channels[index].pipeline?.resynchronise(
                level: level, at: now, overflowed: overflowed, passages: &passages)
        } catch {
            markUnobserved(since: clock.now(), code: error.code)
        }
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

    private func markUnobserved(since instant: MonotonicInstant, code: Int32) {
        for index in channels.indices where channels[index].faultCode == 0 {
            channels[index].faultCode = code == 0 ? -1 : code
            channels[index].faultSince = instant
        }
    }

    private func emit(_ index: Int, _ span: IntervalSpan) {
        guard span.length > .zero else { return }
        var tally = channels[index].pipeline?.closeInterval(at: span.end) ?? ChannelTally()
        if channels[index].pipeline == nil { tally.unobserved = span.length }
        if channels[index].faultCode != 0 {
            let dark = span.end - max(span.start, channels[index].faultSince)
            tally.unobserved = min(span.length, tally.unobserved + dark)
        }
        var count = ClosedCount(
            channel: index, start: span.start, end: span.end, startUTC: span.utc?.start, endUTC: span.utc?.end,
            isPartial: span.isPartial, tally: tally, faultCode: channels[index].faultCode)
        if let earlier = channels[index].carried { count = earlier.joined(with: count) }
        if closed.push(count) {
            channels[index].carried = nil
        } else {
            channels[index].carried = count
            overflowCount.wrappingAdd(1, ordering: .relaxed)
        }
    }
}

/// One channel as the counting thread holds it.
private struct CountedChannel {
    let filter: ContactFilter?
    var schedule: IntervalSchedule
    /// nil until armed, or when arming failed.
    var pipeline: ContactChannel?
    var lastActivity: MonotonicInstant
    var faultCode: Int32 = 0
    var faultSince: MonotonicInstant
    /// An interval that found no room in the queue, waiting to be joined with the next.
    var carried: ClosedCount?

    init(filter: ContactFilter?, schedule: IntervalSchedule) {
        self.filter = filter
        self.schedule = schedule
        lastActivity = schedule.start
        faultSince = schedule.start
    }
}

extension ClosedCount {
    /// This interval and the one that follows it, as one.
    fileprivate func joined(with next: ClosedCount) -> ClosedCount {
        var sum = next
        sum.start = start
        sum.startUTC = next.endUTC == nil ? nil : startUTC ?? next.startUTC.map { $0 - (next.start - start) }
        sum.isPartial = true
        sum.tally = tally
        sum.tally += next.tally
        return sum
    }
}

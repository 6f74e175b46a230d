package import SensorCore

/// Looks at the edges of a trace while they are read. Times count from the trace's first time stamp.
package protocol EdgeConsumer: AnyObject {
    /// The inputs' levels before the first edge, bit n for input n. Called once, before anything else.
    func begin(levels: UInt8)
    /// The next edges, oldest first, in memory that is used again afterwards.
    func take(_ edges: UnsafeBufferPointer<EdgeEvent>)
    /// The trace is over; the lines stay as the last edges left them.
    func finish(at end: MonotonicInstant)
}

/// Makes edges of a trace's samples and hands them over by the thousand.
///
/// A trace of edges begins with an edge: before it was the other level. That a line is inactive is no news on a quiet
/// one, and a state that the recording began with is none at all.
package struct TracedEdges: ~Copyable {
    private let consumers: [any EdgeConsumer]
    private let waiting = UnsafeMutableBufferPointer<EdgeEvent>.allocate(capacity: 1024)
    private var count = 0
    /// What the recording said each input was when it began; bit n is input n.
    private var levels: UInt8 = 0
    /// The inputs that the recording has said something about, as bits.
    private var known: UInt8 = 0
    private var hasBegun = false

    package init(for consumers: [any EdgeConsumer]) { self.consumers = consumers }

    deinit { waiting.deallocate() }

    /// - Parameters:
    ///   - level: true is active.
    ///   - input: its index within the channel.
    @inline(__always)
    package mutating func take(level: Bool, input: Int = 0, isInitial: Bool, at instant: MonotonicInstant) {
        let bit = UInt8(1) << UInt8(truncatingIfNeeded: input)
        if known & bit == 0 {
            known |= bit
            if !level { return }
            if isInitial, !hasBegun, count == 0 {
                levels |= bit
                return
            }
        }
        waiting.initializeElement(
            at: count, to: EdgeEvent(instant: instant, input: UInt8(truncatingIfNeeded: input), level: level))
        count += 1
        if count == waiting.count { handOver() }
    }

    package mutating func finish(at end: MonotonicInstant) {
        handOver()
        for consumer in consumers { consumer.finish(at: end) }
    }

    private mutating func handOver() {
        if !hasBegun {
            hasBegun = true
            for consumer in consumers { consumer.begin(levels: levels) }
        }
        let edges = UnsafeBufferPointer(rebasing: waiting[..<count])
        if count > 0 { for consumer in consumers { consumer.take(edges) } }
        count = 0
    }
}

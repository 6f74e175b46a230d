public import SensorCore

/// What one channel counted in one interval. A plain value: it crosses from the counting thread without allocation.
public struct ChannelTally: BitwiseCopyable, Hashable, Sendable {
    public var passages: UInt64 = 0
    public var edges: UInt64 = 0
    public var lostEdges: UInt64 = 0
    public var overflows: UInt64 = 0
    public var rejectedGlitches: UInt64 = 0
    /// Time in which the line could not be judged: edges dropped, or chatter without rest.
    public var unobserved: TimeSpan = .zero

    public init() {}

    public static func += (sum: inout ChannelTally, next: ChannelTally) {
        sum.passages += next.passages
        sum.edges += next.edges
        sum.lostEdges += next.lostEdges
        sum.overflows += next.overflows
        sum.rejectedGlitches += next.rejectedGlitches
        sum.unobserved += next.unobserved
    }

    /// Share of the edges that is accounted for; see `CountQuality.confidence`.
    public var confidence: Double {
        let missing = lostEdges + 2 * overflows
        return missing == 0 ? 1 : Double(edges) / Double(edges + missing)
    }
}

/// One counted passage.
public struct Passage: BitwiseCopyable, Hashable, Sendable {
    /// When it began, by the kernel's timestamp of its first edge.
    public var instant: MonotonicInstant

    @inlinable
    public init(instant: MonotonicInstant) { self.instant = instant }
}

/// Passages decided by one call, in a buffer made beforehand: the counting thread does not allocate.
public struct PassageBuffer: ~Copyable {
    private let storage: UnsafeMutableBufferPointer<Passage>
    public private(set) var count = 0
    /// Passages that found no room; the tally has them all the same.
    public private(set) var overflow: UInt64 = 0

    public init(capacity: Int) { storage = .allocate(capacity: capacity) }
    deinit { storage.deallocate() }

    public mutating func append(_ passage: Passage) {
        if count == storage.count {
            overflow += 1
            return
        }
        storage.initializeElement(at: count, to: passage)
        count += 1
    }

    public mutating func removeAll() { count = 0 }

    public subscript(index: Int) -> Passage {
        precondition(index < count, "passage \(index) of \(count)")
        return storage[index]
    }
}

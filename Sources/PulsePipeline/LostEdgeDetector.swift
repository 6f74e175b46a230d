import SensorCore

/// Finds edges of one input that never arrived.
///
/// Two independent signs: a gap in the line's sequence numbers (uAPI v2 only), and a level that does not alternate.
/// The second also shows what the first can't: interrupts that merge before the kernel numbers them. An even number
/// of merged edges leaves no trace at all.
public struct LostEdgeDetector: Sendable {
    private var lastSequence: UInt32 = 0
    private var lastLevel: Bool

    /// What the next edge says about those before it.
    public struct Finding: Hashable, Sendable {
        /// Edges that are missing for certain; at least this many.
        public var lost: UInt32
        /// Numbered edges are missing: the kernel's buffer dropped them, so the time since the last edge was not seen.
        public var hasGap: Bool
    }

    /// `level`: the logical level before the first edge.
    public init(level: Bool) { lastLevel = level }

    /// Takes the next edge, in the order of arrival.
    public mutating func observe(level: Bool, sequence: UInt32) -> Finding {
        var gap: UInt32 = 0
        if sequence != 0 {
            // Numbers start at 1 with the request, so a first number above 1 is a gap too. Wraps after 2^32 edges.
            gap = sequence &- lastSequence &- 1
            lastSequence = sequence
        }
        // An even number of missing edges between the two leaves levels alternating, an odd number does not.
        let alternates = level != lastLevel
        lastLevel = level
        if gap == 0 && alternates { return Finding(lost: 0, hasGap: false) }
        let isExplained = alternates == (gap & 1 == 0)
        return Finding(lost: gap &+ (isExplained ? 0 : 1), hasGap: gap != 0)
    }

    /// Takes the level read from the hardware. Returns whether it disagrees with the last edge, which means that an
    /// odd number of edges is missing.
    public mutating func resynchronise(level: Bool) -> Bool {
        let disagrees = level != lastLevel
        lastLevel = level
        return disagrees
    }
}

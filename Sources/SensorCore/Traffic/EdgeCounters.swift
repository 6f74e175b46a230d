/// What a channel saw of its inputs, and what it made of it: the same numbers in the counting thread, in a record and in sums.
public struct EdgeCounters: BitwiseCopyable, Hashable, Sendable {
    /// Edges taken from the kernel.
    public var edges: UInt64 = 0
    /// Edges known to be lost: gaps in the sequence numbers, equal edges in a row, a level that disagrees.
    public var lostEdges: UInt64 = 0
    /// Times the kernel's event buffer was found full where edges have no numbers, so that pairs of edges may be missing
    /// unseen. Where they have, what was dropped is in `lostEdges`.
    public var overflows: UInt64 = 0
    /// Excursions from the accepted level that were too short to count.
    public var rejectedGlitches: UInt64 = 0
    /// Passages whose signal also fits another reading: they overlapped with another, or a part was missing.
    public var uncertain: UInt64 = 0
    /// What looked like a passage and was not: echoes, turn-backs, activations without partner.
    public var rejectedPassages: UInt64 = 0

    public init() {}

    public init(
        edges: UInt64, lostEdges: UInt64, overflows: UInt64, rejectedGlitches: UInt64, uncertain: UInt64 = 0,
        rejectedPassages: UInt64 = 0
    ) {
        self.edges = edges
        self.lostEdges = lostEdges
        self.overflows = overflows
        self.rejectedGlitches = rejectedGlitches
        self.uncertain = uncertain
        self.rejectedPassages = rejectedPassages
    }

    public static func += (sum: inout EdgeCounters, next: EdgeCounters) {
        sum.edges.addSaturating(next.edges)
        sum.lostEdges.addSaturating(next.lostEdges)
        sum.overflows.addSaturating(next.overflows)
        sum.rejectedGlitches.addSaturating(next.rejectedGlitches)
        sum.uncertain.addSaturating(next.uncertain)
        sum.rejectedPassages.addSaturating(next.rejectedPassages)
    }

    /// Share of the edges that is accounted for, `edges / (edges + lost + 2 × overflows)`, times the share of the passages that
    /// are certain; 0 to 1, 1 for a quiet line. Each overflow counts as a lost pair, since that is the least that passes unseen. Where
    /// glitches came and nothing else, each may have been a passage: the share of "none" among the readings, `1 / (1 + glitches)`.
    public func confidence(passages: UInt64) -> Double {
        let missing = Double(lostEdges) + 2 * Double(overflows)
        let share = missing == 0 ? 1 : Double(edges) / (Double(edges) + missing)
        if passages == 0, uncertain == 0, rejectedGlitches > 0 { return share / (1 + Double(rejectedGlitches)) }
        return uncertain == 0 ? share : share * (1 - Double(uncertain) / Double(max(passages, uncertain)))
    }
}

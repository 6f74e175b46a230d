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

    /// Passages that also fit another reading of the signal.
    public var uncertain: UInt64 = 0
    /// What looked like a passage to the detector and was not: echoes, turn-backs, changes without partner.
    public var rejectedPassages: UInt64 = 0
    /// Time in which the first input was active.
    public var occupied: TimeSpan = .zero
    /// Inputs that did not move while the other one did, again and again, as bits: see `InputSilence`.
    public var silentInputs: UInt8 = 0

    public init() {}

    @inline(__always)
    mutating func count(_ passage: Passage) {
        passages &+= 1
        if passage.isUncertain { uncertain &+= 1 }
    }

    public static func += (sum: inout ChannelTally, next: ChannelTally) {
        sum.passages += next.passages
        sum.edges += next.edges
        sum.lostEdges += next.lostEdges
        sum.overflows += next.overflows
        sum.rejectedGlitches += next.rejectedGlitches
        sum.unobserved += next.unobserved
        sum.uncertain += next.uncertain
        sum.rejectedPassages += next.rejectedPassages
        sum.occupied += next.occupied
        sum.silentInputs |= next.silentInputs
    }

    /// Observed throughout, and no edge is known to be lost.
    public var isComplete: Bool { unobserved == .zero && lostEdges == 0 && overflows == 0 }

    /// Share of the edges that is accounted for, times the share of passages that are certain; see `CountQuality.confidence`.
    public var confidence: Double {
        CountQuality.confidence(
            edges: edges, lost: lostEdges, overflows: overflows, uncertain: uncertain, passages: passages)
    }
}

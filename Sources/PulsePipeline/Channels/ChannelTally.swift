public import SensorCore

/// What one channel counted in one interval. A plain value: it crosses from the counting thread without allocation.
///
/// Has the counters' properties to read; the hot path writes `counters` itself.
@dynamicMemberLookup
public struct ChannelTally: BitwiseCopyable, Hashable, Sendable {
    public var counters = EdgeCounters()
    public var passages: UInt64 = 0
    /// Time in which the line could not be judged: edges dropped, or chatter without rest.
    public var unobserved: TimeSpan = .zero
    /// Time in which the first input was active.
    public var occupied: TimeSpan = .zero
    /// Inputs that did not move while the other one did, again and again, as bits: see `InputSilence`.
    public var silentInputs: UInt8 = 0
    /// Of a contact: pulses that its filter may be too slow for. They are in the counters as glitches and as uncertain, too.
    public var shortPulses: UInt64 = 0
    /// Passages beyond the most that is believed, see `PlausibleRate`. They are in the counters as rejected, too.
    public var implausible: UInt64 = 0

    public init() {}

    public subscript(dynamicMember counter: KeyPath<EdgeCounters, UInt64>) -> UInt64 { counters[keyPath: counter] }

    @inline(__always)
    mutating func count(_ passage: Passage) {
        passages &+= 1
        if passage.isUncertain { counters.uncertain &+= 1 }
    }

    public static func += (sum: inout ChannelTally, next: ChannelTally) {
        sum.counters += next.counters
        sum.passages += next.passages
        sum.unobserved += next.unobserved
        sum.occupied += next.occupied
        sum.silentInputs |= next.silentInputs
        sum.shortPulses.addSaturating(next.shortPulses)
        sum.implausible.addSaturating(next.implausible)
    }

    /// Observed throughout, and no edge is known to be lost.
    public var isComplete: Bool { unobserved == .zero && counters.lostEdges == 0 && counters.overflows == 0 }

    /// See `EdgeCounters.confidence`.
    public var confidence: Double { counters.confidence(passages: passages) }
}

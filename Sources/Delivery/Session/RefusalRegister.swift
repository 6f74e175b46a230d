public import SensorCore

/// Which records a broker refuses, how often, and which are set aside over it. Outlasts connections: some brokers end
/// one with each refusal.
///
/// A record that was refused `limit` times is passed over, and is a suspect. As soon as the broker accepts another
/// record, suspects are set aside. When a whole window of records are suspects and none is accepted, it is not the
/// records: all of them wait, and begin anew.
public struct RefusalRegister: Hashable, Sendable {
    enum Decision: Hashable {
        /// Offer this record again then.
        case offerAgain(MonotonicInstant)
        /// Go on without it.
        case passOver
        /// Wait, then begin anew with all of them.
        case everythingIsRefused(until: MonotonicInstant)
    }

    /// Refusals after which a record is passed over, and when another was set aside before it.
    public static let limit = 5
    public static let limitAfterOthers = 3
    /// Each leaves a hole in what is acknowledged, so there are only so many; then the queue waits for a person.
    public static let setAsideAtMost = 1000
    /// How often one that is set aside is offered again.
    public static let offerPause = TimeSpan.seconds(3600)

    private let timing: DeliveryTiming
    private var tries: [UInt64: BackOff] = [:]
    private var suspects: Set<UInt64> = []
    private var aside: Set<UInt64> = []
    private var untold: [UInt64] = []
    private var offered: (sequence: UInt64, at: MonotonicInstant)?
    private var lastOffered: UInt64 = 0
    private var wholeBackOff: BackOff

    init(timing: DeliveryTiming) {
        self.timing = timing
        wholeBackOff = BackOff(first: timing.firstBackOff, longest: timing.longestBackOff)
    }

    /// Nothing is being offered again.
    var isQuiet: Bool { tries.isEmpty && suspects.isEmpty }
    /// How many are set aside.
    public var setAsideCount: Int { aside.count }

    func setsAside(_ sequence: UInt64) -> Bool {
        (aside.contains(sequence) && offered?.sequence != sequence) || suspects.contains(sequence)
    }

    /// One of those set aside gets a chance when its time has come, each in its turn.
    mutating func beginConnection(at now: MonotonicInstant) {
        guard let oldest = aside.min() else { return }
        if let offered, now - offered.at < Self.offerPause { return }
        let before = lastOffered
        let next = aside.lazy.filter { $0 > before }.min() ?? oldest
        offered = (next, now)
        lastOffered = next
    }

    mutating func refused(
        _ sequence: UInt64, limit window: Int, at now: MonotonicInstant, using generator: inout some RandomNumberGenerator
    ) -> Decision {
        if aside.contains(sequence) {
            // Still no. Number 0 is nobody's.
            offered = (0, offered?.at ?? now)
            return .passOver
        }
        var backOff = tries[sequence] ?? BackOff(first: timing.firstBackOff, longest: timing.longestBackOff)
        let wait = backOff.nextWait(using: &generator)
        tries[sequence] = backOff
        guard backOff.failures >= (aside.isEmpty ? Self.limit : Self.limitAfterOthers) else { return .offerAgain(now + wait) }
        suspects.insert(sequence)
        guard suspects.count >= max(window, 2) || aside.count + suspects.count > Self.setAsideAtMost else { return .passOver }
        suspects = []
        tries = [:]
        return .everythingIsRefused(until: now + timing.longestBackOff + wholeBackOff.nextWait(using: &generator))
    }

    /// The broker took this one, so it is about the others.
    mutating func accepted(_ sequence: UInt64) {
        if !tries.isEmpty { tries[sequence] = nil }
        if aside.remove(sequence) != nil {
            // What stood against it is gone: the others come with the next connection.
            aside = []
            offered = nil
        }
        guard !suspects.isEmpty else { return }
        for suspect in suspects {
            tries[suspect] = nil
            if aside.insert(suspect).inserted { untold.append(suspect) }
        }
        suspects = []
        wholeBackOff.reset()
    }

    mutating func takeSetAside() -> [UInt64] {
        if untold.isEmpty { return [] }
        defer { untold = [] }
        return untold.sorted()
    }

    public static func == (a: RefusalRegister, b: RefusalRegister) -> Bool {
        a.tries == b.tries && a.suspects == b.suspects && a.aside == b.aside
    }
    public func hash(into hasher: inout Hasher) { hasher.combine(aside) }
}

import SensorCore

/// How long the transport process may be silent before it is taken for one that hangs. Times are the caller's.
struct ProcessPatience: Hashable {
    enum Verdict: Hashable {
        case fine
        /// It is to be asked whether it is there.
        case ask
        /// It was asked, and said nothing.
        case hangs
    }

    /// Silence after which it is asked.
    static let pause = TimeSpan.seconds(3)
    /// From the question on. On a box under full load an answer takes milliseconds.
    static let patience = TimeSpan.seconds(10)
    static let all = pause + patience
    /// While it resolves a name. At the resolver's limits (resolv.conf(5): 5 tries of 30 s at 3 servers) that takes 7.5 minutes, and
    /// again with a suffix of the search list.
    static let resolverPatience = TimeSpan.seconds(15 * 60)

    private(set) var isResolving = false
    private var heardAt: MonotonicInstant
    private var askedAt: MonotonicInstant?

    init(at now: MonotonicInstant) { heardAt = now }

    mutating func heard(at now: MonotonicInstant) {
        heardAt = now
        askedAt = nil
        isResolving = false
    }

    mutating func resolves(at now: MonotonicInstant) {
        heard(at: now)
        isResolving = true
    }

    mutating func asked(at now: MonotonicInstant) { askedAt = now }

    /// To be asked only when all that had arrived was taken in, since the caller may have stood still itself.
    func verdict(at now: MonotonicInstant) -> Verdict {
        if isResolving { return now >= heardAt + Self.resolverPatience ? .hangs : .fine }
        guard let askedAt else { return now >= heardAt + Self.pause ? .ask : .fine }
        return now >= askedAt + Self.patience ? .hangs : .fine
    }
}

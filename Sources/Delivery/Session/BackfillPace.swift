public import SensorCore

/// So many per second, with at most a tenth of a second's worth at once.
public struct BackfillPace: Hashable, Sendable {
    private let perSecond: Int?
    private var allowed = 0
    /// Since when `allowed` grows; nil before the first question.
    private var since: MonotonicInstant?

    /// nil for no limit.
    public init(perSecond: Int?) {
        precondition(perSecond.map { $0 >= 1 } ?? true, "a rate of nothing sends nothing")
        self.perSecond = perSecond
    }

    /// How many may be sent now.
    public mutating func allowance(at now: MonotonicInstant) -> Int {
        guard let perSecond else { return .max }
        let burst = max(1, perSecond / 10)
        guard let since else {
            self.since = now
            allowed = burst
            return allowed
        }
        let step = 1_000_000_000 / Int64(perSecond)
        let earned = max(0, (now - since).nanoseconds) / step
        allowed = Int(min(Int64(burst), Int64(allowed) + earned))
        // A full bucket forgets the time that filled it.
        self.since = allowed == burst ? now : since + TimeSpan(nanoseconds: earned * step)
        return allowed
    }

    public mutating func spend() { if allowed > 0 { allowed -= 1 } }

    /// When the next may be sent, after none was allowed.
    public var nextAllowance: MonotonicInstant {
        guard let perSecond, let since else { return MonotonicInstant(nanoseconds: 0) }
        return since + TimeSpan(nanoseconds: 1_000_000_000 / Int64(perSecond))
    }
}

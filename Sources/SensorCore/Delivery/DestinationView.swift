/// What one destination may see of the journal. Without restrictions by default.
public struct DestinationView: Hashable, Sendable {
    /// Names of the kinds of records it sees (`RecordKind`); nil for all.
    public var kinds: Set<String>?
    /// Channels whose traffic it sees; nil for all.
    public var channels: Set<String>?
    /// Sensors whose climate it sees; nil for all.
    public var sensors: Set<String>?
    /// Shorter intervals are joined to ones of this length, a divisor or multiple of an hour; nil for as they are.
    public var finestInterval: TimeSpan?
    /// Lengths that the node sums traffic to by itself: where `finestInterval` is one, its parts are left out and not joined.
    public var sums: [TimeSpan] = []

    public init() {}

    public var isEverything: Bool { kinds == nil && channels == nil && sensors == nil && finestInterval == nil }

    /// Whether records of this kind and source are shown, in whatever length.
    public func admits(_ record: Record) -> Bool {
        if let kinds, !kinds.contains(record.body.kind.name) { return false }
        switch record.body {
        case .traffic(let interval): return channels?.contains(interval.channel) ?? true
        case .climate(let interval): return sensors?.contains(interval.sensor) ?? true
        default: return true
        }
    }
}

/// What a destination takes of a backlog.
public enum DeliveryLanes: String, Hashable, Sendable, CaseIterable {
    /// All of it, beside what is new.
    case both
    /// Nothing: what could not be sent while it was new is passed over, and counted.
    case live
}

package import SensorCore

extension FlowSummary {
    /// By direction and class, in a fixed order. `total` is how many passages there were: those whose details are not known
    /// are a flow without direction and class. There is always at least one flow, so that a counted zero is one.
    package func trafficFlows(total: UInt64, directions: DirectionNames) -> [TrafficFlow] {
        func rank(_ key: Key) -> (UInt8, UInt8) { (key.direction?.rawValue ?? 0xFF, key.roadUser?.rawValue ?? 0xFF) }
        var published = flows.sorted { rank($0.key) < rank($1.key) }.map { key, flow in
            TrafficFlow(direction: key.direction.map(directions.name), vehicleClass: key.roadUser?.name, flow)
        }
        let undetailed = total > count ? total - count : 0
        if let last = published.indices.last, published[last].direction == nil, published[last].vehicleClass == nil {
            published[last].figures.count += undetailed
        } else if undetailed > 0 || published.isEmpty {
            published.append(TrafficFlow(count: undetailed))
        }
        return published
    }

    /// nil when some may be wrong.
    package func headwaySums(directions: DirectionNames) -> [HeadwaySum]? {
        headways?.sorted { ($0.key?.rawValue ?? 0xFF) < ($1.key?.rawValue ?? 0xFF) }.map { direction, headway in
            HeadwaySum(direction: direction.map(directions.name), headway)
        }
    }
}

extension ChannelTally {
    /// How long the first input was active while observed; nil for a detector that does not say, and where it was active
    /// while nobody observed.
    func occupied(observed: TimeSpan, _ settings: ChannelSettings) -> TimeSpan? {
        settings.givesOccupancy && occupied <= observed && observed > .zero ? occupied : nil
    }
}

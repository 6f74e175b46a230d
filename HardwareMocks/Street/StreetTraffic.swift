public import SensorCore

/// The edges of a sensor at a simulated street, however long: made hour by hour, so that memory stays small.
public struct StreetTraffic: Sendable {
    private static let hour = TimeSpan.seconds(3600)

    private let sensor: SimulatedStreet.Sensor
    private let demand: StreetDemand
    private let physics: SensorPhysics
    private let end: MonotonicInstant
    private var seed: UInt64
    private var nextHour: MonotonicInstant
    private var edges: [EdgeEvent] = []
    private var taken = 0
    private var levels: UInt8 = 0
    /// Of each input's last edge of the hours before.
    private var numbers: (UInt32, UInt32) = (0, 0)
    /// Passages of the hours made so far.
    public private(set) var passed: UInt64 = 0

    public init(
        _ sensor: SimulatedStreet.Sensor, demand: StreetDemand, physics: SensorPhysics, from start: MonotonicInstant,
        until end: MonotonicInstant, seed: UInt64
    ) {
        self.sensor = sensor
        self.demand = demand
        self.physics = physics
        self.end = end
        self.seed = seed
        nextHour = start
    }

    public mutating func nextInstant() -> MonotonicInstant? {
        while taken == edges.count, nextHour < end { makeHour() }
        return taken < edges.count ? edges[taken].instant : nil
    }

    public mutating func next() -> EdgeEvent? {
        guard nextInstant() != nil else { return nil }
        defer { taken += 1 }
        let edge = edges[taken]
        let bit = UInt8(1) << edge.input
        levels = edge.level ? levels | bit : levels & ~bit
        return edge
    }

    /// Of the edges taken.
    public func level(input: Int) -> Bool { levels & (1 << UInt8(input)) != 0 }

    private mutating func makeHour() {
        let street = SimulatedStreet(
            sensor, demand: demand, physics: physics, from: nextHour, duration: min(Self.hour, end - nextHour), seed: seed)
        // Each hour numbers its edges from 1; the kernel goes on.
        for edge in edges { if edge.input == 0 { numbers.0 = edge.lineSequence } else { numbers.1 = edge.lineSequence } }
        let last = numbers
        edges = street.edges.map { edge in
            var edge = edge
            edge.lineSequence &+= edge.input == 0 ? last.0 : last.1
            return edge
        }
        taken = 0
        passed += UInt64(street.truth.count)
        seed &+= 1
        nextHour = nextHour + Self.hour
    }
}

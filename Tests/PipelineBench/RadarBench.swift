import HardwareMocks
import PulsePipeline
import SensorCore

/// Radar channels are measured per second of street, not per edge.
struct RadarBench {
    private var both: [(condensing: BenchedChannel, tracking: BenchedChannel)] = []
    private let seconds: Int64

    init(seconds: Int64) {
        self.seconds = seconds
        var demand = StreetDemand()
        demand.cars = 420
        demand.vans = 60
        demand.lorries = 30
        demand.bikes = 60
        demand.pedestrians = 60
        for hasQuadrature in [false, true] {
            var physics = RadarPhysics()
            physics.hasQuadrature = hasQuadrature
            var street = RadarStreet(
                physics, demand: demand, from: MonotonicInstant(nanoseconds: 0), duration: .seconds(seconds), seed: 7)
            var edges: [EdgeEvent] = []
            while let edge = street.next() { edges.append(edge) }
            let settings = ChannelSettings(
                detector: .doppler(
                    RadarSetup(
                        carrier: physics.carrier, lanes: physics.lanes, height: physics.height, azimuth: physics.azimuth,
                        quadrature: hasQuadrature ? .firstLeads : nil)), filter: .none)
            let name = hasQuadrature ? "doppler_iq" : "doppler"
            both.append(
                (
                    BenchedChannel(name: "\(name), condensing", settings: settings, edges: edges, slices: SliceQueue()),
                    BenchedChannel(name: name, settings: settings, edges: edges)
                ))
        }
    }

    /// What the counting thread does.
    var condensing: [BenchedChannel] { both.map(\.condensing) }

    /// The same with every hundredth edge lost, and nobody who takes the slices: what a busy node does not do every day.
    var crowded: [BenchedChannel] {
        both.map { condensing, _ in
            var numbers: [UInt32] = [0, 0]
            var edges: [EdgeEvent] = []
            for (place, edge) in condensing.edges.enumerated() {
                numbers[Int(edge.input)] += 1
                var edge = edge
                edge.lineSequence = numbers[Int(edge.input)]
                if place % 100 != 99 { edges.append(edge) }
            }
            return BenchedChannel(
                name: "\(condensing.name), edges lost and no room", settings: condensing.settings, edges: edges,
                slices: SliceQueue(capacity: 64), isCrowded: true)
        }
    }

    /// False when tracking allocates more than it may, or keeps it.
    func reportAllocations(isPlanted: Bool) -> Bool {
        var isBounded = true
        for (condensing, tracking) in both {
            guard case .doppler(let setup) = tracking.settings.detector else { continue }
            let queue = SliceQueue(capacity: Int(Double(seconds + 60) / setup.sliceLength.seconds))
            var bench = condensing
            bench.slices = queue
            bench.isCrowded = true
            _ = bench.allocationsSeen(isPlanted: false)
            var slices: [PulseSlice] = []
            while let slice = queue.pop() { slices.append(slice) }
            guard let seen = TrackingAllocations(setup, slices, isPlanted: isPlanted) else { return false }
            print(
                "tracking of \(tracking.name): \(Int(seen.rate.rounded(.up))) allocations a second of street, at most "
                    + "\(Int(TrackingAllocations.mostPerSecond)); \(seen.growth / 1000) kB more held after \(seconds) s than after 60 s, at most "
                    + "\(TrackingAllocations.mostGrowth / 1000)")
            if !seen.isBounded { isBounded = false }
        }
        return isBounded
    }

    /// Of one core for a busy channel, and times real time of a replay.
    private static let limits = (share: 0.02, replay: 200.0)

    /// False when the share is more than the limit; that replay is slower is only told.
    func report() -> Bool {
        var isKept = true
        print("Radar, \(seconds) s of a busy street, of one core:")
        for (condensing, tracking) in both {
            let length = Double(seconds)
            let counting = condensing.best(of: 3)
            let all = tracking.best(of: 3)
            print(
                "  \(tracking.name): \(rounded(Double(tracking.edges.count) / length)) edges/s, \(percent(all / length)) in all, "
                    + "\(percent(counting / length)) of it on the counting thread; replay \(Int(length / all)) × real time")
            if length / all < Self.limits.replay {
                print("  slower to replay than the \(Int(Self.limits.replay)) × real time that are asked for")
            }
            if all / length > Self.limits.share {
                print("  more than \(percent(Self.limits.share)) of a core")
                isKept = false
            }
        }
        return isKept
    }

    private func percent(_ share: Double) -> String { "\((share * 1e4).rounded() / 100) %" }
}

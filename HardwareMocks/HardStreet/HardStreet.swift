public import SensorCore

/// A street that was made from publications, with its truth; see docs/street.md. The same seed, sensor and physics give the same
/// street.
public struct HardStreet: Sendable {
    /// What stands at the street.
    public enum Sensor: String, Hashable, Sendable, CaseIterable {
        case beams = "beam_pair"
        case tubes = "axle_pair"
        case doppler
        case dopplerIQ = "doppler_iq"
        case contact
        case rain
    }

    public let sensor: Sensor
    public let setup: HardSetup
    /// By instant.
    public let truth: [HardPassage]
    /// By time, without overlaps.
    public let situations: [HardSituation]

    private var edges: [EdgeEvent]
    private var taken = 0
    private var radar: HardRadarSignal?

    public init(_ sensor: Sensor, physics: HardPhysics, from start: MonotonicInstant, duration: TimeSpan, seed: UInt64) {
        self.sensor = sensor
        let stream = HardStream(seed: seed)
        let scene: HardScene
        switch sensor {
        case .beams: scene = BeamScene(physics, stream).make(duration: duration.seconds, from: start)
        case .tubes: scene = TubeScene(physics, stream).make(duration: duration.seconds, from: start)
        case .contact: scene = ContactScene(physics, stream).make(duration: duration.seconds, from: start)
        case .rain: scene = RainScene(physics, stream).make(duration: duration.seconds, from: start)
        case .doppler, .dopplerIQ:
            let site = RadarSite(physics, stream, hasQuadrature: sensor == .dopplerIQ)
            let (made, bodies) = RadarScene(physics, stream, site).make(duration: duration.seconds, from: start)
            scene = made
            radar = HardRadarSignal(site, bodies, physics, stream, from: start, duration: duration.seconds)
        }
        setup = scene.setup
        truth = scene.truth.sorted { $0.instant < $1.instant }
        situations = scene.situations
        edges = scene.edges
    }

    public mutating func next() -> EdgeEvent? {
        while taken == edges.count, let more = radar?.nextStretch() {
            edges = more
            taken = 0
        }
        guard taken < edges.count else { return nil }
        defer { taken += 1 }
        return edges[taken]
    }
}

/// What a place's physics makes of a seed.
struct HardScene {
    var setup = HardSetup()
    var truth: [HardPassage] = []
    var situations: [HardSituation] = []
    /// Of all inputs, by time; a radar makes its own.
    var edges: [EdgeEvent] = []

    mutating func take(_ lines: [HardLine], from start: MonotonicInstant) {
        for (input, line) in lines.enumerated() { edges += line.edges(input: UInt8(input), from: start) }
        edges.sort { ($0.instant, $0.input) < ($1.instant, $1.input) }
    }
}

extension MonotonicInstant {
    func after(_ seconds: Double) -> MonotonicInstant { self + TimeSpan(nanoseconds: Int64(seconds * 1e9)) }
}

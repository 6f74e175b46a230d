import HardwareMocks
import PulsePipeline
import SensorCore

/// A street before a Doppler radar, and the channel that is to count it.
struct RadarScenario {
    var name: String
    var physics: RadarPhysics
    var demand = RadarScenario.mixed
    var duration = TimeSpan.seconds(1800)

    static let mixed: StreetDemand = {
        var demand = StreetDemand()
        demand.cars = 110
        demand.vans = 15
        demand.lorries = 8
        demand.bikes = 50
        demand.pedestrians = 40
        return demand
    }()

    static let all: [RadarScenario] = [
        RadarScenario(name: "doppler", physics: RadarPhysics()), RadarScenario(name: "doppler_iq", physics: quadrature),
        RadarScenario(name: "doppler-rough", physics: rough, duration: .seconds(900)),
    ]

    private static let quadrature: RadarPhysics = {
        var physics = RadarPhysics()
        physics.hasQuadrature = true
        return physics
    }()

    /// Half of the echo, more hum, a coarse comparator, a sluggish amplifier, the axis further from the road.
    private static let rough: RadarPhysics = {
        var physics = RadarPhysics()
        physics.echo /= 2
        physics.hum = 1.2
        physics.hysteresis = 2
        physics.offset = 0.4
        physics.highCut = 2200
        physics.azimuth = 40
        physics.tilt = 12
        return physics
    }()

    var setup: RadarSetup {
        RadarSetup(
            carrier: physics.carrier, lanes: physics.lanes, height: physics.height, azimuth: physics.azimuth,
            quadrature: physics.hasQuadrature ? (physics.secondLeads ? .secondLeads : .firstLeads) : nil)
    }

    func street(seed: UInt64) -> RadarStreet {
        RadarStreet(physics, demand: demand, from: MonotonicInstant(nanoseconds: 0), duration: duration, seed: seed)
    }

    /// Each passage with the moment it was decided.
    func count(_ street: RadarStreet) -> [DecidedPassage] {
        var street = street
        var channel = ChannelPipeline(
            ChannelSettings(detector: .doppler(setup), filter: .none), levels: 0, at: MonotonicInstant(nanoseconds: 0))
        var buffer = PassageBuffer(capacity: 64)
        var decided: [DecidedPassage] = []
        func keep(_ now: MonotonicInstant) {
            for place in 0..<buffer.count { decided.append(DecidedPassage(passage: buffer[place], at: now)) }
            buffer.removeAll()
        }
        while let edge = street.next() {
            withUnsafePointer(to: edge) {
                _ = channel.ingest(UnsafeBufferPointer(start: $0, count: 1), boundary: .distantFuture, passages: &buffer)
            }
            keep(edge.instant)
        }
        let end = MonotonicInstant(nanoseconds: 0) + duration + .seconds(20)
        channel.advance(to: end, boundary: .distantFuture, passages: &buffer)
        keep(end)
        return decided.sorted { $0.passage.instant < $1.passage.instant }
    }

    static func report(seeds: UInt64, first: UInt64, only: String?, _ isExplaining: Bool) {
        print("radar, seeds \(first) to \(first + seeds - 1); shares in %, [95 % interval]")
        for scenario in all where only == nil || scenario.name == only {
            var score = RadarScore()
            for seed in first..<first + seeds {
                let street = scenario.street(seed: seed)
                score.add(street.truth, scenario.count(street), seed: seed, isExplaining)
            }
            print(score.text(of: scenario.name))
        }
        guard only == nil || only == "doppler-nobody" else { return }
        var score = RadarScore()
        for scenario in all.prefix(2) {
            var nobody = scenario
            nobody.demand = StreetDemand()
            nobody.duration = .seconds(7200)
            nobody.physics.hum = 1
            score.add([], nobody.count(nobody.street(seed: first)), seed: first, isExplaining)
            print("\(scenario.name), nobody there, two hours of noise and hum: \(score.extra) passages")
            score = RadarScore()
        }
    }
}

struct DecidedPassage {
    var passage: Passage
    var at: MonotonicInstant
}

import Dispatch
import HardwareMocks
import PulsePipeline
import SensorCore
import Synchronization

/// A street before a Doppler radar, and the channel that is to count it.
struct RadarScenario {
    var name: String
    var physics: RadarPhysics
    var demand = RadarScenario.mixed
    var duration = TimeSpan.seconds(1800)
    /// Of the directions at least this share is to be right.
    var direction: Double?
    /// It is only told, without limits.
    var isBeyond = false

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
        RadarScenario(name: "doppler", physics: RadarPhysics()), RadarScenario(name: "doppler_iq", physics: quadrature, direction: 0.995),
        RadarScenario(name: "doppler-rough", physics: rough, duration: .seconds(900), isBeyond: true),
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

    /// Each passage with the moment it was decided, as a node has it: condensed by one thread, tracked by another.
    func count(_ street: RadarStreet, onDecision: (@Sendable (String) -> Void)? = nil) -> [DecidedPassage] {
        var street = street
        let slices = SliceQueue()
        let channel = ChannelSettings(detector: .doppler(setup), filter: .none).makeChannel(
            levels: 0, at: MonotonicInstant(nanoseconds: 0), slices: slices)
        var tracker = DopplerTracker(setup)
        tracker.onDecision = onDecision
        var buffer = PassageBuffer(capacity: 1)
        var decided: [DecidedPassage] = []
        func track() {
            while let slice = slices.pop() {
                let end = slice.instant + setup.sliceLength * Int64(slice.repeats)
                tracker.take(slice) { decided.append(DecidedPassage(passage: $0, at: end)) }
            }
        }
        while let edge = street.next() {
            withUnsafePointer(to: edge) {
                _ = channel.ingest(UnsafeBufferPointer(start: $0, count: 1), boundary: .distantFuture, passages: &buffer)
            }
            track()
        }
        channel.advance(to: MonotonicInstant(nanoseconds: 0) + duration + .seconds(20), boundary: .distantFuture, passages: &buffer)
        track()
        return decided.sorted { $0.passage.instant < $1.passage.instant }
    }

    /// What came of one seed.
    struct Run: Sendable {
        var seed: UInt64
        var truth: [TruePassage]
        var decided: [DecidedPassage]
        var decisions: [String]
    }

    private func run(seed: UInt64, isExplaining: Bool) -> Run {
        let street = self.street(seed: seed)
        let decisions = Gathered<String>()
        let explain: @Sendable (String) -> Void = { decisions.add($0) }
        let decided = count(street, onDecision: isExplaining ? explain : nil)
        return Run(seed: seed, truth: street.truth, decided: decided, decisions: decisions.all)
    }

    /// Seeds side by side, as many as there are cores; by seed.
    func run(seeds: Range<UInt64>, isExplaining: Bool) -> [Run] {
        let runs = Gathered<Run>()
        DispatchQueue.concurrentPerform(iterations: seeds.count) { place in
            runs.add(self.run(seed: seeds.lowerBound + UInt64(place), isExplaining: isExplaining))
        }
        return runs.all.sorted { $0.seed < $1.seed }
    }

    /// False when a limit is not kept.
    static func report(seeds: UInt64, first: UInt64, only: String?, isExplaining: Bool) -> Bool {
        print("radar, half an hour each, seeds \(first) to \(first + seeds - 1); shares in %, [95 % interval]")
        var isKept = true
        for scenario in all where only == nil || scenario.name == only {
            var score = RadarScore()
            for run in scenario.run(seeds: first..<first + seeds, isExplaining: isExplaining) {
                for line in run.decisions { print("seed \(run.seed) \(line)") }
                score.add(run.truth, run.decided, seed: run.seed, isExplaining)
            }
            print(score.text(of: scenario.name))
            for fault in scenario.isBeyond ? [] : score.faults(direction: scenario.direction) {
                print("  \(scenario.name) does not keep: \(fault)")
                isKept = false
            }
        }
        guard only == nil || only == "doppler-nobody" else { return isKept }
        for scenario in all.prefix(2) where !scenario.staysSilent(seeds: seeds, first: first, isExplaining) { isKept = false }
        return isKept
    }

    /// Whether at most one passage is seen in two hours of noise and hum.
    private func staysSilent(seeds: UInt64, first: UInt64, _ isExplaining: Bool) -> Bool {
        var nobody = self
        nobody.demand = StreetDemand()
        nobody.duration = .seconds(3600)
        nobody.physics.hum = 1
        let runs = nobody.run(seeds: first..<first + max(2, seeds / 4 * 2), isExplaining: isExplaining)
        if isExplaining { for run in runs { for line in run.decisions { print(line) } } }
        let found = runs.reduce(0) { $0 + $1.decided.count }
        print("\(name), nobody there, \(runs.count) hours of noise and hum: \(found) passages")
        return Double(found) <= max(1, Double(runs.count) / 2)
    }
}

struct DecidedPassage: Sendable {
    var passage: Passage
    var at: MonotonicInstant
}

/// What several threads have found.
final class Gathered<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])

    var all: [Element] { elements.withLock { $0 } }

    func add(_ element: Element) { elements.withLock { $0.append(element) } }
}

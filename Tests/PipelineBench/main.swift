import Glibc
import HardwareMocks
import PulsePipeline
import SensorCore

// How fast whole channels are, and whether they allocate.
// Usage: PipelineBench [table | allocations [planted]]

/// Whole channels over the same edges again and again, each round later than the one before.
struct BenchedChannel {
    var name: String
    var settings: ChannelSettings
    var edges: [EdgeEvent]

    /// Edges per second, the best of some rounds.
    func rate() -> Double {
        var best = 0.0
        for _ in 0..<5 {
            var channel = ChannelPipeline(settings, levels: 0, at: MonotonicInstant(nanoseconds: 0))
            let begin = seconds()
            _ = run(&channel)
            best = max(best, Double(edges.count) / (seconds() - begin))
        }
        return best
    }

    /// Passages counted.
    func run(_ channel: inout ChannelPipeline) -> UInt64 {
        var passages = PassageBuffer(capacity: 8192)
        edges.withUnsafeBufferPointer { all in
            var taken = 0
            // As much as one reading of the kernel's buffer gives.
            while taken < all.count {
                let batch = UnsafeBufferPointer(rebasing: all[taken..<min(all.count, taken + 64)])
                taken += channel.ingest(batch, boundary: .distantFuture, passages: &passages)
                passages.removeAll()
            }
        }
        let end = (edges.last?.instant ?? MonotonicInstant(nanoseconds: 0)) + .seconds(60)
        channel.advance(to: end, boundary: .distantFuture, passages: &passages)
        return channel.closeInterval(at: end).passages
    }
}

func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Bounced closures: 8 edges each.
func contactEdges(_ count: Int) -> [EdgeEvent] {
    var edges: [EdgeEvent] = []
    edges.reserveCapacity(count)
    var time: Int64 = 1_000_000_000
    while edges.count < count {
        for (delay, level) in [(0, true), (400, false), (900, true), (50_000, false), (50_500, true), (51_000, false)] as [(Int64, Bool)] {
            edges.append(
                EdgeEvent(
                    instant: MonotonicInstant(nanoseconds: time + delay * 1000), input: 0, level: level,
                    lineSequence: UInt32(truncatingIfNeeded: edges.count + 1)))
        }
        time += 200_000_000
    }
    return edges
}

func streetEdges(_ sensor: SimulatedStreet.Sensor, _ demand: StreetDemand, _ physics: SensorPhysics, hours: Int) -> [EdgeEvent] {
    var traffic = StreetTraffic(
        sensor, demand: demand, physics: physics, from: MonotonicInstant(nanoseconds: 0),
        until: MonotonicInstant(nanoseconds: Int64(hours) * 3_600_000_000_000), seed: 7)
    var edges: [EdgeEvent] = []
    while let edge = traffic.next() { edges.append(edge) }
    return edges
}

var path = StreetDemand()
path.bikes = 300
path.pedestrians = 60
path.platoonShare = 0
var road = StreetDemand()
road.cars = 420
road.vans = 60
road.lorries = 30
road.bikes = 40
let stable = PulseFilter.stable(rise: .milliseconds(8), fall: .milliseconds(8))
let fast = PulseFilter.stable(rise: .milliseconds(1), fall: .milliseconds(1))
let channels = [
    BenchedChannel(name: "contact", settings: .contact(stable), edges: contactEdges(6_000_000)),
    BenchedChannel(
        name: "contact with glitch filter",
        settings: .contact(PulseFilter(.stable(rise: .milliseconds(8), fall: .milliseconds(8)), glitchTime: .microseconds(100))),
        edges: contactEdges(2_000_000)),
    BenchedChannel(
        name: "presence", settings: ChannelSettings(detector: .presence(hold: .seconds(1), stallLimit: .seconds(600)), filter: stable),
        edges: contactEdges(2_000_000)),
    BenchedChannel(
        name: "beam_pair", settings: ChannelSettings(detector: .beamPair(BeamGeometry(spacing: 0.5)), filter: fast),
        edges: streetEdges(.beams(spacing: 0.5), path, .lightBarrier, hours: 20)),
    BenchedChannel(
        name: "axle_pair",
        settings: ChannelSettings(
            detector: .axlePair(AxleGeometry(spacing: 1)), filter: .stable(rise: .milliseconds(1), fall: .milliseconds(6))),
        edges: streetEdges(.tubes(spacing: 1), road, .airSwitch, hours: 20)),
]

if CommandLine.arguments.contains("allocations") {
    _ = allocations()
    let isPlanted = CommandLine.arguments.contains("planted")
    for bench in channels {
        var channel = ChannelPipeline(bench.settings, levels: 0, at: MonotonicInstant(nanoseconds: 0))
        var passages = PassageBuffer(capacity: 8192)
        let before = allocations()
        bench.edges.withUnsafeBufferPointer { all in
            var taken = 0
            while taken < all.count {
                let batch = UnsafeBufferPointer(rebasing: all[taken..<min(all.count, taken + 64)])
                taken += channel.ingest(batch, boundary: .distantFuture, passages: &passages)
                passages.removeAll()
                if isPlanted { free(malloc(taken)) }
            }
        }
        guard let before, let after = allocations() else {
            print("no allocation counter: run it by Tests/PipelineBench/allocations.sh")
            exit(69)
        }
        print("\(bench.name): \(after - before) allocations over \(bench.edges.count) edges")
    }
} else {
    for bench in channels {
        print("\(bench.name): \(Int(bench.rate() / 1e5) / 10) million edges/s, \(bench.edges.count) edges")
    }
}

/// Calls of malloc, calloc and realloc so far, by the library that `allocations.sh` puts before the C library's.
func allocations() -> UInt64? {
    typealias Counter = @convention(c) () -> UInt64
    guard let symbol = dlsym(UnsafeMutableRawPointer(bitPattern: 0), "reallabor_allocations") else { return nil }
    return unsafeBitCast(symbol, to: Counter.self)()
}

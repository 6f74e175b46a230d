import Glibc
import HardwareMocks
import PulsePipeline
import SensorCore

// How fast whole channels are, and whether they allocate.
// Usage: PipelineBench [NAME | allocations [planted]]

// By itself it needs none of the streets below.
if CommandLine.arguments.dropFirst().first == "doppler" { exit(RadarBench(seconds: 600).report() ? 0 : 1) }

let stable = PulseFilter.stable(rise: .milliseconds(8), fall: .milliseconds(8))
let fast = PulseFilter.stable(rise: .milliseconds(1), fall: .milliseconds(1))
let slow = PulseFilter.stable(rise: .milliseconds(1), fall: .milliseconds(6))

var path = StreetDemand()
path.bikes = 300
path.pedestrians = 60
path.platoonShare = 0
var road = StreetDemand()
road.cars = 420
road.vans = 60
road.lorries = 30
road.bikes = 40
let beams = SimulatedStreet.Sensor.beams(spacing: 0.5)
let tubes = SimulatedStreet.Sensor.tubes(spacing: 1)
var calmPath = StreetDemand()
calmPath.bikes = 60
calmPath.pedestrians = 20
calmPath.platoonShare = 0
var calmRoad = StreetDemand()
calmRoad.cars = 60
calmRoad.vans = 10
calmRoad.lorries = 5
calmRoad.bikes = 10
calmRoad.platoonShare = 0
let onPath = BenchedStreets.apart(beams, calmPath, .lightBarrier, hours: 40)
let plainOnPath = onPath.filter { PlainComparison.isPlain($0, spacing: 0.5, time: .milliseconds(1)) }

let contact = BenchedChannel(name: "contact", settings: .contact(stable), edges: BenchedStreets.contact(6_000_000))
let beamPair = ChannelSettings(detector: .beamPair(BeamGeometry(spacing: 0.5)), filter: fast)
let axlePair = ChannelSettings(detector: .axlePair(AxleGeometry(spacing: 1)), filter: slow)
let beamsApart = BenchedChannel(
    name: "beam_pair, one after another", settings: beamPair, edges: BenchedStreets.joined(plainOnPath, edges: 2_000_000))
let channels = [
    contact,
    BenchedChannel(
        name: "contact with glitch filter",
        settings: .contact(PulseFilter(.stable(rise: .milliseconds(8), fall: .milliseconds(8)), glitchTime: .microseconds(100))),
        edges: BenchedStreets.contact(2_000_000)),
    BenchedChannel(
        name: "presence", settings: ChannelSettings(detector: .presence(hold: .seconds(1), stallLimit: .seconds(600)), filter: stable),
        edges: BenchedStreets.contact(2_000_000)),
    beamsApart,
    BenchedChannel(
        name: "axle_pair, one after another", settings: axlePair,
        edges: BenchedStreets.joined(BenchedStreets.apart(tubes, calmRoad, .airSwitch, hours: 40), edges: 2_000_000)),
    BenchedChannel(name: "beam_pair, 360 an hour", settings: beamPair, edges: BenchedStreets.busy(beams, path, .lightBarrier, hours: 20)),
    BenchedChannel(name: "axle_pair, 550 an hour", settings: axlePair, edges: BenchedStreets.busy(tubes, road, .airSwitch, hours: 20)),
]

let radar = RadarBench(seconds: 600)

if CommandLine.arguments.contains("allocations") {
    let isPlanted = CommandLine.arguments.contains("planted")
    _ = allocations()
    for bench in channels + radar.condensing + radar.crowded {
        guard let seen = bench.allocationsSeen(isPlanted: isPlanted) else {
            print("no allocation counter: run it by Tests/PipelineBench/allocations.sh")
            exit(69)
        }
        print("\(bench.name): \(seen) allocations over \(bench.edges.count) edges")
    }
    // Planted ones are more than tracking may have.
    exit(radar.reportAllocations(isPlanted: isPlanted) != isPlanted ? 0 : 1)
}

func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }

let only = CommandLine.arguments.dropFirst().first
print("Whole channels, millions of edges per second of one core:")
for bench in channels where only == nil || bench.name == only {
    print("  \(bench.name): \(rounded(Double(bench.edges.count) / bench.best() / 1e6)), \(bench.edges.count) edges")
}
let isRadarFast = only == nil ? radar.report() : true
if only == nil {
    print("Beside the same in plain C, in turns over the same edges; what matters is the ratio:")
    for (bench, result) in [
        (contact, try PlainComparison.contact(contact)), (beamsApart, try PlainComparison.beams(beamsApart, spacing: 0.5)),
    ] {
        let millions = Double(bench.edges.count) / 1e6
        print(
            "  \(bench.name): Swift \(rounded(millions / result.swift)), C \(rounded(millions / result.c)), "
                + "\((result.ratio * 100).rounded() / 100) times C's time")
    }
    print(
        "  (\(plainOnPath.count) of \(onPath.count) simulated passages with 4 s to the next are read without a search, which C does not have)"
    )
}
if !isRadarFast { exit(1) }

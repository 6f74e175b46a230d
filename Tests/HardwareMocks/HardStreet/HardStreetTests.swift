import Foundation
import HardwareMocks
import SensorCore
import TestSupport
import Testing

/// That a hard street is the same again, and that each switch changes only its own thing.
@Suite(.takesLong) struct HardStreetTests {
    private struct Mark: Hashable {
        var instant: MonotonicInstant
        var input: UInt8
        var level: Bool
    }

    private struct Made {
        var truth: [HardPassage]
        var situations: [HardSituation]
        var edges: [Mark]

        /// By situation.
        func edges(in situation: HardSituation) -> [Mark] {
            // Nobody is at the sensor at a situation's end.
            edges.filter { $0.instant >= situation.from && $0.instant < situation.to }
        }
    }

    private func make(_ sensor: HardStreet.Sensor, _ physics: HardPhysics, seconds: Int64, seed: UInt64 = 11) -> Made {
        var street = HardStreet(
            sensor, physics: physics, from: MonotonicInstant(nanoseconds: 0), duration: .seconds(seconds), seed: seed)
        var edges: [Mark] = []
        while let edge = street.next() { edges.append(Mark(instant: edge.instant, input: edge.input, level: edge.level)) }
        return Made(truth: street.truth, situations: street.situations, edges: edges)
    }

    private func seconds(of sensor: HardStreet.Sensor) -> Int64 {
        switch sensor {
        case .beams: 600
        case .doppler, .dopplerIQ: 75
        default: 1800
        }
    }

    @Test("The same seed is the same street, another one another", arguments: HardStreet.Sensor.allCases)
    func theSameSeedIsTheSameStreet(sensor: HardStreet.Sensor) {
        let one = make(sensor, .all, seconds: seconds(of: sensor))
        let again = make(sensor, .all, seconds: seconds(of: sensor))
        let other = make(sensor, .all, seconds: seconds(of: sensor), seed: 12)
        #expect(!one.edges.isEmpty && !one.truth.isEmpty)
        #expect(one.edges == again.edges && one.truth == again.truth && one.situations == again.situations)
        #expect(one.edges != other.edges && one.truth != other.truth)
    }

    @Test("Edges are in order, alternate and are numbered", arguments: HardStreet.Sensor.allCases)
    func edgesAreInOrderAlternateAndAreNumbered(sensor: HardStreet.Sensor) {
        var street = HardStreet(
            sensor, physics: .all, from: MonotonicInstant(nanoseconds: 5), duration: .seconds(seconds(of: sensor)), seed: 3)
        var last = MonotonicInstant(nanoseconds: 0)
        var levels = [false, false]
        var numbers: [UInt32] = [0, 0]
        var faults = 0
        while let edge = street.next() {
            let input = Int(edge.input)
            if edge.instant < last || edge.level == levels[input] || edge.lineSequence != numbers[input] + 1 { faults += 1 }
            (last, levels[input], numbers[input]) = (edge.instant, edge.level, edge.lineSequence)
        }
        #expect(faults == 0)
        #expect(zip(street.situations, street.situations.dropFirst()).allSatisfy { $0.to <= $1.from })
    }

    /// What a switch may change, by the tag that a situation has without it.
    private static let ofSituations: [(HardStreet.Sensor, String, changes: Set<String>)] = [
        (.beams, "legs", ["walker"]), (.beams, "spokes", ["bike"]), (.beams, "loads", ["walker", "bike"]),
        (.beams, "groups", ["walker", "bike"]), (.beams, "abreast", ["walker"]), (.beams, "meetings", ["walker"]),
        (.tubes, "fleet", ["car", "bike"]), (.tubes, "stops", []), (.tubes, "followers", []), (.tubes, "meetings", []),
        (.contact, "double-pole", ["plain"]), (.contact, "corrosion", ["plain"]), (.contact, "drop-outs", ["plain"]),
        (.contact, "parking", ["plain"]), (.contact, "chatter", ["nobody"]), (.rain, "rebound", ["tip"]),
    ]

    @Test("A switch alone leaves every other situation as it is", arguments: ofSituations.indices)
    func aSwitchAloneLeavesEveryOtherSituationAsItIs(index: Int) throws {
        let (sensor, name, changes) = Self.ofSituations[index]
        let physics = try #require(HardPhysics(names: name))
        let plain = make(sensor, [], seconds: seconds(of: sensor))
        let hard = make(sensor, physics, seconds: seconds(of: sensor))
        #expect(plain.situations.map(\.from) == hard.situations.map(\.from), "\(name)")
        var changed = 0
        for (before, after) in zip(plain.situations, hard.situations) {
            if plain.edges(in: before) == hard.edges(in: after) { continue }
            changed += 1
            // The situation has got another name, or it is one whose bodies the switch makes finer.
            let isItsOwn = before.tag != after.tag || (changes.contains(before.tag) && ["legs", "spokes"].contains(name))
            #expect(isItsOwn, "\(name) changes \(before.tag) at \(before.from)")
            if !changes.isEmpty { #expect(changes.contains(before.tag), "\(name) changes \(before.tag)") }
        }
        #expect(changed > 0, "\(name) changes nothing")
        // Whoever is there without the switch is there with it.
        for passage in plain.truth where passage.speed != nil {
            let isThere = hard.truth.contains {
                ($0.instant - passage.instant).seconds.magnitude < 1 && $0.direction == passage.direction
            }
            #expect(isThere, "\(name): \(passage)")
        }
    }

    @Test("What sensors add moves no edge further than it may", arguments: ["tilt", "jitter"])
    func whatSensorsAddMovesNoEdgeFurtherThanItMay(name: String) throws {
        let physics = try #require(HardPhysics(names: name))
        let plain = make(.beams, [], seconds: 240)
        let hard = make(.beams, physics, seconds: 240)
        #expect(plain.edges != hard.edges)
        // 3 degrees at 1 m beside the middle are 5 cm at 0.6 m/s; five deviations of the jitter.
        let most = name == "tilt" ? 0.09 : 0.0006
        let (one, other) = (plain.edges.filter { $0.input == 0 }, hard.edges.filter { $0.input == 0 })
        #expect(one.count == other.count)
        #expect(zip(one, other).allSatisfy { ($0.instant - $1.instant).seconds.magnitude < most })
    }

    @Test("A missed axle is missing and nothing else is") func aMissedAxleIsMissingAndNothingElseIs() {
        let plain = Set(make(.tubes, [], seconds: 3600).edges)
        let hard = make(.tubes, .missedAxles, seconds: 3600).edges
        #expect(hard.allSatisfy { plain.contains($0) })
        #expect(hard.count < plain.count && hard.count > plain.count * 9 / 10)
    }

    /// It rains in its first three minutes.
    private static let rainySeed: UInt64 = 3

    @Test(
        "A radar's physics changes its pulses and not what happens",
        arguments: [
            "antenna", "scatterers", "ground", "rain", "gusts", "drift", "flicker", "lateral", "limbs", "acceleration",
        ])
    func aRadarsPhysicsChangesItsPulsesAndNotWhatHappens(name: String) throws {
        let physics = try #require(HardPhysics(names: name))
        // The first seed that has somebody with limbs, or a shower.
        let suitable = (1...20 as ClosedRange<UInt64>).first { seed in
            let street = HardStreet(.doppler, physics: [], from: MonotonicInstant(nanoseconds: 0), duration: .seconds(75), seed: seed)
            let hasWalker = street.truth.contains { $0.roadUser == .pedestrian }
            return name == "limbs" ? hasWalker : name == "rain" ? seed == Self.rainySeed : true
        }
        let seed = try #require(suitable)
        let plain = make(.doppler, [], seconds: 75, seed: seed)
        let hard = make(.doppler, physics, seconds: 75, seed: seed)
        #expect(plain.truth == hard.truth, "\(name)")
        #expect(plain.situations == hard.situations, "\(name)")
        #expect(plain.edges != hard.edges, "\(name) changes nothing")
    }

    @Test("Simulated hardware knows nothing of what reads it") func simulatedHardwareKnowsNothingOfWhatReadsIt() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../HardwareMocks").standardized
            .resolvingSymlinksInPath()
        let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        let allowed: Set = ["SensorCore", "JSONText", "Glibc", "Synchronization", "FoundationEssentials", "Dispatch"]
        var read = 0
        for case let file as URL in files where file.pathExtension == "swift" {
            read += 1
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                let words = line.split(separator: " ")
                guard let place = words.firstIndex(of: "import"), place <= 1, words.count > place + 1 else { continue }
                #expect(allowed.contains(String(words[place + 1])), "\(file.lastPathComponent): \(line)")
            }
        }
        #expect(read > 40)
    }
}

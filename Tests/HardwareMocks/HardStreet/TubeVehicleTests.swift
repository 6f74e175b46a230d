import HardwareMocks
import SensorCore
import Testing

/// Vehicles on the tubes of the hard street against their axles and kinematics.
@Suite struct TubeVehicleTests {
    @Test("Way, time and speed obey a constant acceleration", arguments: [-1.5, 0, 0.7, 2])
    func wayTimeAndSpeedObeyAConstantAcceleration(acceleration: Double) {
        let vehicle = TubeVehicle("artic-5", seed: 3, acceleration: acceleration)
        for way in stride(from: 0.0, through: vehicle.length + 1, by: 0.5) {
            let (time, speed) = vehicle.passes(way)
            #expect((vehicle.speed * time + acceleration * time * time / 2 - way).magnitude < 1e-9)
            #expect((vehicle.speed + acceleration * time - speed).magnitude < 1e-9)
        }
    }

    @Test("Who stops on the tubes stands there as long as told") func whoStopsOnTheTubesStandsThereAsLongAsTold() {
        var vehicle = TubeVehicle("car", seed: 3, acceleration: 0)
        vehicle.stop = (place: 1.4, pause: 7)
        #expect(vehicle.passes(0).time.magnitude < 1e-9)
        let gap = vehicle.passes(1.4001).time - vehicle.passes(1.3999).time
        #expect((7...7.1).contains(gap), "\(gap)")
        #expect(vehicle.speedInTheMiddle == nil)
    }

    @Test("Hits of an 8x4 lorry are as far apart as its axles") func hitsOfAn8x4LorryAreAsFarApartAsItsAxles() {
        var lorries = 0
        for seed in 1...3 as ClosedRange<UInt64> {
            var street = HardStreet(.tubes, physics: .fleet, from: MonotonicInstant(nanoseconds: 0), duration: .seconds(3600), seed: seed)
            var rises: [EdgeEvent] = []
            while let edge = street.next() { if edge.level { rises.append(edge) } }
            for passage in street.truth where passage.tag == "lorry-8x4" {
                guard let speed = passage.speed else { continue }
                let first = passage.direction == .forward ? 0 : 1
                let hits = rises.filter {
                    $0.input == first && $0.instant >= passage.instant && $0.instant - passage.instant < .seconds(2)
                }
                #expect(hits.count == 4, "seed \(seed) \(passage)")
                guard hits.count == 4 else { continue }
                let gaps = zip(hits, hits.dropFirst()).map { ($1.instant - $0.instant).seconds * speed }
                #expect((1.78...2.16).contains(gaps[0]), "seed \(seed) \(gaps)")
                #expect((2.49...3.61).contains(gaps[1]), "seed \(seed) \(gaps)")
                #expect((1.34...1.46).contains(gaps[2]), "seed \(seed) \(gaps)")
                lorries += 1
            }
        }
        #expect(lorries >= 5)
    }

    @Test("An echo comes back as late as the tube is long") func anEchoComesBackAsLateAsTheTubeIsLong() {
        func rises(_ physics: HardPhysics, seed: UInt64) -> [EdgeEvent] {
            var street = HardStreet(.tubes, physics: physics, from: MonotonicInstant(nanoseconds: 0), duration: .seconds(1800), seed: seed)
            var rises: [EdgeEvent] = []
            while let edge = street.next() { if edge.level { rises.append(edge) } }
            return rises
        }
        var found = 0
        for seed in 1...4 as ClosedRange<UInt64> {
            let plain = rises([], seed: seed)
            let known = Set(plain.map { $0.instant.nanoseconds * 2 + Int64($0.input) })
            // One that comes back while the switch is still closed shows nowhere.
            let echoes = rises(.echoes, seed: seed).filter { !known.contains($0.instant.nanoseconds * 2 + Int64($0.input)) }
            found += echoes.count
            for echo in echoes {
                let isAfterAHit = plain.contains {
                    let late = (echo.instant - $0.instant).seconds
                    // 1 to 8 m to the end of the tube and back at 335 m/s.
                    return $0.input == echo.input && (0.0059...0.0479).contains(late)
                }
                #expect(isAfterAHit, "seed \(seed) \(echo)")
            }
        }
        #expect(found > 50)
    }
}

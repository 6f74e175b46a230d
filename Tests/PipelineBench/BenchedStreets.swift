import HardwareMocks
import PulsePipeline
import SensorCore

/// The edges that channels are measured with.
enum BenchedStreets {
    /// Closures that bounce on both ends.
    static func contact(_ count: Int) -> [EdgeEvent] {
        let closure: [(microseconds: Int64, level: Bool)] = [
            (0, true), (400, false), (900, true), (50_000, false), (50_500, true), (51_000, false),
        ]
        var edges: [EdgeEvent] = []
        edges.reserveCapacity(count + closure.count)
        var time: Int64 = 1_000_000_000
        while edges.count < count {
            for change in closure {
                edges.append(
                    EdgeEvent(
                        instant: MonotonicInstant(nanoseconds: time + change.microseconds * 1000), input: 0, level: change.level,
                        lineSequence: UInt32(truncatingIfNeeded: edges.count + 1)))
            }
            time += 200_000_000
        }
        return edges
    }

    /// A street as it is, with whoever meets and overtakes.
    static func busy(_ sensor: SimulatedStreet.Sensor, _ demand: StreetDemand, _ physics: SensorPhysics, hours: Int) -> [EdgeEvent] {
        var traffic = StreetTraffic(
            sensor, demand: demand, physics: physics, from: MonotonicInstant(nanoseconds: 0),
            until: MonotonicInstant(nanoseconds: Int64(hours) * 3_600_000_000_000), seed: 7)
        var edges: [EdgeEvent] = []
        while let edge = traffic.next() { edges.append(edge) }
        return edges
    }

    /// One after the other, each with 4 s before and after: what is read without a search.
    static func apart(
        _ sensor: SimulatedStreet.Sensor, _ demand: StreetDemand, _ physics: SensorPhysics, hours: Int, times: Int = 1
    ) -> [[EdgeEvent]] {
        let room = TimeSpan.seconds(4)
        var passed: [[EdgeEvent]] = []
        for hour in 0..<hours {
            let street = SimulatedStreet(
                sensor, demand: demand, physics: physics, from: MonotonicInstant(nanoseconds: 0), duration: .seconds(3600),
                seed: 7000 + UInt64(hour))
            let instants = street.truth.map(\.instant)
            var next = 0
            for place in 1..<max(1, instants.count - 1)
            where instants[place] - instants[place - 1] > room && instants[place + 1] - instants[place] > room {
                let from = instants[place] - .milliseconds(100)
                let to = instants[place + 1] - .milliseconds(200)
                while next < street.edges.count, street.edges[next].instant < from { next += 1 }
                var own: [EdgeEvent] = []
                while next < street.edges.count, street.edges[next].instant < to {
                    own.append(street.edges[next])
                    next += 1
                }
                // A line that is not at rest in between would have a level of its own.
                if [0, 1].allSatisfy({ input in own.last { $0.input == input }?.level != true }) { passed.append(own) }
            }
        }
        return passed
    }

    /// Puts passages one behind the other and numbers their edges anew.
    static func joined(_ passages: [[EdgeEvent]], edges count: Int) -> [EdgeEvent] {
        var edges: [EdgeEvent] = []
        edges.reserveCapacity(count + 100)
        var numbers: [UInt32] = [0, 0]
        var start = MonotonicInstant(nanoseconds: 1_000_000_000)
        while edges.count < count {
            for passage in passages {
                guard let first = passage.first?.instant, let last = passage.last?.instant else { continue }
                for edge in passage {
                    var edge = edge
                    edge.instant = start + (edge.instant - first)
                    numbers[Int(edge.input)] &+= 1
                    edge.lineSequence = numbers[Int(edge.input)]
                    edges.append(edge)
                }
                start = start + (last - first) + .seconds(4)
            }
        }
        return edges
    }
}

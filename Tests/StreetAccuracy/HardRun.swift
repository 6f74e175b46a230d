import HardwareMocks
import PulsePipeline
import SensorCore

/// One seed of a hard street, through the channel of its sensor, set as docs/detectors.md says.
struct HardRun: Sendable {
    static let interval = TimeSpan.seconds(300)

    /// What was counted in a stretch of time, and how sure of it the channel is.
    struct Interval: Sendable {
        var from: MonotonicInstant
        var to: MonotonicInstant
        var count: Int
        var confidence: Double
    }

    let seed: UInt64
    let street: HardStreet
    /// By instant; empty where passages are no more than a number.
    let counted: [Passage]
    let intervals: [Interval]
    /// Of a contact: how many were counted in each situation.
    let perSituation: [Int]

    init(_ sensor: HardStreet.Sensor, _ physics: HardPhysics, seed: UInt64) {
        self.seed = seed
        let duration = Self.duration(of: sensor)
        let start = MonotonicInstant(nanoseconds: 0)
        street = HardStreet(sensor, physics: physics, from: start, duration: duration, seed: seed)
        switch sensor {
        case .doppler, .dopplerIQ:
            counted = Self.track(street, until: start + duration + .seconds(20))
            intervals = Self.sum(counted, duration)
            perSituation = []
        case .contact, .rain:
            (intervals, perSituation) = Self.close(street, Self.settings(of: street), until: start + duration)
            counted = []
        case .beams, .tubes:
            (counted, intervals) = Self.count(street, Self.settings(of: street), until: start + duration)
            perSituation = []
        }
    }

    static func duration(of sensor: HardStreet.Sensor) -> TimeSpan {
        sensor == .doppler || sensor == .dopplerIQ ? .seconds(1800) : .seconds(3600)
    }

    private static func settings(of street: HardStreet) -> ChannelSettings {
        switch street.sensor {
        case .beams:
            ChannelSettings(
                detector: .beamPair(BeamGeometry(spacing: street.setup.spacing)),
                filter: PulseFilter.stable(rise: .milliseconds(1), fall: .milliseconds(1)))
        case .tubes:
            ChannelSettings(
                detector: .axlePair(AxleGeometry(spacing: street.setup.spacing)),
                filter: PulseFilter.stable(rise: .milliseconds(1), fall: .milliseconds(6)))
        case .contact: .contact(PulseFilter.stable(rise: .milliseconds(8), fall: .milliseconds(8)))
        case .rain:
            ChannelSettings(
                detector: .contact, filter: PulseFilter.stable(rise: .milliseconds(8), fall: .milliseconds(8)),
                meaning: .rain(perCount: 0.2794), mostPerSecond: 5)
        case .doppler, .dopplerIQ: ChannelSettings(detector: .doppler(radar(of: street)), filter: .none)
        }
    }

    private static func radar(of street: HardStreet) -> RadarSetup {
        RadarSetup(
            carrier: street.setup.carrier, lanes: street.setup.lanes, height: street.setup.height, azimuth: street.setup.azimuth,
            quadrature: street.sensor == .dopplerIQ ? (street.setup.secondLeads ? .secondLeads : .firstLeads) : nil)
    }

    /// As a node does: condensed by one thread, tracked by another.
    private static func track(_ made: HardStreet, until end: MonotonicInstant) -> [Passage] {
        var street = made
        let setup = radar(of: made)
        let slices = SliceQueue()
        let channel = settings(of: made).makeChannel(levels: 0, at: MonotonicInstant(nanoseconds: 0), slices: slices)
        var tracker = DopplerTracker(setup)
        var buffer = PassageBuffer(capacity: 1)
        var decided: [Passage] = []
        func track() { while let slice = slices.pop() { tracker.take(slice) { decided.append($0) } } }
        while let edge = street.next() {
            withUnsafePointer(to: edge) {
                _ = channel.ingest(UnsafeBufferPointer(start: $0, count: 1), boundary: .distantFuture, passages: &buffer)
            }
            track()
        }
        channel.advance(to: end, boundary: .distantFuture, passages: &buffer)
        track()
        return decided.sorted { $0.instant < $1.instant }
    }

    /// Confidence as `EdgeCounters.confidence` has it where no edge is lost.
    private static func sum(_ counted: [Passage], _ duration: TimeSpan) -> [Interval] {
        (0..<duration.nanoseconds / interval.nanoseconds).map { number in
            let from = MonotonicInstant(nanoseconds: number * interval.nanoseconds)
            let inside = counted.filter { $0.instant >= from && $0.instant < from + interval }
            let uncertain = inside.count { $0.isUncertain }
            return Interval(
                from: from, to: from + interval, count: inside.count,
                confidence: inside.isEmpty ? 1 : 1 - Double(uncertain) / Double(inside.count))
        }
    }

    private static func count(
        _ made: HardStreet, _ settings: ChannelSettings, until end: MonotonicInstant
    ) -> ([Passage], [Interval]) {
        var street = made
        let begin = MonotonicInstant(nanoseconds: 0)
        let channel = settings.makeChannel(levels: 0, at: begin)
        var buffer = PassageBuffer(capacity: 512)
        var passages: [Passage] = []
        var intervals: [Interval] = []
        var from = begin
        func boundary() -> MonotonicInstant { from + interval }
        func keep() {
            for index in 0..<buffer.count { passages.append(buffer[index]) }
            buffer.removeAll()
        }
        func close() {
            let tally = channel.closeInterval(at: boundary())
            intervals.append(Interval(from: from, to: boundary(), count: Int(tally.passages), confidence: tally.confidence))
            from = boundary()
        }
        func advance(to now: MonotonicInstant) {
            channel.advance(to: now, boundary: boundary(), passages: &buffer)
            keep()
            while boundary() <= end, channel.isDecided(before: boundary(), at: now) { close() }
        }
        while let edge = street.next() {
            while let deadline = channel.deadline, deadline < edge.instant { advance(to: deadline) }
            var taken = 0
            while taken == 0 {
                withUnsafePointer(to: edge) {
                    taken = channel.ingest(UnsafeBufferPointer(start: $0, count: 1), boundary: boundary(), passages: &buffer)
                }
                keep()
                if taken == 0 { close() }
            }
        }
        advance(to: end + .seconds(60))
        return (passages.sorted { $0.instant < $1.instant }, intervals)
    }

    /// A contact has no passages: its interval ends with each situation.
    private static func close(
        _ made: HardStreet, _ settings: ChannelSettings, until end: MonotonicInstant
    ) -> ([Interval], [Int]) {
        var street = made
        let begin = MonotonicInstant(nanoseconds: 0)
        let channel = settings.makeChannel(levels: 0, at: begin)
        var buffer = PassageBuffer(capacity: 64)
        var counts: [Int] = []
        var tallies: [ChannelTally] = []
        var next = street.next()
        for situation in made.situations {
            while let edge = next, edge.instant < situation.to {
                while let deadline = channel.deadline, deadline < edge.instant {
                    channel.advance(to: deadline, boundary: situation.to, passages: &buffer)
                }
                withUnsafePointer(to: edge) {
                    _ = channel.ingest(UnsafeBufferPointer(start: $0, count: 1), boundary: situation.to, passages: &buffer)
                }
                buffer.removeAll()
                next = street.next()
            }
            channel.advance(to: situation.to, boundary: situation.to, passages: &buffer)
            buffer.removeAll()
            let tally = channel.closeInterval(at: situation.to)
            counts.append(Int(tally.passages))
            tallies.append(tally)
        }
        var intervals: [Interval] = []
        var sum = ChannelTally()
        var from = begin
        for (situation, tally) in zip(made.situations, tallies) {
            sum += tally
            guard situation.to - from >= interval else { continue }
            intervals.append(Interval(from: from, to: situation.to, count: Int(sum.passages), confidence: sum.confidence))
            from = situation.to
            sum = ChannelTally()
        }
        return (intervals, counts)
    }
}

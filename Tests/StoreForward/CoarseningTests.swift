import SensorCore
import Testing

@testable import StoreForward

@Suite struct CoarseningTests {
    static let start: Int64 = 1_780_000_200 // a multiple of 15 minutes

    static func span(_ minute: Int64, isSynchronised: Bool = true) -> IntervalSpan {
        let start = MonotonicInstant(nanoseconds: minute * 60_000_000_000)
        let utc = WallClockTime(secondsSince1970: Self.start + minute * 60)
        return IntervalSpan(
            start: start, end: start + .seconds(60),
            utc: isSynchronised ? .init(start: utc, end: utc + .seconds(60)) : nil, isPartial: false)
    }

    static func traffic(
        _ minute: Int64, _ count: UInt64 = 1, channel: String = "gate", boot: String = "a", filter: String = "stable 8 ms",
        isSynchronised: Bool = true, change: (inout TrafficInterval) -> Void = { _ in }
    ) -> Record {
        var interval = TrafficInterval(
            span: span(minute, isSynchronised: isSynchronised), channel: channel, detector: .contact,
            observed: .seconds(60), flows: [TrafficFlow(count: count)], total: count,
            quality: CountQuality(
                counters: EdgeCounters(edges: count, lostEdges: 0, overflows: 0, rejectedGlitches: 0),
                filter: filter, confidence: 1))
        change(&interval)
        return Record(bootID: BootID(boot), body: .traffic(interval))
    }

    static func join(_ records: [Record], to level: CoarseLevel = .quarterHour) -> [Record] {
        var coarsening = Coarsening(to: level.length!)
        for record in records { coarsening.take(record) }
        return coarsening.records
    }

    static func counts(_ records: [Record]) -> [UInt64?] {
        records.map { record in
            guard case .traffic(let interval) = record.body else { return nil }
            return interval.flows?.reduce(0) { $0 + $1.count }
        }
    }

    @Test("A quarter of an hour is whole") func aQuarterOfAnHourIsWhole() {
        let joined = Self.join((0..<30).map { Self.traffic($0, UInt64($0)) })
        #expect(Self.counts(joined) == [105, 330])
        for record in joined {
            #expect(record.body.span.length == .seconds(900))
            #expect(record.body.span.isPartial == false)
        }
    }

    @Test(
        "What does not follow is not joined",
        arguments: [
            ("a missing minute", [0, 1, 3, 4], 2), ("the edge of a quarter", [13, 14, 15, 16], 2), ("in a row", [3, 4, 5], 1),
        ] as [(String, [Int64], Int)]) func whatDoesNotFollowIsNotJoined(what: String, minutes: [Int64], expected: Int)
    {
        let joined = Self.join(minutes.map { Self.traffic($0) })
        #expect(joined.count == expected, "\(what)")
        #expect(joined.allSatisfy { $0.body.span.isPartial }, "\(what)")
    }

    @Test("What is not alike is not joined") func whatIsNotAlikeIsNotJoined() {
        let first = Self.traffic(0)
        let others: [(String, Record)] = [
            ("another boot", Self.traffic(1, boot: "b")), ("another channel", Self.traffic(1, channel: "path")),
            ("another filter", Self.traffic(1, filter: "lockout 5 ms")),
            ("UTC unknown", Self.traffic(1, isSynchronised: false)),
            ("another detector", Self.traffic(1) { $0.detector = .presence }),
            ("a fault", Self.traffic(1) { $0.fault = "line 4 is gone" }),
            ("a sum of its own", Self.traffic(1) { $0.summedOver = .seconds(300) }),
        ]
        for (what, other) in others { #expect(Self.join([first, other]).count == 2, "\(what)") }
        #expect(Self.join([first, Self.traffic(1)]).count == 1)
    }

    /// An hour in two steps is the hour in one.
    @Test("Steps do not matter") func stepsDoNotMatter() {
        let minutes = (0..<120).map { Self.traffic($0, UInt64($0 % 7)) }
        #expect(Self.join(Self.join(minutes), to: .hour) == Self.join(minutes, to: .hour))
    }

    @Test("Channels go side by side") func channelsGoSideBySide() {
        let records = (0..<15).flatMap { minute in
            [Self.traffic(minute, 1), Self.traffic(minute, 2, channel: "path")]
        }
        #expect(Self.counts(Self.join(records)) == [15, 30])
    }
}

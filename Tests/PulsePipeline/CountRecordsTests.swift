import SensorCore
import Testing

@testable import PulsePipeline

@Suite struct CountRecordsTests {
    static let channels = [
        RecordedChannel(name: "gate", settings: .contact(.stable(rise: .milliseconds(8), fall: .microseconds(250)))),
        RecordedChannel(name: "path", settings: .contact(.kernel(period: .milliseconds(5)))),
    ]

    static func closed(
        _ channel: Int = 0, passages: UInt64 = 0, edges: UInt64 = 0, lost: UInt64 = 0, overflows: UInt64 = 0,
        glitches: UInt64 = 0, unobserved: TimeSpan = .zero, fault: Int32 = 0
    ) -> ClosedCount {
        var tally = ChannelTally()
        tally.passages = passages
        tally.counters.edges = edges
        tally.counters.lostEdges = lost
        tally.counters.overflows = overflows
        tally.counters.rejectedGlitches = glitches
        tally.unobserved = unobserved
        return ClosedCount(
            channel: channel, start: MonotonicInstant(nanoseconds: 0), end: MonotonicInstant(nanoseconds: 60_000_000_000),
            startUTC: nil, endUTC: nil, isPartial: false, tally: tally, faultCode: fault)
    }

    @Test("Totals never fall and keep apart") func totalsNeverFallAndKeepApart() {
        var records = CountRecords(Self.channels, totals: ["gate": 100, "gone": 7])
        #expect(records.interval(Self.closed(0, passages: 5)).total == 105)
        #expect(records.interval(Self.closed(1, passages: 2)).total == 2)
        #expect(records.interval(Self.closed(0, passages: 0)).total == 105)
        #expect(records.interval(Self.closed(0, passages: 1, unobserved: .seconds(60))).total == 106)
        #expect(records.totals == ["gate": 106, "path": 2, "gone": 7])
    }

    @Test("Continues from a journal opened late") func continuesFromAJournalOpenedLate() {
        var records = CountRecords(Self.channels, totals: [:])
        _ = records.interval(Self.closed(0, passages: 5))
        records.continueFrom(["gate": 100, "path": 30])
        #expect(records.totals == ["gate": 105, "path": 30])
        #expect(records.interval(Self.closed(1, passages: 1)).total == 31)
    }

    /// Nothing observed is unknown, not zero; a zero that was watched is a zero.
    @Test(
        "Unobserved is unknown",
        arguments: [
            (.zero, 60, 0, 1), (.seconds(15), 45, 0, 1), (.nanoseconds(59_999_999_999), 1e-9, 0, 1),
            (.seconds(60), 0, nil, nil), (.seconds(61), 0, nil, nil),
        ] as [(TimeSpan, Double, UInt64?, Double?)])
    func unobservedIsUnknown(_ unobserved: TimeSpan, seconds: Double, count: UInt64?, confidence: Double?) {
        var records = CountRecords(Self.channels, totals: [:])
        let interval = records.interval(Self.closed(unobserved: unobserved))
        #expect(interval.observed.seconds == seconds)
        #expect(interval.flows == count.map { [TrafficFlow(count: $0)] })
        #expect(interval.quality.confidence == confidence)
    }

    @Test("Carries what a receiver needs") func carriesWhatAReceiverNeeds() {
        var records = CountRecords(Self.channels, totals: [:])
        let interval = records.interval(
            Self.closed(0, passages: 17, edges: 36, lost: 2, overflows: 1, glitches: 4, unobserved: .seconds(1)))
        #expect(interval.channel == "gate")
        #expect(interval.detector == .contact)
        #expect(interval.flows == [TrafficFlow(count: 17)])
        #expect(
            interval.quality
                == CountQuality(
                    counters: EdgeCounters(edges: 36, lostEdges: 2, overflows: 1, rejectedGlitches: 4),
                    filter: "stable rise 8 ms, fall 0.25 ms", confidence: 0.9))
        #expect(interval.fault == nil)
        #expect(records.interval(Self.closed(1)).quality.filter == "kernel 5 ms")
    }

    @Test(
        "Says what failed",
        arguments: [
            (0, nil), (16, "the inputs of path could not be read: Device or resource busy (errno 16)"),
            (-1, "the inputs of path could not be read"),
        ] as [(Int32, String?)])
    func saysWhatFailed(_ code: Int32, text: String?) {
        var records = CountRecords(Self.channels, totals: [:])
        #expect(records.interval(Self.closed(1, fault: code)).fault == text)
    }

    /// A beam that nobody breaks any more is no empty path.
    @Test("An input that does not move is named") func anInputThatDoesNotMoveIsNamed() {
        let pair = ChannelSettings(detector: .beamPair(BeamGeometry(spacing: 0.5)), filter: .none)
        var records = CountRecords([RecordedChannel(name: "path", settings: pair, pins: ["J8-15", "J8-16"])], totals: [:])
        var closed = Self.closed(unobserved: .seconds(60))
        closed.tally.silentInputs = 2
        let interval = records.interval(closed)
        #expect(interval.flows == nil && interval.quality.confidence == nil)
        #expect(interval.fault?.hasPrefix("the second input of path (J8-16) does not move") == true)
        #expect(interval.faultMessage?.code == "input_silent")
    }

    @Test("What a contact measures") func whatAContactMeasures() {
        let filter = PulseFilter.stable(rise: .milliseconds(1), fall: .milliseconds(1))
        let anemometer = ChannelSettings(detector: .contact, filter: filter, meaning: .wind(perCount: 0.5))
        var records = CountRecords([RecordedChannel(name: "wind", settings: anemometer)], totals: [:])
        var closed = Self.closed(passages: 240)
        closed.gust = 8
        #expect(records.interval(closed).measured == .wind(run: 120, gust: 4))
        #expect(records.interval(Self.closed()).measured == .wind(run: 0, gust: nil))
        #expect(records.interval(Self.closed(unobserved: .seconds(60))).measured == nil)
    }
}

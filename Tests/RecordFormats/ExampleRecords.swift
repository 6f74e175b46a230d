import SensorCore

/// The records whose messages `docs/native-format.md` shows.
enum ExampleRecords {
    static let epoch = JournalEpoch(rawValue: 0x5d1f_0c3a_9be2_4471)
    static let boot = BootID("6f1c3a52-9f0e-4e0f-8b57-6a3d2f1e7c10")
    /// 2026-05-01T12:00:00Z
    static let noon = WallClockTime(secondsSince1970: 1_777_636_800)
    static let minute = IntervalSpan(
        start: MonotonicInstant(nanoseconds: 86_400_000_000_000),
        end: MonotonicInstant(nanoseconds: 86_460_000_000_000),
        utc: .init(start: noon, end: noon + .seconds(60)), isPartial: false)

    static let traffic = TrafficInterval(
        span: minute, channel: "tor-1", detector: .contact, observed: .seconds(60),
        flows: [TrafficFlow(count: 17)], total: 20_417,
        quality: CountQuality(
            counters: EdgeCounters(edges: 35, lostEdges: 1, overflows: 0, rejectedGlitches: 4),
            filter: "stable rise 8 ms, fall 8 ms", confidence: 0.972))

    /// Of two tubes: 21 bicycles and 2 cars.
    static var trafficSum: TrafficInterval {
        var bikes = SpeedStatistics(16.5)
        for step in 1...20 { bikes.add(16.5 + 0.25 * Double(step)) }
        var interval = TrafficInterval(
            span: IntervalSpan(
                start: minute.start, end: minute.start + .seconds(900),
                utc: .init(start: noon, end: noon + .seconds(900)), isPartial: false),
            channel: "cycle-path", detector: .axlePair, observed: .seconds(900),
            flows: [
                TrafficFlow(direction: "inbound", vehicleClass: "bike", count: 21, speeds: bikes),
                TrafficFlow(direction: "outbound", vehicleClass: "car", count: 2, speeds: SpeedStatistics(29.25)),
            ],
            headways: [HeadwaySum(direction: "inbound", count: 20, sum: .seconds(850))], occupied: .milliseconds(1250),
            total: 90_210,
            quality: CountQuality(
                counters: EdgeCounters(edges: 184, lostEdges: 0, overflows: 0, rejectedGlitches: 3, uncertain: 1, rejectedPassages: 2),
                filter: "lockout 5 ms", confidence: 0.957))
        interval.summedOver = .seconds(900)
        return interval
    }

    static let climate = ClimateInterval(
        span: minute, sensor: "mast-oben", part: "bme280",
        quantities: [
            QuantityInterval(
                quantity: .temperature,
                statistics: SampleStatistics(
                    count: 6, mean: 21.35, minimum: 21.3, maximum: 21.4, last: 21.4, standardDeviation: 0.04),
                rawMean: 21.85, calibration: "2026-04-11-mast-oben"),
            QuantityInterval(
                quantity: .humidity,
                statistics: SampleStatistics(
                    count: 1, mean: 100, minimum: 100, maximum: 100, last: 100, standardDeviation: nil),
                rawMean: 101.25, flags: .clippedToRange),
            QuantityInterval(quantity: .pressure, statistics: nil, rawMean: nil),
        ],
        errors: [.init(kind: .crc, count: 1), .init(kind: .notReady, count: 2)])

    static let node = NodeInterval(
        span: minute, backlog: 3, connectionsLost: 1, queueOverflows: 0, journalFaults: 0)

    static let timeFix = TimeFix(
        instant: MonotonicInstant(nanoseconds: 41_250_000_000), utc: noon + .nanoseconds(250_000_001))

    static let notice: Notice = {
        var notice = Notice(
            kind: .recordsDropped, instant: MonotonicInstant(nanoseconds: 41_250_000_000), utc: nil,
            text: "the budget of 512 MB is full", count: 120, sequences: 1_001...1_120)
        notice.message = CodedMessage(
            "budget_full", ["records": .number(120), "from": nil, "to": nil, "budget_bytes": .number(512_000_000)])
        return notice
    }()

    static let status = NodeStatus(
        state: .online, epoch: epoch, bootID: boot, version: "0.1.0",
        clock: ClockReading(instant: MonotonicInstant(nanoseconds: 86_460_000_000_000), utc: noon + .seconds(60)))

    static func journalled(_ body: Record.Body, sequence: UInt64 = 4_711) -> JournalledRecord {
        JournalledRecord(sequence: sequence, record: Record(bootID: boot, body: body))
    }
}

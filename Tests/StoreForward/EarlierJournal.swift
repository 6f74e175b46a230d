import SensorCore

@testable import StoreForward

/// What stands in `Fixtures/journal-format-3.sqlite`, which the program of commit 59cea82 wrote: every kind of record with
/// every case and every field that there was.
enum EarlierJournal {
    static let epoch = JournalEpoch(rawValue: 0x5D1F_0C3A_9BE2_4471)
    static let destination = "mqtt"
    static let acknowledged: UInt64 = 3
    static let totals: [String: UInt64] = ["gate": 118, "lane": 41]
    static let boot = BootID("6f1c3a52-9f0e-4e0f-8b57-6a3d2f1e7c10")

    static func span(_ minute: Int64, isSynchronised: Bool = true, isPartial: Bool = false) -> IntervalSpan {
        let start = MonotonicInstant(nanoseconds: minute * 60_000_000_000)
        let utc = WallClockTime(secondsSince1970: 1_780_000_200 + minute * 60)
        return IntervalSpan(
            start: start, end: start + .seconds(60), utc: isSynchronised ? .init(start: utc, end: utc + .seconds(60)) : nil,
            isPartial: isPartial)
    }

    static let detectors: [DetectorKind] = [.contact, .presence, .beamPair, .axlePair, .doppler, .dopplerIQ]
    static let quantities: [Quantity] = [
        .temperature, .humidity, .pressure, .co2, .illuminance, .pm1, .pm2_5, .pm4, .pm10, .voltage, .current, .power, .windDirection,
        .gasResistance, .dewPoint, .absoluteHumidity, .seaLevelPressure, .vapourPressureDeficit, .heatIndex, .wetBulb,
    ]
    static let errors: [SensorErrorKind] = [
        .crc, .nack, .timeout, .notReady, .outOfRange, .wrongPart, .notAmbient, .bus, .addressHeld, .notRecorded,
    ]
    static let notices: [Notice.Kind] = [
        .journalBegun, .journalSetAside, .recordsLost, .recordsDropped, .journalRestored, .recordsForOthers, .busStuck, .busFree,
        .recordsRefused,
    ]

    static var records: [Record] {
        var bodies: [Record.Body] = []
        for (index, detector) in detectors.enumerated() { bodies.append(.traffic(traffic(Int64(index), detector))) }
        bodies.append(.traffic(broken))
        bodies.append(.traffic(rain))
        bodies.append(.traffic(wind))
        bodies.append(.climate(climate))
        bodies.append(
            .node(NodeInterval(span: span(20), backlog: 300, connectionsLost: 2, queueOverflows: 1, journalFaults: 4)))
        bodies.append(
            .timeFix(
                TimeFix(instant: MonotonicInstant(nanoseconds: 41_250_000_000), utc: WallClockTime(nanoseconds: 1_780_000_241_250_000_001)))
        )
        for kind in notices { bodies.append(.notice(notice(kind))) }
        return bodies.map { Record(bootID: boot, body: $0) }
    }

    private static func traffic(_ minute: Int64, _ detector: DetectorKind) -> TrafficInterval {
        var speeds = SpeedStatistics(16.5)
        for speed in [17.25, 21.5, 30.0] { speeds.add(speed) }
        return TrafficInterval(
            span: span(minute), channel: "lane", detector: detector, observed: .seconds(60),
            flows: [
                TrafficFlow(direction: "inbound", vehicleClass: "bike", count: 5, speeds: speeds),
                TrafficFlow(direction: "outbound", vehicleClass: nil, count: 2),
            ],
            headways: [
                HeadwaySum(direction: "inbound", count: 4, sum: .milliseconds(31_500)), HeadwaySum(direction: nil, count: 1, sum: .zero),
            ],
            occupied: .milliseconds(1_250), total: 20 + 7 * UInt64(minute),
            quality: CountQuality(
                counters: EdgeCounters(edges: 28, lostEdges: 2, overflows: 1, rejectedGlitches: 3, uncertain: 1, rejectedPassages: 2),
                filter: "lockout 20 ms, glitches below 0.1 ms", confidence: 0.75))
    }

    private static var broken: TrafficInterval {
        TrafficInterval(
            span: span(10, isSynchronised: false, isPartial: true), channel: "gate", detector: .contact, observed: .zero, flows: nil,
            total: 100,
            quality: CountQuality(
                counters: EdgeCounters(edges: 0, lostEdges: 0, overflows: 0, rejectedGlitches: 0),
                filter: "stable rise 8 ms, fall 8 ms", confidence: nil),
            fault: "the inputs of gate could not be read: No such device (errno 19)")
    }

    private static func measured(_ minute: Int64, _ channel: String, _ amount: CountedAmount) -> TrafficInterval {
        var interval = TrafficInterval(
            span: span(minute), channel: channel, detector: .contact, observed: .seconds(60), flows: [TrafficFlow(count: 9)], total: 109,
            quality: CountQuality(
                counters: EdgeCounters(edges: 18, lostEdges: 0, overflows: 0, rejectedGlitches: 0),
                filter: "stable rise 8 ms, fall 8 ms", confidence: 1))
        interval.measured = amount
        return interval
    }

    private static var rain: TrafficInterval { measured(11, "gate", .rain(millimetres: 2.5146)) }
    private static var wind: TrafficInterval {
        var sum = measured(12, "gate", .wind(run: 120.5, gust: 4.25))
        sum.summedOver = .seconds(60)
        sum.total = 118
        return sum
    }

    private static var climate: ClimateInterval {
        ClimateInterval(
            span: span(15), sensor: "mast-oben", part: "bme280",
            quantities: quantities.enumerated().map { index, quantity in
                let mean = 20.5 + Double(index)
                guard index != 3 else { return QuantityInterval(quantity: quantity, statistics: nil, rawMean: nil) }
                return QuantityInterval(
                    quantity: quantity,
                    statistics: SampleStatistics(
                        count: UInt32(index + 1), mean: mean, minimum: mean - 1, maximum: mean + 1, last: mean + 0.5,
                        standardDeviation: index == 0 ? nil : 0.25),
                    rawMean: index % 2 == 0 ? mean : mean + 0.125, calibration: index % 2 == 0 ? nil : "2026-04-11-mast-oben",
                    flags: index == 1 ? .clippedToRange : [])
            },
            errors: errors.enumerated().map { .init(kind: $1, count: UInt32($0 + 1)) })
    }

    private static func notice(_ kind: Notice.Kind) -> Notice {
        Notice(
            kind: kind, instant: MonotonicInstant(nanoseconds: 1_500_000_000_000),
            utc: kind == .recordsLost ? nil : WallClockTime(secondsSince1970: 1_780_001_700),
            text: "zu lesen für Menschen: \(kind.rawValue)",
            count: kind == .busStuck ? nil : 12, sequences: kind == .recordsLost ? nil : 4...15,
            previousEpoch: kind == .journalRestored ? JournalEpoch(rawValue: 7) : nil)
    }
}

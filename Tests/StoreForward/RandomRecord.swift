import SensorCore
import TestSupport

/// Records of every kind with every field at ordinary and at extreme values.
extension SeededRandom {
    mutating func record(kind: Int? = nil) -> Record {
        let body: Record.Body =
            switch kind ?? Int.random(in: 0..<5, using: &self) {
            case 0: .traffic(trafficInterval())
            case 1: .climate(climateInterval())
            case 2:
                .node(
                    NodeInterval(
                        span: span(), backlog: number(), connectionsLost: number(), queueOverflows: number(),
                        journalFaults: number()))
            case 3: .timeFix(TimeFix(instant: instant(), utc: WallClockTime(nanoseconds: signed())))
            default: .notice(notice())
            }
        return Record(bootID: BootID(chance(0.9) ? "boot-a" : text()), body: body)
    }

    mutating func notice() -> Notice {
        let first = number() >> 1
        var notice = Notice(
            kind: Notice.Kind.allCases.randomElement(using: &self)!, instant: instant(),
            utc: chance(0.5) ? WallClockTime(nanoseconds: signed()) : nil, text: text(),
            count: chance(0.5) ? number() : nil, sequences: chance(0.5) ? first...first + (number() >> 1) : nil,
            previousEpoch: chance(0.3) ? JournalEpoch(rawValue: next()) : nil)
        if chance(0.5) { notice.message = message() }
        return notice
    }

    private mutating func message() -> CodedMessage {
        CodedMessage(
            code: text(),
            arguments: (0..<Int.random(in: 0...3, using: &self)).map { _ in
                .init(name: text(), value: chance(0.5) ? .number(signed()) : .text(text()))
            })
    }

    private mutating func trafficInterval() -> TrafficInterval {
        var flows: [TrafficFlow]?
        if chance(0.8) {
            flows = []
            for _ in 0..<Int.random(in: 0...4, using: &self) {
                flows?.append(
                    TrafficFlow(
                        direction: chance(0.5) ? text() : nil, vehicleClass: chance(0.5) ? text() : nil,
                        count: number(), speeds: chance(0.5) ? speeds() : nil))
            }
        }
        var headways: [HeadwaySum]?
        if chance(0.5) {
            headways = (0..<Int.random(in: 0...2, using: &self)).map { _ in
                HeadwaySum(
                    direction: chance(0.5) ? text() : nil, count: number(), sum: TimeSpan(nanoseconds: signed()))
            }
        }
        var interval = TrafficInterval(
            span: span(), channel: text(), detector: DetectorKind.allCases.randomElement(using: &self)!,
            observed: TimeSpan(nanoseconds: signed()), flows: flows, headways: headways,
            occupied: chance(0.5) ? TimeSpan(nanoseconds: signed()) : nil, total: number(),
            quality: CountQuality(
                counters: EdgeCounters(
                    edges: number(), lostEdges: number(), overflows: number(), rejectedGlitches: number(), uncertain: number(),
                    rejectedPassages: number()),
                filter: text(), confidence: chance(0.5) ? double() : nil),
            fault: chance(0.2) ? text() : nil)
        if chance(0.2) { interval.faultMessage = message() }
        if chance(0.2) { interval.summedOver = TimeSpan(nanoseconds: signed()) }
        if chance(0.3) {
            interval.measured =
                chance(0.5) ? .rain(millimetres: double()) : .wind(run: double(), gust: chance(0.5) ? double() : nil)
        }
        return interval
    }

    private mutating func speeds() -> SpeedStatistics {
        var speeds = SpeedStatistics(Double.random(in: 1...300, using: &self))
        for _ in 0..<Int.random(in: 0...30, using: &self) { speeds.add(Double.random(in: 1...300, using: &self)) }
        return speeds
    }

    private mutating func climateInterval() -> ClimateInterval {
        var quantities: [QuantityInterval] = []
        for quantity in Quantity.allCases where chance(0.3) {
            quantities.append(
                QuantityInterval(
                    quantity: quantity, statistics: chance(0.8) ? statistics() : nil,
                    rawMean: chance(0.8) ? double() : nil, calibration: chance(0.3) ? text() : nil,
                    flags: MeasurementFlags(rawValue: UInt8.random(in: 0...255, using: &self)), withheld: chance(0.3) ? errors() : []))
        }
        return ClimateInterval(span: span(), sensor: text(), part: text(), quantities: quantities, errors: errors())
    }

    private mutating func errors() -> [ClimateInterval.ErrorCount] {
        var errors: [ClimateInterval.ErrorCount] = []
        for kind in SensorErrorKind.allCases where chance(0.2) {
            errors.append(.init(kind: kind, count: UInt32(truncatingIfNeeded: number())))
        }
        return errors
    }

    private mutating func statistics() -> SampleStatistics {
        SampleStatistics(
            count: UInt32(truncatingIfNeeded: number()), mean: double(), minimum: double(), maximum: double(),
            last: double(), standardDeviation: chance(0.5) ? double() : nil)
    }

    private mutating func span() -> IntervalSpan {
        let utc = IntervalSpan.UTCRange(
            start: WallClockTime(nanoseconds: signed()), end: WallClockTime(nanoseconds: signed()))
        return IntervalSpan(start: instant(), end: instant(), utc: chance(0.5) ? utc : nil, isPartial: chance(0.5))
    }

    private mutating func instant() -> MonotonicInstant { MonotonicInstant(nanoseconds: signed()) }

    private mutating func number() -> UInt64 {
        [0, 1, 127, 128, UInt64.max, next(), next() >> Int.random(in: 0..<64, using: &self)]
            .randomElement(using: &self)!
    }

    private mutating func signed() -> Int64 {
        [0, -1, 1, Int64.min, Int64.max, Int64(bitPattern: number())].randomElement(using: &self)!
    }

    private mutating func double() -> Double {
        [0, -0.0, 21.5, -.infinity, .leastNonzeroMagnitude, Double.random(in: -1e6...1e6, using: &self)]
            .randomElement(using: &self)!
    }

    mutating func text() -> String {
        let words = ["", "Schulweg", "stable rise 8 ms, fall 8 ms", "Zählstelle Süd – Tor 3", "🚲", "\0"]
        return words.randomElement(using: &self)!
    }
}

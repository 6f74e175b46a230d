import SensorCore
import TestSupport

/// A small box, minute after minute: two channels, a climate sensor, the node itself. Now and then a boot, a minute
/// missing, a clock without UTC. Every number is small and exact in binary, so that sums can be compared to the bit.
struct PlainTraffic {
    private var minute: Int64 = 0
    private var boot = 0
    private var isSynchronised = true
    private var total: UInt64 = 0

    init(seed: UInt64) { minute = Int64(seed % 1_000) * 17 }

    mutating func nextMinute(_ random: inout SeededRandom) -> [Record] {
        minute += 1
        if random.chance(0.002) { boot += 1 }
        if random.chance(0.01) { minute += 3 }
        if random.chance(0.005) { isSynchronised.toggle() }
        let start = MonotonicInstant(nanoseconds: minute * 60_000_000_000)
        let utc = WallClockTime(secondsSince1970: 1_780_000_020 + minute * 60)
        let span = IntervalSpan(
            start: start, end: start + .seconds(60),
            utc: isSynchronised ? .init(start: utc, end: utc + .seconds(60)) : nil, isPartial: false)
        let bodies: [Record.Body] = [
            .traffic(traffic("gate", span, &random)), .traffic(traffic("path", span, &random)),
            .climate(climate(span, &random)),
            .node(
                NodeInterval(
                    span: span, backlog: 1, connectionsLost: random.next() % 2, queueOverflows: 0, journalFaults: 0)),
        ]
        return bodies.map { Record(bootID: BootID("boot \(boot)"), body: $0) }
    }

    private mutating func traffic(_ channel: String, _ span: IntervalSpan, _ random: inout SeededRandom) -> TrafficInterval {
        let count = random.next() % 9
        total += count
        var flow = TrafficFlow(direction: random.chance(0.5) ? "in" : "out", vehicleClass: "bike", count: count)
        for _ in 0..<count {
            let speed = SpeedStatistics(Double(8 + random.next() % 8 * 4))
            flow.figures += FlowFigures(speeds: speed)
        }
        return TrafficInterval(
            span: span, channel: channel, detector: .beamPair, observed: .seconds(Int64(60 - random.next() % 5)),
            flows: [flow], headways: [HeadwaySum(direction: nil, count: count, sum: .seconds(Int64(count) * 3))],
            occupied: .seconds(Int64(count)), total: total,
            quality: CountQuality(
                counters: EdgeCounters(edges: count * 4, lostEdges: random.next() % 2, overflows: 0, rejectedGlitches: random.next() % 3),
                filter: "stable 8 ms", confidence: 1))
    }

    private func climate(_ span: IntervalSpan, _ random: inout SeededRandom) -> ClimateInterval {
        let values = (0..<4).map { _ in Double(16 + random.next() % 16) }
        return ClimateInterval(
            span: span, sensor: "mast", part: "sht4x",
            quantities: [
                QuantityInterval(
                    quantity: .temperature, statistics: SampleStatistics(values), rawMean: values.reduce(0, +) / 4)
            ],
            errors: random.chance(0.1) ? [.init(kind: .crc, count: 1)] : [])
    }
}

extension SampleStatistics {
    /// By the textbook: for tests, of few values.
    init(_ values: [Double]) {
        let mean = values.reduce(0, +) / Double(values.count)
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        self.init(
            count: UInt32(values.count), mean: mean, minimum: values.min()!, maximum: values.max()!, last: values.last!,
            standardDeviation: values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : nil)
    }
}

/// What must stay the same whatever is joined with what.
struct PlainSums: Equatable, CustomStringConvertible {
    private var counts: [String: UInt64] = [:]
    private var observed: [String: Int64] = [:]
    private var histograms: [String: [Int: UInt64]] = [:]
    private var speedSums: [String: Double] = [:]
    private var extremes: [String: ClosedRange<Double>] = [:]
    private var samples: UInt64 = 0
    /// To the thousandth: means of sums are not exact in binary.
    private var sampleSum: Int64 = 0
    private var squareSum: Int64 = 0
    private var others: [String: UInt64] = [:]

    init(_ records: [Record]) {
        var sum = 0.0
        var squares = 0.0
        for record in records {
            switch record.body {
            case .traffic(let interval): add(interval)
            case .climate(let interval):
                others["errors", default: 0] += interval.errors.reduce(0) { $0 + UInt64($1.count) }
                guard let statistics = interval.quantities.first?.statistics else { continue }
                let n = Double(statistics.count)
                samples += UInt64(statistics.count)
                sum += statistics.mean * n
                squares += pow2(statistics.standardDeviation ?? 0) * (n - 1) + n * pow2(statistics.mean)
                widen("climate", statistics.minimum...statistics.maximum)
            case .node(let interval): others["connections lost", default: 0] += interval.connectionsLost
            default: break
            }
        }
        sampleSum = Int64((sum * 1000).rounded())
        squareSum = Int64((squares * 1000).rounded())
    }

    private func pow2(_ value: Double) -> Double { value * value }

    private mutating func add(_ interval: TrafficInterval) {
        observed[interval.channel, default: 0] += interval.observed.nanoseconds + (interval.occupied?.nanoseconds ?? 0)
        others["edges", default: 0] += interval.quality.edges
        others["lost edges", default: 0] += interval.quality.lostEdges
        others["glitches", default: 0] += interval.quality.rejectedGlitches
        for headway in interval.headways ?? [] {
            others["headways", default: 0] += headway.count
            others["headway ns", default: 0] += UInt64(headway.sum.nanoseconds)
        }
        for flow in interval.flows ?? [] where flow.count > 0 {
            let name = "\(interval.channel) \(flow.direction ?? "") \(flow.vehicleClass ?? "")"
            counts[name, default: 0] += flow.count
            guard let speeds = flow.speeds else { continue }
            speedSums[name, default: 0] += speeds.sum
            widen(name, speeds.minimum...speeds.maximum)
            for (bin, number) in speeds.histogram.enumerated() where number > 0 {
                histograms[name, default: [:]][speeds.firstBin + bin, default: 0] += UInt64(number)
            }
        }
    }

    private mutating func widen(_ name: String, _ range: ClosedRange<Double>) {
        let known = extremes[name] ?? range
        extremes[name] = min(known.lowerBound, range.lowerBound)...max(known.upperBound, range.upperBound)
    }

    var description: String { "\(counts) \(observed) \(speedSums) \(extremes) \(samples) \(sampleSum) \(squareSum) \(others)" }
}

package import SensorCore
package import Testing

extension [Record] {
    package var traffic: [TrafficInterval] { compactMap { if case .traffic(let interval) = $0.body { interval } else { nil } } }
    package var climate: [ClimateInterval] { compactMap { if case .climate(let interval) = $0.body { interval } else { nil } } }
    package var nodes: [NodeInterval] { compactMap { if case .node(let interval) = $0.body { interval } else { nil } } }
    package var fixes: [TimeFix] { compactMap { if case .timeFix(let fix) = $0.body { fix } else { nil } } }
    package var notices: [Notice] { compactMap { if case .notice(let notice) = $0.body { notice } else { nil } } }

    package func counted(_ channel: String) -> UInt64 {
        traffic.filter { $0.channel == channel }.reduce(0) { $0 + ($1.flows ?? []).reduce(0) { $0 + $1.count } }
    }

    /// The spans of each channel, each sensor and the node itself.
    package var series: [String: [IntervalSpan]] {
        var series: [String: [IntervalSpan]] = [:]
        for record in self {
            switch record.body {
            case .traffic(let interval): series["channel \(interval.channel)", default: []].append(interval.span)
            case .climate(let interval): series["sensor \(interval.sensor)", default: []].append(interval.span)
            case .node(let interval): series["node", default: []].append(interval.span)
            default: break
            }
        }
        return series
    }

    /// Each series begins with the run and has neither gap nor overlap.
    package func expectTiling(from start: MonotonicInstant, count: Int = 5, location: SourceLocation = #_sourceLocation) {
        #expect(series.count == count, sourceLocation: location)
        for (name, spans) in series {
            #expect(spans.first?.start == start, "\(name)", sourceLocation: location)
            for (one, next) in zip(spans, spans.dropFirst()) {
                #expect(one.end == next.start, "\(name)", sourceLocation: location)
            }
        }
    }
}

import JSONText
import PulsePipeline
import SensorCore

/// Sees each record when it is committed: adds up what was counted, and tells it to a person who watches.
final class SimulationObserver {
    private let tell: ((String) -> Void)?
    private(set) var counted: [String: UInt64] = [:]
    private(set) var glitches: [String: UInt64] = [:]
    private(set) var records: UInt64 = 0

    init(tell: ((String) -> Void)?) { self.tell = tell }

    func see(_ record: Record) {
        records += 1
        switch record.body {
        case .traffic(let interval) where interval.summedOver != nil: break
        case .traffic(let interval):
            for flow in interval.flows ?? [] { counted[interval.channel, default: 0] += flow.count }
            glitches[interval.channel, default: 0] += interval.quality.rejectedGlitches
            say("counted", interval.span, text(of: interval))
        case .climate(let interval): say("measured", interval.span, text(of: interval))
        default: break
        }
    }

    private func text(of interval: TrafficInterval) -> String {
        let count = interval.flows.map { String($0.reduce(0) { $0 + $1.count }) } ?? "unknown"
        return "\(interval.channel) \(count) (\(interval.observed.seconds.rounded(toPlaces: 1)) s observed, "
            + "\(interval.quality.rejectedGlitches) glitches rejected)"
    }

    private func text(of interval: ClimateInterval) -> String {
        let values = interval.quantities.map { quantity in
            let mean = quantity.statistics.map { String($0.mean.rounded(toPlaces: 2)) } ?? "missing"
            return "\(quantity.quantity.rawValue) \(mean) \(quantity.quantity.unit)"
        }
        let errors = interval.errors.map { "\($0.count) × \($0.kind.rawValue)" }
        return "\(interval.sensor) \(values.joined(separator: ", "))"
            + (errors.isEmpty ? "" : " (errors: \(errors.joined(separator: ", ")))")
    }

    private func say(_ what: String, _ span: IntervalSpan, _ text: String) {
        guard let tell else { return }
        let moment = span.utc?.end.rfc3339 ?? "\(span.end.nanoseconds / 1_000_000_000) s after boot"
        tell("\(moment)  \(what)  \(text)\n")
    }
}

/// What a simulation found out.
package struct SimulationReport {
    struct Channel {
        var name: String
        var stimulus: ChannelSettings.Stimulus
        var counted: UInt64
        /// Closures or road users.
        var passed: UInt64
        var glitches: UInt64

        /// What it should have counted.
        var truth: UInt64 { if case .closures(let each) = stimulus { passed * each } else { passed } }
    }

    var channels: [Channel]
    /// Records committed to the journal.
    var records: UInt64
    /// The highest sequence acknowledged; nil when nothing was to be published.
    var published: UInt64?
    package var isDelivered: Bool
    /// Ended by a signal: what was under way then may be missing from the count.
    var wasStopped: Bool

    /// Contacts: nothing was counted that did not happen, and nothing that happened is missing. Where people overlap in front
    /// of a sensor, what is as right as `make accuracy` promises.
    package var isExact: Bool { channels.allSatisfy { verdict(on: $0) != .wrong } }

    private enum Verdict: String {
        case exact
        /// A simulation that was stopped may lack the closure that was under way.
        case exactButForTheLast = "exact but for one under way at the stop"
        case wrong = "WRONG"
        case close = "right to max(1, 2 %)"
        /// People together in front of one sensor are one activation.
        case notComparable = "not to be compared"
    }

    private func verdict(on channel: Channel) -> Verdict {
        if channel.counted == channel.truth { return .exact }
        let off = max(channel.counted, channel.truth) - min(channel.counted, channel.truth)
        switch channel.stimulus {
        case .presence: return .notComparable
        case .closures(let each): return wasStopped && channel.counted < channel.truth && off <= each ? .exactButForTheLast : .wrong
        case .beams, .tubes, .radar: return wasStopped || Double(off) <= max(1, 0.02 * Double(channel.truth)) ? .close : .wrong
        }
    }

    package var json: String {
        String(decoding: JSONWriter.object(write), as: UTF8.self) + "\n"
    }

    func write(to report: inout JSONWriter) {
        report.arrayField("channels") { list in
            for channel in channels {
                list.objectElement {
                    $0.field("channel", channel.name)
                    $0.field("counted", channel.counted)
                    $0.field("true", channel.truth)
                    $0.field("rejected_glitches", channel.glitches)
                }
            }
        }
        report.field("records", records)
        report.field("acknowledged_through", published)
        report.field("delivered", isDelivered)
        report.field("stopped_early", wasStopped)
    }

    package var text: String {
        var lines: [String] = []
        for channel in channels {
            lines.append(
                "\(channel.name): counted \(channel.counted), true \(channel.truth): \(verdict(on: channel).rawValue); "
                    + "\(channel.glitches) glitches rejected")
        }
        lines.append("\(records) records in the journal" + (wasStopped ? "; stopped early" : ""))
        if let published {
            lines.append(
                isDelivered
                    ? "all of them acknowledged by the broker"
                    : "the broker acknowledged up to number \(published): is it there? The log says what is wrong")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

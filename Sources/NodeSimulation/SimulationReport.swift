import JSONText
import PulsePipeline
import SensorCore

/// Sees each record when it is committed: adds up what was counted, and tells it to a person who watches.
final class SimulationObserver {
    private let tell: ((String) -> Void)?
    private(set) var counted: [String: UInt64] = [:]
    private(set) var glitches: [String: UInt64] = [:]
    /// By channel, direction and class.
    private(set) var flows: [String: [TrafficFlow]] = [:]
    private(set) var records: UInt64 = 0

    init(tell: ((String) -> Void)?) { self.tell = tell }

    func see(_ record: Record) {
        records += 1
        switch record.body {
        case .traffic(let interval) where interval.summedOver != nil: break
        case .traffic(let interval):
            for flow in interval.flows ?? [] {
                counted[interval.channel, default: 0] += flow.count
                note(flow, of: interval.channel)
            }
            glitches[interval.channel, default: 0] += interval.quality.rejectedGlitches
            say("counted", interval.span, text(of: interval))
        case .climate(let interval): say("measured", interval.span, text(of: interval))
        default: break
        }
    }

    private func note(_ flow: TrafficFlow, of channel: String) {
        guard flow.count > 0, flow.direction != nil || flow.vehicleClass != nil else { return }
        let known = flows[channel, default: []].firstIndex { $0.direction == flow.direction && $0.vehicleClass == flow.vehicleClass }
        if let known { flows[channel]?[known].figures += flow.figures } else { flows[channel, default: []].append(flow) }
    }

    private func text(of interval: TrafficInterval) -> String {
        let count = interval.flows.map { String($0.reduce(0) { $0 + $1.count }) } ?? "unknown"
        return "\(interval.channel) \(count) (\(interval.observed.seconds.rounded(toPlaces: 1)) s observed, "
            + "\(interval.quality.rejectedGlitches) glitches rejected)"
    }

    private func text(of interval: ClimateInterval) -> String {
        // The last interval of a run may be shorter than it takes until the next reading: nothing is amiss with the sensor then.
        if interval.errors.isEmpty, interval.quantities.allSatisfy({ $0.statistics == nil && $0.withheld.isEmpty }) {
            return "\(interval.sensor) no reading in \((interval.span.end - interval.span.start).seconds.rounded(toPlaces: 1)) s"
        }
        let values = interval.quantities.map { item in
            let (name, unit) = (item.quantity.rawValue, item.quantity.unit)
            guard let mean = item.statistics?.mean.rounded(toPlaces: 2) else { return "\(name) missing" }
            // The unit says what it is, where it is the only one.
            return interval.quantities.count { $0.quantity.unit == unit } == 1 ? "\(mean) \(unit)" : "\(name) \(mean) \(unit)"
        }
        let errors = interval.errors.map { "\($0.count) × \($0.kind.rawValue)" }
        return "\(interval.sensor) \(values.joined(separator: ", "))"
            + (errors.isEmpty ? "" : " (errors: \(errors.joined(separator: ", ")))")
    }

    /// A terminal may have no more than 80 columns: broken at a blank, never within a word.
    static func wrapped(_ text: String, indent: Int, width: Int = 80) -> String {
        var lines: [String] = []
        var line = ""
        var isFirst = true
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            if !isFirst, line.count + 1 + word.count > width, line.contains(where: { $0 != " " }) {
                lines.append(line)
                line = String(repeating: " ", count: indent) + word
            } else {
                line += isFirst ? String(word) : " \(word)"
            }
            isFirst = false
        }
        return (lines + [line]).joined(separator: "\n")
    }

    private func say(_ what: String, _ span: IntervalSpan, _ text: String) {
        guard let tell else { return }
        let moment = span.utc?.end.rfc3339 ?? "\(span.end.nanoseconds / 1_000_000_000) s after boot"
        tell(Self.wrapped("\(moment)  \(what)  \(text)", indent: moment.count + what.count + 4) + "\n")
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
        /// Empty for a detector that tells neither direction nor class.
        var flows: [TrafficFlow] = []

        /// What it should have counted.
        var truth: UInt64 { if case .closures(let each) = stimulus { passed * each } else { passed } }
    }

    var channels: [Channel]
    /// Records committed to the journal.
    var records: UInt64
    /// The highest sequence acknowledged; nil when nothing was to be published.
    var published: UInt64?
    /// There is somebody to publish to.
    var publishes: Bool
    package var isDelivered: Bool
    /// Ended by a signal: what was under way then may be missing from the count.
    var wasStopped: Bool

    /// Contacts: nothing was counted that did not happen, and nothing that happened is missing. Where people overlap in front
    /// of a sensor, what is as right as `make accuracy` promises.
    package var isExact: Bool { channels.allSatisfy { verdict(on: $0) != .wrong } }

    private enum Verdict: String {
        case exact
        /// A simulation that was stopped may lack the closure that was under way.
        case exactButForTheLast = "exact; one was under way when it was stopped"
        case wrong = "WRONG"
        case stopped = "stopped before all had passed"
        case close = "right: at most 1, or 2 %, beside the truth"
        /// People together in front of one sensor are one activation.
        case notComparable = "not to be compared: people together are one"
    }

    private func verdict(on channel: Channel) -> Verdict {
        if channel.counted == channel.truth { return .exact }
        let off = max(channel.counted, channel.truth) - min(channel.counted, channel.truth)
        switch channel.stimulus {
        case .presence: return .notComparable
        case .closures(let each): return wasStopped && channel.counted < channel.truth && off <= each ? .exactButForTheLast : .wrong
        case .beams, .tubes, .radar:
            if Double(off) <= max(1, 0.02 * Double(channel.truth)) { return .close }
            return wasStopped && channel.counted < channel.truth ? .stopped : .wrong
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
        // Nothing was to be delivered where nothing is published.
        report.field("delivered", publishes ? isDelivered : nil)
        report.field("stopped_early", wasStopped)
    }

    package var text: String {
        var lines: [String] = []
        for channel in channels {
            lines.append(
                SimulationObserver.wrapped(
                    "\(channel.name): counted \(channel.counted), true \(channel.truth): \(verdict(on: channel).rawValue); "
                        + "\(channel.glitches) glitches rejected", indent: 2))
            for flow in channel.flows.sorted(by: {
                ($0.direction ?? "", $0.vehicleClass ?? "") < ($1.direction ?? "", $1.vehicleClass ?? "")
            }) {
                let speed = flow.speeds.map { ", mean \($0.mean.rounded(toPlaces: 1)) km/h" } ?? ""
                lines.append("  \(flow.count) \(flow.vehicleClass ?? "unknown"), \(flow.direction ?? "direction unknown")\(speed)")
            }
        }
        lines.append("\(records) records in the journal" + (wasStopped ? "; stopped early" : ""))
        if let published {
            lines.append(
                isDelivered
                    ? "all of them acknowledged by the broker"
                    : published == 0
                        ? "the broker acknowledged none of them: see the warnings above"
                        : "the broker acknowledged up to number \(published): see the warnings above")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

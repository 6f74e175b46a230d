import EdgeAnalysis
import JSONText
import NodeConfiguration
import NodeRuntime
import PulsePipeline
import RecordFormats
import SensorCore

/// What a replayed trace gave.
struct ReplayReport {
    var channel: String
    var settings: ChannelSettings
    var intervals: [ReplayedInterval] = []

    init(_ channel: ChannelConfiguration) {
        self.channel = channel.name
        settings = channel.settings
    }

    private var detector: DetectorKind { settings.kind }
    private var tells: DetectorTraits.Tells { detector.traits.tells }

    private var sum: ChannelTally { intervals.reduce(into: ChannelTally()) { $0 += $1.tally } }

    /// - Parameter passages: each as `element` gives it.
    func writeJSON(_ passages: PassageSpool, to write: (ArraySlice<UInt8>) -> Void) throws(PassageSpool.Failure) {
        let sum = sum
        let bytes = JSONWriter.object { report in
            report.field("channel", channel)
            report.field("detector", detector.rawValue)
            report.field("filter", settings.filter.text)
            report.field("count", sum.passages)
            report.arrayField("intervals") { list in
                for interval in intervals {
                    list.objectElement { object in
                        object.field("start", Double(interval.start.nanoseconds) / 1e9)
                        object.field("end", Double(interval.end.nanoseconds) / 1e9)
                        object.field("count", interval.tally.passages)
                        if let meaning = settings.meaning {
                            let amount = meaning.amount(of: interval.tally.passages, gust: interval.gust)
                            object.measured(amount, over: observed(of: interval))
                        }
                        if settings.givesDetails { writeFlows(of: interval, to: &object) }
                        writeQuality(of: interval.tally, over: interval.end - interval.start, to: &object)
                    }
                }
            }
            report.objectField("quality") { object in
                writeQuality(of: sum, over: length, to: &object)
            }
        }
        write(bytes.dropLast() + Array(",\"passages\":[".utf8))
        try passages.copy(to: write)
        write(Array("]}\n".utf8)[...])
    }

    /// A passage in JSON.
    func element(_ passage: Passage) -> [UInt8] {
        JSONWriter.object { object in
            object.field("t", seconds(passage.instant))
            // A detector that cannot tell has no field for it.
            guard settings.givesDetails else { return }
            if tells.contains(.direction) { object.field("direction", passage.direction.map(settings.directions.name)) }
            if tells.contains(.roadUser) { object.field("class", passage.roadUser?.name) }
            if tells.contains(.speed) {
                object.field("speed_kmh", passage.speed.map { $0 * 3.6 })
                object.field("length_m", passage.length)
            }
            object.field("uncertain", passage.isUncertain)
        }
    }

    var text: String {
        var lines: [Sentence] = ["\(channel): \(detector.rawValue), filter \(settings.filter.text)"]
        for interval in intervals {
            let observed = observed(of: interval)
            lines.append(
                """
                  \(seconds(interval.start)) to \(seconds(interval.end)) s: \(interval.tally.passages) counted, \
                \(observed.seconds) s observed, \(interval.tally.lostEdges) edges lost, \
                \(interval.tally.rejectedGlitches) glitches rejected
                """)
            if let meaning = settings.meaning {
                lines.append("    \(text(of: meaning.amount(of: interval.tally.passages, gust: interval.gust), over: observed))")
            }
            lines += remarks(on: interval)
            if !tells.isDisjoint(with: [.direction, .roadUser, .speed]) { lines += flowLines(of: interval) }
        }
        lines.append("  \(sum.passages) counted in all, from \(sum.edges) edges")
        return lines.lines
    }

    /// What makes the count doubtful.
    private func remarks(on interval: ReplayedInterval) -> [Sentence] {
        var doubts: [Sentence] = []
        if interval.tally.uncertain > 0 { doubts.append("\(interval.tally.uncertain) of them uncertain") }
        let rejected = interval.tally.rejectedPassages - min(interval.tally.implausible, interval.tally.rejectedPassages)
        if rejected > 0 {
            doubts.append("\(rejected) rejected: no passages, or parts of some")
        }
        let silent = settings.kind.inputRoles.enumerated().filter { interval.tally.silentInputs & (1 << UInt8($0.offset)) != 0 }
        if interval.tally.implausible > 0, let most = settings.mostPerSecond {
            doubts.append(
                "\(interval.tally.implausible) not believed: more than \(most.rounded(toPlaces: 3)) a second over 10 s, see max-rate")
        }
        if interval.tally.shortPulses > 0 {
            doubts.append("\(interval.tally.shortPulses) pulses too short for the filter: shorten debounce")
        }
        if interval.tally.passages == 0, interval.tally.uncertain == 0, interval.tally.rejectedGlitches > 0 {
            doubts.append("nothing but glitches: confidence \(interval.tally.confidence.rounded(toPlaces: 4))")
        }
        return (doubts.isEmpty ? [] : ["    \(Sentence.list(doubts, separator: ", "))"])
            + silent.map { "    the \($0.element) input does not move while the other does: look at its wire, and at what it senses with" }
    }

    private func flowLines(of interval: ReplayedInterval) -> [Sentence] {
        interval.flows.trafficFlows(total: interval.tally.passages, directions: settings.directions).filter { $0.count > 0 }.map { flow in
            let roadUser: Sentence = flow.vehicleClass.map(Sentence.init(verbatim:)) ?? "unknown"
            let direction: Sentence = flow.direction.map(Sentence.init(verbatim:)) ?? "direction unknown"
            let what: Sentence = "    \(flow.count) \(roadUser), \(direction)"
            guard let mean = flow.speeds?.mean.rounded(toPlaces: 1) else { return what }
            guard let v85 = flow.speeds?.v85?.rounded(toPlaces: 1) else { return "\(what); mean \(mean) km/h" }
            return "\(what); mean \(mean) km/h, V85 \(v85) km/h"
        }
    }

    private func text(of amount: CountedAmount, over observed: TimeSpan) -> Sentence {
        switch amount {
        case .rain(let millimetres):
            return "\(millimetres.rounded(toPlaces: 4)) mm of rain"
        case .wind(let run, let gust):
            let mean: Sentence = observed > .zero ? "mean \((run / observed.seconds).rounded(toPlaces: 2)) m/s" : "not observed"
            guard let gust else { return "wind: \(mean), gust not known" }
            return "wind: \(mean), gust \(gust.rounded(toPlaces: 2)) m/s"
        }
    }

    private func observed(of interval: ReplayedInterval) -> TimeSpan {
        interval.end - interval.start - interval.tally.unobserved
    }

    private var length: TimeSpan {
        guard let first = intervals.first, let last = intervals.last else { return .zero }
        return last.end - first.start
    }

    private func seconds(_ instant: MonotonicInstant) -> Double { Double(instant.nanoseconds) / 1e9 }

    private func writeFlows(of interval: ReplayedInterval, to object: inout JSONWriter) {
        object.arrayField("flows") { list in
            for flow in interval.flows.trafficFlows(total: interval.tally.passages, directions: settings.directions) {
                list.objectElement { object in
                    object.field("direction", flow.direction)
                    object.field("class", flow.vehicleClass)
                    object.field("count", flow.count)
                    object.speeds(flow.speeds)
                }
            }
        }
        object.headways(interval.flows.headwaySums(directions: settings.directions))
        object.field("occupied_seconds", interval.tally.occupied.seconds)
    }

    private func writeQuality(of tally: ChannelTally, over length: TimeSpan, to object: inout JSONWriter) {
        object.field("observed_seconds", (length - tally.unobserved).seconds)
        object.field("edges", tally.edges)
        object.field("lost_edges", tally.lostEdges)
        object.field("overflows", tally.overflows)
        object.field("rejected_glitches", tally.rejectedGlitches)
        object.field("uncertain", tally.uncertain)
        object.field("rejected_passages", tally.rejectedPassages)
        // As in the street: of what nobody saw nothing is stated.
        let isUnobserved = length > .zero && tally.unobserved >= length
        object.field("confidence", isUnobserved ? nil : tally.confidence)
    }
}

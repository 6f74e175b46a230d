import EdgeAnalysis
import JSONText
import NodeConfiguration
import NodeRuntime
import PulsePipeline
import SensorCore

/// A proposed filter, for a person who has to believe it.
struct SuggestionReport {
    private let channel: ChannelConfiguration
    private let sweep: FilterSweep
    private let quadrature: QuadratureReport?
    private let advice: FilterAdvice
    private let edges: UInt64
    private let length: TimeSpan
    private let silentInput: Int?
    private let configured: PulseFilter
    /// The configured filter and the proposed one on the whole channel; empty without a proposal.
    var rows: [FilterComparison.Row] = []

    init(_ channel: ChannelConfiguration, study: FilterStudy, advice: FilterAdvice) {
        self.channel = channel
        self.advice = advice
        sweep = study.sweep
        quadrature = study.quadrature.map { QuadratureReport($0, for: channel) }
        edges = study.edges
        length = study.length
        silentInput = study.silentInput
        configured = channel.settings.filter
    }

    var text: String {
        let inputs = Sentence.all(of: channel.inputs.map(\.label))
        let seen: Sentence = """
            \(channel.name), on \(inputs): \(edges) edges in \(length.seconds.rounded(toPlaces: 3)) s, \
            \(sweep.pulses) activations without a filter
            """
        var lines: [Sentence] = [
            sweep.shortest.map { "\(seen); the shortest time between two edges is \($0.figure)" } ?? seen
        ]
        if let silentInput {
            let input = channel.inputs[silentInput]
            lines.append(
                """
                The \(input.role) input (\(input.label)) hardly moves while the other does: look at its wire, and at what it senses with, \
                before anything else.
                """)
        }
        if channel.settings.isRadar {
            lines.append("A radar's channel has no filter: the phase of each pulse is what is measured.")
            return (lines + (quadrature?.lines ?? [])).lines
        }
        if sweep.pulses > 0 { lines += aligned(table).map { "  \($0)" } }
        lines.append(reason)
        lines += proposal
        lines += quadrature?.lines ?? []
        return lines.lines
    }

    /// Round times only.
    private var table: [[String]] {
        let head: [Sentence] = ["activations by time", "stable", "lockout"]
        let unfiltered: Sentence = "no filter"
        var rows = [
            head.map { $0.text(in: readersLanguage) },
            [unfiltered.text(in: readersLanguage), "\(sweep.pulses)", "\(sweep.pulses)"],
        ]
        let round: [Int64] = [1, 2, 5].flatMap { digit in [10_000, 100_000, 1_000_000, 10_000_000, 100_000_000].map { $0 * digit } }
        for (place, time) in FilterSweep.times.enumerated() where round.contains(time.nanoseconds) {
            rows.append([time.figure, "\(sweep.stable[place])", "\(sweep.lockout[place])"])
        }
        return rows
    }

    private var reason: Sentence {
        let count: Sentence = advice.activations.map { "\($0) activations" } ?? ""
        switch advice.finding {
        case .tooFew(let pulses):
            return """
                \(pulses) activations are too few to tell bounce from traffic: record at least \(FilterAdvice.fewestPulses), \
                better some hundred
                """
        case .quiet(let to):
            return "Nothing bounces: without a filter and with any up to \(to.figure) the count is the same, \(count)."
        case .plateau(let from, let to):
            return """
                Between \(from.figure) and \(to.figure) the time makes no difference: \(count). A shorter one lets bounce \
                count, a longer one swallows what is to be counted.
                """
        case .inseparable:
            return """
                No time tells bounce from what is to be counted: the count changes with every one. Look at the wiring first (a \
                pull-up, a shielded cable, a capacitor at the contact), and at 'pulses histogram'.
                """
        }
    }

    private var proposal: [Sentence] {
        guard let filter = advice.filter, rows.count == 2 else { return [] }
        if advice.keepsPresent { return ["The configured filter, \(configured.text), lies well inside: keep it."] }
        var lines: [Sentence] = ["Proposed instead of \(configured.text):", "  debounce: \(filter.yaml)"]
        let (before, after) = (rows[0].tally.passages, rows[1].tally.passages)
        if rows[1].added == 0, rows[1].missing == 0 {
            lines.append("In this trace it counts the same, \(after), with more room on both sides.")
            return lines
        }
        lines.append("It would count \(after) in place of \(before):")
        if rows[1].added > 0 { lines.append("  \(rows[1].added) more: \(times(rows[1].firstAdded, of: rows[1].added))") }
        if rows[1].missing > 0 { lines.append("  \(rows[1].missing) no longer: \(times(rows[1].firstMissing, of: rows[1].missing))") }
        return lines
    }

    var json: String {
        let bytes = JSONWriter.object { report in
            report.field("channel", channel.name)
            report.field("seconds", length.seconds)
            report.field("edges", edges)
            report.field("pulses", sweep.pulses)
            report.field("shortest_us", sweep.shortest.map { Double($0.nanoseconds) / 1e3 })
            if channel.settings.isRadar { report.field("finding", "no-filter") } else { writeFinding(&report) }
            report.field("configured", configured.text)
            report.field("proposed", channel.settings.isRadar ? nil : advice.filter?.text)
            report.field("keep", channel.settings.isRadar || advice.keepsPresent)
            report.field("count", rows.first?.tally.passages)
            report.field("proposed_count", rows.last?.tally.passages)
            report.field("added", rows.last?.added)
            report.field("missing", rows.last?.missing)
            report.arrayField("sweep") { list in
                for (place, time) in FilterSweep.times.enumerated() {
                    list.objectElement { object in
                        object.field("time_us", Double(time.nanoseconds) / 1e3)
                        object.field("stable", sweep.stable[place])
                        object.field("lockout", sweep.lockout[place])
                    }
                }
            }
            guard let quadrature else { return }
            report.objectField("quadrature") { quadrature.write(to: &$0) }
        }
        return String(decoding: bytes, as: UTF8.self) + "\n"
    }

    private func writeFinding(_ report: inout JSONWriter) {
        switch advice.finding {
        case .tooFew: report.field("finding", "too-few")
        case .quiet(let to):
            report.field("finding", "quiet")
            report.field("to_us", Double(to.nanoseconds) / 1e3)
        case .plateau(let from, let to):
            report.field("finding", "plateau")
            report.field("from_us", Double(from.nanoseconds) / 1e3)
            report.field("to_us", Double(to.nanoseconds) / 1e3)
        case .inseparable: report.field("finding", "inseparable")
        }
        report.field("activations", advice.activations)
    }

    private func times(_ first: [MonotonicInstant], of count: UInt64) -> Sentence {
        let times = first.map { "\((Double($0.nanoseconds) / 1e9).rounded(toPlaces: 6))" }.joined(separator: ", ")
        return count > UInt64(first.count) ? "at \(times), … s" : "at \(times) s"
    }
}

extension PulseFilter {
    /// As it is written into a configuration. Only filters that are proposed.
    fileprivate var yaml: String {
        func time(_ span: TimeSpan) -> String { span.figure.filter { $0 != " " } }
        return switch kind {
        case .stable(let rise, let fall) where rise == fall: "{kind: stable, time: \(time(rise))}"
        case .stable(let rise, let fall): "{kind: stable, rise: \(time(rise)), fall: \(time(fall))}"
        case .lockout(let length): "{kind: lockout, time: \(time(length))}"
        case .kernel(let period): "{kind: kernel, time: \(time(period))}"
        case .none: "{kind: none}"
        }
    }
}

import EdgeAnalysis
import JSONText
import NodeConfiguration
import PulsePipeline
import SensorCore

/// What several filters make of one trace, side by side.
struct FilterTable {
    var channel: String
    var detector: DetectorKind
    /// The configured filter first.
    var rows: [FilterComparison.Row]

    var text: String {
        guard let base = rows.first else { return "" }
        let head: [Sentence] = ["filter", "counted", "change", "glitches", "uncertain", "unobserved"]
        var table = [head.map { $0.text(in: readersLanguage) }]
        for (place, row) in rows.enumerated() {
            let change = Int64(row.tally.passages) - Int64(base.tally.passages)
            let filter: Sentence = place == 0 ? "\(row.filter.text) (configured)" : "\(row.filter.text)"
            table.append([
                filter.text(in: readersLanguage), "\(row.tally.passages)",
                place == 0 ? "" : change > 0 ? "+\(change)" : "\(change)", "\(row.tally.rejectedGlitches)",
                "\(row.tally.uncertain)", "\(row.tally.unobserved.seconds.rounded(toPlaces: 3)) s",
            ])
        }
        var lines: [Sentence] = [
            "\(channel): \(detector.rawValue), \(base.tally.edges) edges in \(base.length.seconds.rounded(toPlaces: 3)) s"
        ]
        lines += aligned(table).map { "  \($0)" }
        for row in rows.dropFirst() {
            if row.added > 0 {
                lines.append("  \(row.filter.text) counts what the configured filter does not: \(times(row.added, row.firstAdded))")
            }
            if row.missing > 0 { lines.append("  \(row.filter.text) does not count: \(times(row.missing, row.firstMissing))") }
        }
        return lines.lines
    }

    var json: String {
        let bytes = JSONWriter.object { table in
            table.field("channel", channel)
            table.field("detector", detector.rawValue)
            table.arrayField("filters") { list in
                for (place, row) in rows.enumerated() {
                    list.objectElement { object in
                        object.field("filter", row.filter.text)
                        object.field("configured", place == 0)
                        object.field("count", row.tally.passages)
                        object.field("added", row.added)
                        object.field("missing", row.missing)
                        object.arrayField("first_added") { times in row.firstAdded.forEach { times.element(seconds($0)) } }
                        object.arrayField("first_missing") { times in row.firstMissing.forEach { times.element(seconds($0)) } }
                        object.field("edges", row.tally.edges)
                        object.field("lost_edges", row.tally.lostEdges)
                        object.field("rejected_glitches", row.tally.rejectedGlitches)
                        object.field("rejected_passages", row.tally.rejectedPassages)
                        object.field("uncertain", row.tally.uncertain)
                        object.field("observed_seconds", (row.length - row.tally.unobserved).seconds)
                    }
                }
            }
        }
        return String(decoding: bytes, as: UTF8.self) + "\n"
    }

    private func times(_ count: UInt64, _ first: [MonotonicInstant]) -> Sentence {
        let times = first.map { "\(seconds($0).rounded(toPlaces: 6))" }.joined(separator: ", ")
        return count > UInt64(first.count) ? "\(count), at \(times), … s" : "\(count), at \(times) s"
    }

    private func seconds(_ instant: MonotonicInstant) -> Double { Double(instant.nanoseconds) / 1e9 }
}

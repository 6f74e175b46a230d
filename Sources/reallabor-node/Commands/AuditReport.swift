import DeliveryAudit
import JSONText
import SensorCore

/// What an audit found, for people and for programs.
struct AuditReport {
    /// Of gaps and contradictions a text names only so many; the rest are counted.
    private static let namedAtMost = 20

    var verdicts: [AuditVerdict]
    var unreadable: (count: UInt64, first: String)?
    /// More came than is kept.
    var isCutShort = false

    var hasNoGap: Bool { verdicts.allSatisfy(\.hasNoGap) }

    private func isComplete(_ verdict: AuditVerdict) -> Bool { verdict.isComplete && unreadable == nil && !isCutShort }

    private func finding(_ verdict: AuditVerdict) -> Sentence {
        let (first, last) = (verdict.numbers.lowerBound, verdict.numbers.upperBound)
        if isComplete(verdict) { return "complete, \(first) to \(last)" }
        return verdict.hasNoGap ? "no gap between \(first) and \(last)" : "not complete, \(first) to \(last)"
    }

    var text: String {
        var lines: [Sentence] = []
        for verdict in verdicts {
            lines.append("\(verdict.node), journal \(verdict.epoch): \(finding(verdict))")
            lines.append(Self.tally(of: verdict))
            lines += Self.named(verdict.missing) { "  missing \(Self.text($0))" }
            lines += Self.named(verdict.dropped) { "  dropped by the node, which says so: \(Self.text($0))" }
            lines += Self.named(verdict.refused) { "  refused by the broker, kept by the node: \(Self.text($0))" }
            for (name, gaps) in verdict.refusedElsewhere.sorted(by: { $0.key < $1.key }) {
                lines += Self.named(gaps) {
                    "  of these the broker of destination \(name) refuses \(Self.text($0)); if they are its messages, say --destination \(name)"
                }
            }
            if verdict.lossNotices > 0 {
                lines.append("  \(verdict.lossNotices) notices of records that were lost before they had a number")
            }
            if verdict.setAsideNotices > 0 {
                lines.append("  \(verdict.setAsideNotices) notices of a damaged journal that was set aside with what it still held")
            }
            for (channel, count) in verdict.hiddenCounts.sorted(by: { $0.key < $1.key }) {
                lines.append("  the total of \(channel) holds \(count) more than the records that are here")
            }
            lines += Self.named(verdict.contradictions) { "  \($0.kind.rawValue): \($0.detail)" }
        }
        if isCutShort {
            lines.append("more came than is kept: what is said here is of the beginning only; look at one node, or at less at once")
        }
        if let unreadable { lines.append("\(unreadable.count) messages are no records; the first: \(unreadable.first)") }
        return lines.lines
    }

    private static func tally(of verdict: AuditVerdict) -> Sentence {
        let tally: Sentence = """
            \(verdict.records) received, \(verdict.late) late, \(verdict.duplicated) duplicated, \(verdict.reordered) out of order; \
            \(verdict.replaced) replaced by coarser ones, \(verdict.superseded) of those besides
            """
        return verdict.withheld == 0 ? "  \(tally)" : "  \(tally); \(verdict.withheld) not for this receiver"
    }

    private static func named<Item>(_ items: [Item], _ line: (Item) -> Sentence) -> [Sentence] {
        let rest = items.count - namedAtMost
        return items.prefix(namedAtMost).map(line) + (rest > 0 ? ["  and \(rest) more of these"] : [])
    }

    private static func text(_ gap: AuditVerdict.Gap) -> Sentence {
        let (first, last) = (gap.numbers.lowerBound, gap.numbers.upperBound)
        let numbers: Sentence = first == last ? "\(first)" : "\(first) to \(last) (\(last - first + 1))"
        return switch (gap.from?.rfc3339, gap.to?.rfc3339) {
        case (let from?, let to?): "\(numbers), from \(from) to \(to)"
        case (nil, let to?): "\(numbers), from the beginning to \(to)"
        case (let from?, nil): "\(numbers), from \(from) to the end"
        case (nil, nil): "\(numbers), from the beginning to the end"
        }
    }

    var json: String {
        let text = JSONWriter.object { json in
            json.field("complete", verdicts.allSatisfy(isComplete))
            json.field("no_gap", hasNoGap)
            json.arrayField("journals") { list in for verdict in verdicts { list.objectElement { write(verdict, &$0) } } }
            json.field("unreadable", unreadable?.count ?? 0)
            json.field("cut_short", isCutShort)
        }
        return String(decoding: text, as: UTF8.self) + "\n"
    }

    private func write(_ verdict: AuditVerdict, _ json: inout JSONWriter) {
        json.field("node", verdict.node)
        json.field("epoch", verdict.epoch)
        json.field("complete", isComplete(verdict))
        json.field("no_gap", verdict.hasNoGap)
        json.field("first", verdict.numbers.lowerBound)
        json.field("last", verdict.numbers.upperBound)
        json.field("records", verdict.records)
        json.field("late", verdict.late)
        json.field("duplicated", verdict.duplicated)
        json.field("reordered", verdict.reordered)
        json.field("replaced", verdict.replaced)
        json.field("withheld", verdict.withheld)
        json.field("superseded", verdict.superseded)
        json.field("loss_notices", verdict.lossNotices)
        json.field("set_aside_notices", verdict.setAsideNotices)
        for (name, gaps) in [("missing", verdict.missing), ("dropped", verdict.dropped), ("refused", verdict.refused)] {
            json.arrayField(name) { list in
                for gap in gaps {
                    list.objectElement {
                        $0.field("first", gap.numbers.lowerBound)
                        $0.field("last", gap.numbers.upperBound)
                        $0.field("from", gap.from?.rfc3339)
                        $0.field("to", gap.to?.rfc3339)
                    }
                }
            }
        }
        json.arrayField("refused_elsewhere") { list in
            for (name, gaps) in verdict.refusedElsewhere.sorted(by: { $0.key < $1.key }) {
                for gap in gaps {
                    list.objectElement {
                        $0.field("destination", name)
                        $0.field("first", gap.numbers.lowerBound)
                        $0.field("last", gap.numbers.upperBound)
                    }
                }
            }
        }
        json.objectField("hidden_counts") { json in
            for (channel, count) in verdict.hiddenCounts.sorted(by: { $0.key < $1.key }) { json.field(channel, count) }
        }
        json.arrayField("contradictions") { list in
            for contradiction in verdict.contradictions {
                list.objectElement {
                    $0.field("kind", contradiction.kind.rawValue)
                    $0.field("sequence", contradiction.sequence)
                    $0.field("detail", contradiction.detail)
                }
            }
        }
    }
}

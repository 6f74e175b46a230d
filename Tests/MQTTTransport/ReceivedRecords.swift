import DeliveryAudit
import TestSupport

extension TestSubscriber {
    /// Sequences of the records received, in order of arrival.
    var sequences: [UInt64] {
        lines.compactMap { line in
            let words = line.split(separator: " ")
            guard words.count > 2, words[1] == "test/record" else { return nil }
            return try? AuditedRecord(json: Array(words[2].utf8))?.sequence
        }
    }

    var payloads: [[UInt8]] {
        lines.compactMap { line in
            let words = line.split(separator: " ")
            return words.count > 2 && words[1] == "test/record" ? Array(words[2].utf8) : nil
        }
    }

    /// Live and retained messages on the status topic.
    var states: [Substring] { lines.filter { $0.contains(" test/status ") } }
}

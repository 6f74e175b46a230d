import SensorCore

/// What the journal itself has to say to receivers, placed at the moment of `self`, the newest record of the append that
/// had cause to say it.
extension Record {
    /// - Parameters:
    ///   - numbers: of what was deleted, and of what this had replaced.
    ///   - times: from the first start to the last end, where known.
    func noticeOfDropped(
        _ numbers: SequenceRanges, _ times: (first: WallClockTime, last: WallClockTime)?, _ budget: JournalBudget
    ) -> Record {
        let when = times.map { " (\($0.first.rfc3339) to \($0.last.rfc3339))" } ?? ""
        return notice(
            .recordsDropped, numbers,
            "\(numbers.total) records\(when) were deleted before every destination had acknowledged them: the journal's "
                + "budget of \(budget.bytes) bytes is full, and they could not be joined any more")
    }

    /// The ones that follow from how the journal was opened.
    func notices(of opening: JournalWriter.OpeningNotice, _ standing: JournalStanding) -> [Record] {
        switch opening {
        case .restored(let previous):
            var notice = notice(
                .journalRestored, SequenceRanges(),
                "this journal is an older copy of itself, or what was sound in a damaged one: it goes on under a new epoch, "
                    + "and records that epoch \(previous.text) had numbered further are not in it")
            if case .notice(var content) = notice.body {
                let first = standing.epochs.links.last?.first ?? 1
                content.sequences = first...max(first, standing.lastSequence + 1)
                content.previousEpoch = previous
                notice.body = .notice(content)
            }
            return [notice]
        case .lost(let numbers):
            return numbers.pieces(JournalBudget.rangesPerReplacement).map {
                notice(
                    .recordsDropped, $0,
                    "\($0.total) records can no longer be read: the journal's file was damaged, and is set aside with what is left "
                        + "of them")
            }
        case .unexplained(let numbers):
            return numbers.pieces(JournalBudget.rangesPerReplacement).map {
                notice(
                    .recordsDropped, $0,
                    "\($0.total) numbers: records that summed them, or told of them, may be among those that can no longer be read. "
                        + "What is known of them stands; the others will not come")
            }
        case .missed(let destination, let numbers):
            return numbers.pieces(JournalBudget.rangesPerReplacement).map {
                notice(
                    .recordsDropped, $0,
                    "\($0.total) records were no longer kept when destination \(destination) was named; some may be "
                        + "summed in others that follow")
            }
        }
    }

    private func notice(_ kind: Notice.Kind, _ numbers: SequenceRanges, _ text: String) -> Record {
        let span = body.span
        var sequences: ClosedRange<UInt64>?
        if let first = numbers.ranges.first, let last = numbers.ranges.last {
            sequences = first.lowerBound...last.upperBound
        }
        return Record(
            bootID: bootID,
            body: .notice(
                Notice(
                    kind: kind, instant: span.end, utc: span.utc?.end, text: text, count: numbers.isEmpty ? nil : numbers.total,
                    sequences: sequences)), replaces: numbers.ranges)
    }
}

extension SequenceRanges {
    /// In sets of at most so many ranges.
    fileprivate func pieces(_ count: Int) -> [SequenceRanges] {
        stride(from: 0, to: self.count, by: count).map { start in
            var piece = SequenceRanges()
            for range in ranges[start..<Swift.min(start + count, self.count)] { piece.insert(range) }
            return piece
        }
    }
}

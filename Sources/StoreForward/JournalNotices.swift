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
        notice(.recordsDropped, numbers, .dropped(records: numbers.total, times: times, budgetBytes: budget.bytes))
    }

    /// The ones that follow from how the journal was opened.
    func notices(of opening: JournalWriter.OpeningNotice, _ standing: JournalStanding) -> [Record] {
        switch opening {
        case .restored(let previous):
            var notice = notice(.journalRestored, SequenceRanges(), .goesOnUnderNewEpoch(previous: previous))
            if case .notice(var content) = notice.body {
                let first = standing.epochs.links.last?.first ?? 1
                content.sequences = first...max(first, standing.lastSequence + 1)
                content.previousEpoch = previous
                notice.body = .notice(content)
            }
            return [notice]
        case .lost(let numbers): return dropped(numbers) { .unreadable(records: $0) }
        case .unexplained(let numbers): return dropped(numbers) { .unexplained(numbers: $0) }
        case .missed(let destination, let numbers):
            return dropped(numbers) { .missed(records: $0, destination: destination) }
        }
    }

    /// As many notices as it takes to name all the numbers.
    private func dropped(_ numbers: SequenceRanges, _ message: (UInt64) -> JournalMessage) -> [Record] {
        numbers.pieces(JournalBudget.rangesPerReplacement).map { notice(.recordsDropped, $0, message($0.total)) }
    }

    private func notice(_ kind: Notice.Kind, _ numbers: SequenceRanges, _ message: JournalMessage) -> Record {
        let span = body.span
        var sequences: ClosedRange<UInt64>?
        if let first = numbers.ranges.first, let last = numbers.ranges.last {
            sequences = first.lowerBound...last.upperBound
        }
        return Record(
            bootID: bootID,
            body: .notice(
                Notice(
                    kind, at: span.end, utc: span.utc?.end, saying: message, count: numbers.isEmpty ? nil : numbers.total,
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

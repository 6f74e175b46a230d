import SensorCore

extension JournalWriter {
    /// Deletes from the old end until the new rows fit the budget, in bounded steps. Acknowledged records are the
    /// older ones, so they go first.
    ///
    /// `floor` is what every destination has acknowledged. Returns the unacknowledged sequences that are gone, of
    /// which this call deleted at least one: from the first one not acknowledged, since an earlier notice may be
    /// among what was deleted.
    func makeRoom(
        for bodies: EncodedBodies, _ draft: inout Standing, floor: UInt64
    ) throws(JournalError) -> ClosedRange<UInt64>? {
        let needed = JournalBudget.pages(forBodies: bodies.ranges)
        let oldest = draft.oldestSequence
        for _ in 0..<JournalBudget.stepsPerAppend {
            guard try room() < needed, draft.oldestSequence <= draft.lastSequence else { break }
            let kept = draft.lastSequence - draft.oldestSequence + 1
            draft.oldestSequence += JournalBudget.recordsPerStep(kept: kept)
            try statements.deleteThrough.run(Int64(draft.oldestSequence - 1))
        }
        guard draft.oldestSequence > oldest else { return nil }
        let gone = draft.oldestSequence - 1
        return gone > floor ? floor + 1...gone : nil
    }

    /// Pages that can be written before the database file outgrows its share of the budget.
    private func room() throws(JournalError) -> Int64 {
        budget.databasePages - (try pageCount()) + (try statements.freePages.firstInteger() ?? 0)
    }

    /// Gives back what a lowered budget or an outsized append left over. In steady state the file stays at its
    /// budget and free pages are used again, which spares the medium moving pages about.
    func returnPages() throws(JournalError) {
        let excess = try pageCount() - budget.databasePages
        guard excess > 0, try statements.freePages.firstInteger() ?? 0 > 0 else { return }
        let pages = min(excess, JournalBudget.pagesReturnedPerAppend)
        try database.execute("PRAGMA incremental_vacuum(\(pages))", "append to")
    }

    private func pageCount() throws(JournalError) -> Int64 { try statements.pageCount.firstInteger() ?? 0 }
}

extension Record {
    /// Placed at the moment of this record, the newest of the append that had to drop others.
    func noticeOfDropped(_ sequences: ClosedRange<UInt64>, _ budget: JournalBudget) -> Record {
        let (instant, utc) = body.end
        let text =
            "records \(sequences.lowerBound) to \(sequences.upperBound) were deleted before every destination had "
            + "acknowledged them: the journal's budget of \(budget.bytes) bytes is full"
        return Record(
            bootID: bootID,
            body: .notice(
                Notice(
                    kind: .recordsDropped, instant: instant, utc: utc, text: text, count: UInt64(sequences.count),
                    sequences: sequences)))
    }
}

extension Record.Body {
    /// Start and end of an interval; twice the same for a moment.
    var monotonicSpan: (start: MonotonicInstant, end: MonotonicInstant) {
        switch self {
        case .traffic(let interval): (interval.span.start, interval.span.end)
        case .climate(let interval): (interval.span.start, interval.span.end)
        case .node(let interval): (interval.span.start, interval.span.end)
        case .timeFix(let fix): (fix.instant, fix.instant)
        case .notice(let notice): (notice.instant, notice.instant)
        }
    }

    /// The end on both clocks.
    var end: (MonotonicInstant, WallClockTime?) {
        switch self {
        case .traffic(let interval): (interval.span.end, interval.span.utc?.end)
        case .climate(let interval): (interval.span.end, interval.span.utc?.end)
        case .node(let interval): (interval.span.end, interval.span.utc?.end)
        case .timeFix(let fix): (fix.instant, fix.utc)
        case .notice(let notice): (notice.instant, notice.utc)
        }
    }
}

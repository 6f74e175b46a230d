import SensorCore

/// Invariant 8: what leaves, and in which order.
extension JournalWriter {
    /// Makes the new rows fit the budget, in bounded steps; `newest` is the moment at which a notice says so.
    ///
    /// - Returns: whether the file stays within its share of the budget when they are written. False where it has more pages
    ///   already, and where nothing more could be deleted.
    func makeRoom(
        for rows: RecordRows, at newest: Record, _ draft: inout JournalStanding
    ) throws(JournalError) -> Bool {
        let needed = budget.pages(for: rows)
        var free = try freePages()
        if let most = mostPages, most + max(0, needed - free) <= budget.databasePages {
            mostPages = most + max(0, needed - free)
            return true
        }
        mostPages = nil
        for step in 0...JournalBudget.stepsPerAppend {
            let pages = try pageCount()
            let most = pages + max(0, needed - free)
            if most <= budget.databasePages {
                mostPages = most
                return true
            }
            if budget.databasePages - pages + free >= needed || step == JournalBudget.stepsPerAppend { break }
            let debts = Debts(draft, destinations: destinations)
            if !debts.history.isEmpty {
                try delete(debts.history.prefix(JournalBudget.recordsPerStep(kept: draft.kept)), &draft)
            } else if let level = debts.levelToJoin {
                _ = try join(debts, level, to: level.next ?? .day, &draft)
            } else if try join(debts, .day, to: .day, &draft) {
                // Pieces of the same day, joined at different times, became one.
            } else if !debts.owed.isEmpty {
                try drop(debts, at: newest, &draft)
            } else {
                break
            }
            free = try freePages()
        }
        return false
    }

    /// Joins the oldest records of a level. False when that left no fewer.
    private func join(
        _ debts: Debts, _ level: CoarseLevel, to next: CoarseLevel, _ draft: inout JournalStanding
    ) throws(JournalError) -> Bool {
        guard let length = next.length, let first = debts.at(level).ranges.first?.lowerBound else { return false }
        let candidates = debts.sharing(first).intersection(debts.at(level))
            .intersection(SequenceRanges(first...draft.epochs.end(of: first)))
            .prefix(JournalBudget.recordsPerJoin)
        let choice = try chooseForJoining(candidates, length) { record in
            isIdle(record, for: debts.owers(of: first), draft)
        }
        var coarsening = Coarsening(to: length)
        for range in choice.joined.ranges {
            try reader.forEach(in: range) { (record) throws(JournalError) in
                if Coarsening.applies(to: record.record) { coarsening.take(record.record) }
                return true
            }
        }
        draft.move(choice.left, from: level, to: .day)
        // Rewriting what hardly shrinks would wear the medium for nothing.
        guard !coarsening.records.isEmpty, UInt64(coarsening.records.count) * 10 <= choice.joined.total * 9 else {
            draft.move(choice.joined, from: level, to: next)
            return false
        }
        try delete(choice.joined, &draft)
        let start = draft.lastSequence + 1
        for record in coarsening.records {
            var replacement = record
            replacement.replaces = choice.accountedFor.ranges
            try insert(replacement, &draft)
        }
        let numbers = SequenceRanges(start...draft.lastSequence)
        draft.levels[next, default: SequenceRanges()].insert(numbers)
        try exempt(debts.settlers(of: first), from: numbers, of: coarsening.records, &draft)
        return true
    }

    /// A notice for others that says nothing to these: they are owed the very records that it says are not for others.
    /// It is left out with what is joined.
    private func isIdle(_ record: Record, for destinations: [String], _ standing: JournalStanding) -> Bool {
        guard case .notice(let notice) = record.body, notice.kind == .recordsForOthers else { return false }
        return destinations.allSatisfy { destination in
            guard let acknowledged = standing.acknowledged[destination] else { return true }
            return record.replaces.allSatisfy { SequenceRanges($0).intersection(acknowledged).isEmpty }
        }
    }

    /// Which of the candidates are joined, as far as a record can name them, and which stay as they are.
    private struct Choice {
        var joined = SequenceRanges()
        /// `joined` and what these had replaced.
        var accountedFor = SequenceRanges()
        /// Looked at, and not to be joined.
        var left = SequenceRanges()
    }

    /// All but those of the last longer interval, which may still grow; those too when there are no others.
    private func chooseForJoining(
        _ candidates: SequenceRanges, _ length: TimeSpan, isIdle: (Record) -> Bool
    ) throws(JournalError) -> Choice {
        var choice = Choice()
        var whole: Choice?
        var place: IntervalSpan.Place?
        for range in candidates.ranges {
            var isFull = false
            try reader.forEach(in: range) { (record) throws(JournalError) in
                let own = record.sequence...record.sequence
                guard Coarsening.applies(to: record.record) else {
                    if isIdle(record.record) {
                        choice.joined.insert(own)
                        choice.accountedFor.insert(own)
                    } else {
                        choice.left.insert(own)
                    }
                    return true
                }
                var accountedFor = choice.accountedFor
                accountedFor.insert(own)
                for replaced in record.record.replaces { accountedFor.insert(replaced) }
                isFull = accountedFor.count > JournalBudget.rangesPerReplacement && !choice.joined.isEmpty
                if isFull { return false }
                let here = record.record.body.span.place(among: length)
                if here != place, !choice.joined.isEmpty { whole = choice }
                place = here
                choice.accountedFor = accountedFor
                choice.joined.insert(own)
                return true
            }
            if isFull { break }
        }
        return whole ?? choice
    }

    /// Those that had settled everything that was joined are owed none of it, and learn why the numbers are missing.
    private func exempt(
        _ settlers: [String], from numbers: SequenceRanges, of records: [Record], _ draft: inout JournalStanding
    ) throws(JournalError) {
        guard !settlers.isEmpty, let last = records.last, let range = numbers.ranges.first else { return }
        for destination in settlers { draft.acknowledged[destination, default: SequenceRanges()].insert(numbers) }
        let span = last.body.span
        try insert(
            Record(
                bootID: last.bootID,
                body: .notice(
                    Notice(
                        .recordsForOthers, at: span.end, utc: span.utc?.end,
                        saying: JournalMessage.forOthers(numbers: range, settlers: settlers.sorted()), count: numbers.total,
                        sequences: range)), replaces: numbers.ranges), &draft)
    }

    /// Deletes the oldest that are owed, and says so.
    private func drop(_ debts: Debts, at newest: Record, _ draft: inout JournalStanding) throws(JournalError) {
        guard let first = debts.owed.ranges.first?.lowerBound else { return }
        let candidates = debts.sharing(first).prefix(JournalBudget.recordsPerStep(kept: draft.kept))
        var dropped = SequenceRanges()
        var accountedFor = SequenceRanges()
        var times: (first: WallClockTime, last: WallClockTime)?
        for range in candidates.ranges {
            var isFull = false
            try reader.forEach(in: range) { (record) throws(JournalError) in
                var more = accountedFor
                more.insert(record.sequence...record.sequence)
                for replaced in record.record.replaces { more.insert(replaced) }
                isFull = more.count > JournalBudget.rangesPerReplacement && !dropped.isEmpty
                if isFull { return false }
                accountedFor = more
                dropped.insert(record.sequence...record.sequence)
                if !record.record.body.isMoment, let utc = record.record.body.span.utc {
                    times = (min(times?.first ?? utc.start, utc.start), max(times?.last ?? utc.end, utc.end))
                }
                return true
            }
            if isFull { break }
        }
        try delete(dropped, &draft)
        try insert(newest.noticeOfDropped(accountedFor, times, budget), &draft)
    }

    /// Gives back what a lowered budget or an outsized append left over, and what a long backlog leaves that has gone.
    /// A few free pages are kept: they are used again, which spares the medium moving pages about.
    ///
    /// - Parameter isWithinBudget: as `makeRoom` found it.
    func returnPages(isWithinBudget: Bool) throws(JournalError) {
        let free = try freePages()
        var excess = free - budget.sparePages
        if !isWithinBudget { excess = max(excess, try pageCount() - budget.databasePages) }
        guard excess > 0, free > 0 else { return }
        let pages = min(excess, budget.pagesReturnedPerAppend)
        try database.execute("PRAGMA incremental_vacuum(\(pages))", "append to")
    }

    private func pageCount() throws(JournalError) -> Int64 { try statements.pageCount.firstInteger() ?? 0 }
    private func freePages() throws(JournalError) -> Int64 { try statements.freePages.firstInteger() ?? 0 }
}

/// What is owed to whom, as of one moment.
struct Debts {
    let settled: [String: SequenceRanges]
    /// Kept, and owed to nobody.
    let history: SequenceRanges
    /// Kept, and owed to some destination.
    let owed: SequenceRanges
    private let levels: [CoarseLevel: SequenceRanges]

    init(_ standing: JournalStanding, destinations: [String]) {
        var settled: [String: SequenceRanges] = [:]
        for destination in destinations { settled[destination] = standing.settled(destination) }
        var byAll = standing.everything
        for ranges in settled.values { byAll = byAll.intersection(ranges) }
        self.settled = settled
        history = byAll.subtracting(standing.gone)
        owed = standing.everything.subtracting(standing.gone).subtracting(byAll)
        var coarse = SequenceRanges()
        var levels: [CoarseLevel: SequenceRanges] = [:]
        for level in CoarseLevel.allCases {
            guard let numbers = standing.levels[level] else { continue }
            levels[level] = numbers.intersection(owed)
            coarse.insert(numbers)
        }
        levels[.asMeasured] = owed.subtracting(coarse)
        self.levels = levels
    }

    func at(_ level: CoarseLevel) -> SequenceRanges { levels[level] ?? SequenceRanges() }

    /// The finest of which there is more than its share: half of what is owed as measured, a quarter of quarters of an
    /// hour, an eighth of hours. Where all are within theirs, the finest there is. nil when everything is joined to days.
    var levelToJoin: CoarseLevel? {
        let all = owed.total
        var share: UInt64 = 2
        for level in CoarseLevel.allCases where level.next != nil {
            if at(level).total * share > all { return level }
            share *= 2
        }
        return CoarseLevel.allCases.first { $0.next != nil && !at($0).isEmpty }
    }

    /// What is owed to exactly the same destinations as this number.
    func sharing(_ sequence: UInt64) -> SequenceRanges {
        var sharing = owed
        for ranges in settled.values {
            sharing = ranges.contains(sequence) ? sharing.intersection(ranges) : sharing.subtracting(ranges)
        }
        return sharing
    }

    /// The destinations that are owed this number.
    func owers(of sequence: UInt64) -> [String] {
        settled.filter { !$0.value.contains(sequence) }.map(\.key)
    }

    /// The destinations that are not owed this number.
    func settlers(of sequence: UInt64) -> [String] {
        settled.filter { $0.value.contains(sequence) }.map(\.key)
    }
}

extension JournalStanding {
    fileprivate mutating func move(_ numbers: SequenceRanges, from level: CoarseLevel, to next: CoarseLevel) {
        guard !numbers.isEmpty else { return }
        if let there = levels[level] {
            let left = there.subtracting(numbers)
            levels[level] = left.isEmpty ? nil : left
        }
        levels[next, default: SequenceRanges()].insert(numbers)
    }
}

extension SequenceRanges {
    /// The first numbers, at most so many.
    func prefix(_ count: UInt64) -> SequenceRanges {
        var first = SequenceRanges()
        var left = count
        for range in ranges where left > 0 {
            let length = min(left, range.upperBound - range.lowerBound + 1)
            first.insert(range.lowerBound...range.lowerBound + length - 1)
            left -= length
        }
        return first
    }
}

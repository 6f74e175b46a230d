import SensorCore

extension JournalWriter {
    /// Writes what differs from the last commit.
    func write(_ draft: inout JournalStanding) throws(JournalError) {
        if draft.lastSequence != standing.lastSequence {
            try set(JournalSchema.Counter.lastSequence, Int64(clamping: draft.lastSequence))
        }
        if let opening = draft.opening, opening != standing.opening {
            try set(JournalSchema.Counter.opening, Int64(bitPattern: opening))
        }
        for (channel, total) in draft.totals where standing.totals[channel] != total {
            try set(JournalSchema.Counter.total + channel, Int64(clamping: total))
        }
        if draft.named != standing.named {
            for name in draft.named.subtracting(standing.named) { try set(JournalSchema.Counter.named + name, 1) }
            for name in standing.named.subtracting(draft.named) { try remove(JournalSchema.Counter.named + name, 0) }
        }
        try replace(JournalSchema.Counter.gone, standing.gone, by: draft.gone)
        try replace(JournalSchema.Counter.lost, standing.lost, by: draft.lost)
        try replace(JournalSchema.Counter.unexplained, standing.unexplained, by: draft.unexplained)
        for (destination, ranges) in draft.acknowledged {
            var bridged = ranges
            bridged.bridge(draft.gone)
            if bridged != ranges { draft.acknowledged[destination] = bridged }
            try replace(
                JournalSchema.Counter.acknowledged + destination,
                standing.acknowledged[destination] ?? SequenceRanges(), by: bridged)
        }
        // Of a destination that has another name now.
        for (destination, ranges) in standing.acknowledged where draft.acknowledged[destination] == nil {
            try replace(JournalSchema.Counter.acknowledged + destination, ranges, by: SequenceRanges())
        }
        for level in CoarseLevel.allCases {
            try replace(
                "\(JournalSchema.Counter.level)\(level.rawValue)", standing.levels[level] ?? SequenceRanges(),
                by: draft.levels[level] ?? SequenceRanges())
        }
        if draft.epochs != standing.epochs { try replaceEpochs(by: draft.epochs) }
        try set(JournalSchema.Counter.checksum, Int64(draft.checksum))
    }

    /// Most commits only move the end of one range.
    private func replace(
        _ named: @autoclosure () -> String, _ old: SequenceRanges, by new: SequenceRanges
    ) throws(JournalError) {
        guard old != new else { return }
        let name = named()
        var start = 0
        while start < old.count, start < new.count, old.ranges[start] == new.ranges[start] { start += 1 }
        var oldEnd = old.count
        var newEnd = new.count
        while oldEnd > start, newEnd > start, old.ranges[oldEnd - 1] == new.ranges[newEnd - 1] {
            oldEnd -= 1
            newEnd -= 1
        }
        var at = start
        for range in old.ranges[start..<oldEnd] {
            while at < newEnd, new.ranges[at].lowerBound < range.lowerBound { at += 1 }
            if at < newEnd, new.ranges[at].lowerBound == range.lowerBound { continue }
            try remove(name, Int64(clamping: range.lowerBound))
        }
        for range in new.ranges[start..<newEnd] {
            try set(name, first: Int64(clamping: range.lowerBound), Int64(clamping: range.upperBound))
        }
    }

    private func set(_ name: String, first: Int64 = 0, _ value: Int64) throws(JournalError) {
        let statement = statements.setCounter
        defer { statement.reset() }
        try statement.bind(1, name)
        statement.bind(2, first)
        statement.bind(3, value)
        _ = try statement.step()
    }

    private func remove(_ name: String, _ first: Int64) throws(JournalError) {
        let statement = statements.removeCounter
        defer { statement.reset() }
        try statement.bind(1, name)
        statement.bind(2, first)
        _ = try statement.step()
    }

    private func replaceEpochs(by chain: EpochChain) throws(JournalError) {
        try database.execute("DELETE FROM epoch", "begin an epoch in")
        for link in chain.links {
            try database.execute(
                "INSERT INTO epoch VALUES (\(link.first), '\(link.epoch.text)')", "begin an epoch in")
        }
    }
}

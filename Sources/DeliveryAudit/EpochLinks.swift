import SensorCore

extension DeliveryAuditor {
    /// Where a journal went on under a new epoch, its numbers go on too, and its records can replace or explain numbers of the
    /// epochs before. Here each ledger has what any record of any epoch tells of its own numbers.
    var ledgersByEpoch: [Account: Ledger] {
        var linked = ledgers
        // From the newest back, so that what is told of the first passes through all between.
        let later = ledgers.compactMap { account, ledger in ledger.beginning.map { (account, $0) } }
            .sorted { $0.1.first > $1.1.first }
        for (account, beginning) in later {
            let previous = Account(node: account.node, epoch: beginning.previous)
            guard beginning.first > 1, previous != account, let mine = linked[account], let theirs = linked[previous] else { continue }
            (linked[previous], linked[account]) = Ledger.divide(theirs, mine, at: beginning.first)
        }
        return linked
    }
}

extension DeliveryAuditor.Ledger {
    fileprivate static func divide(_ earlier: Self, _ later: Self, at first: UInt64) -> (earlier: Self, later: Self) {
        var (earlier, later) = (earlier, later)
        let before = SequenceRanges(1...first - 1)
        for numbers in [\Self.replaced, \.elsewhere, \.withheld, \.dropped, \.refused] {
            earlier[keyPath: numbers].insert(later[keyPath: numbers].intersection(before))
            later[keyPath: numbers] = later[keyPath: numbers].subtracting(before)
        }
        for (destination, numbers) in later.refusedFor {
            earlier.refusedFor[destination, default: SequenceRanges()].insert(numbers.intersection(before))
            later.refusedFor[destination] = numbers.subtracting(before)
        }
        // A record that stands for earlier ones stands in their account.
        let isEarlier = { (entry: DeliveryAuditor.Entry) in entry.position < first && entry.sequence >= first }
        if later.entries.contains(where: isEarlier) {
            earlier.entries += later.entries.filter { isEarlier($0) && !later.replaced.contains($0.sequence) }
            later.entries.removeAll(where: isEarlier)
        }
        earlier.end = max(earlier.end ?? 0, first - 1)
        return (earlier, later)
    }
}

public import SensorCore

extension DeliveryAuditor {
    /// One verdict for each journal heard of: by node, a node's journals in the order they were first heard of.
    ///
    /// - Parameters:
    ///   - node: only this one; nil for all.
    ///   - destination: of the node, whose messages these are. What the broker of another one refuses explains nothing here; nil takes
    ///     only what names no destination, as nodes do that have one.
    ///   - from, to: only records that lie in this time, the end exclusive; those without UTC count where their numbers
    ///     lie between.
    ///   - expecting: these numbers are to be there, also before the first and after the last received.
    ///   - truths: what the node numbered, by epoch; of one that nothing was received of there is a verdict as well.
    public func verdicts(
        node: String? = nil, destination: String? = nil, from: WallClockTime? = nil, to: WallClockTime? = nil,
        expecting: ClosedRange<UInt64>? = nil, truths: [AuditTruth] = []
    ) -> [AuditVerdict] {
        var numbered: [Account: ClosedRange<UInt64>] = [:]
        var ledgers = ledgersByEpoch
        for truth in truths {
            let account = Account(node: truth.node, epoch: truth.epoch)
            numbered[account] = truth.numbers
            if ledgers[account] == nil { ledgers[account] = Ledger(firstTaken: .max) }
        }
        return ledgers.filter { node == nil || $0.key.node == node }
            .sorted { ($0.key.node, $0.value.firstTaken) < ($1.key.node, $1.value.firstTaken) }
            .compactMap { account, ledger in
                let asked = expecting ?? numbered[account]
                guard let numbers = asked ?? ledger.numbers(from: from, to: to) else { return nil }
                var verdict = ledger.verdict(account, destination, numbers, names)
                verdict.endsAreKnown = asked != nil
                return verdict
            }
    }
}

extension DeliveryAuditor.Ledger {
    /// From the first to the last that lies in this time; nil when none does.
    fileprivate func numbers(from: WallClockTime?, to: WallClockTime?) -> ClosedRange<UInt64>? {
        var range: ClosedRange<UInt64>?
        for entry in entries {
            if from != nil || to != nil {
                guard let utc = entry.utc else { continue }
                if let from, utc.lowerBound < from { continue }
                if let to, utc.lowerBound >= to { continue }
            }
            let place = entry.position
            range = range.map { min($0.lowerBound, place)...max($0.upperBound, place) } ?? place...place
        }
        // Coarser records have numbers of their own far behind what they stand for; those count too without a limit.
        if from == nil, to == nil, let last = received.ranges.last?.upperBound, let first = range?.lowerBound {
            range = min(first, beginning?.first ?? first)...max(last, end ?? last, first)
        }
        return range
    }

    fileprivate func verdict(
        _ account: DeliveryAuditor.Account, _ destination: String?, _ numbers: ClosedRange<UInt64>, _ names: [String]
    ) -> AuditVerdict {
        let inside = entries.filter { numbers.contains($0.position) }
            .sorted { ($0.position, $0.start, $0.sequence) < ($1.position, $1.start, $1.sequence) }
        let standing = inside.filter { !replaced.contains($0.sequence) }
        var accounted = received
        accounted.insert(replaced)
        accounted.insert(elsewhere)
        accounted.insert(withheld)
        let unheld = accounted.missing(in: numbers)
        let notDropped = unheld.subtracting(dropped)
        var refusedHere = refused
        if let destination, let own = refusedFor[destination] { refusedHere.insert(own) }
        let missing = notDropped.subtracting(refusedHere)
        let elsewhere = refusedFor.filter { $0.key != destination }.mapValues { missing.intersection($0) }
        let looked = SequenceRanges(numbers)
        let receivedHere = received.intersection(looked).total
        let withheldHere = withheld.intersection(looked).subtracting(received).subtracting(replaced)

        // Of several records that stand for the same numbers one may have been lost to damage: then a notice names the numbers.
        var unknown = unheld
        unknown.insert(replaced.intersection(dropped))
        var comparison = Comparison(ledger: self, gaps: unknown, names: names)
        comparison.compare(standing)
        return AuditVerdict(
            node: account.node, epoch: account.epoch, records: receivedHere, numbers: numbers,
            missing: gaps(missing, among: inside),
            dropped: gaps(unheld.intersection(dropped), among: inside),
            refused: gaps(notDropped.intersection(refusedHere), among: inside),
            refusedElsewhere: elsewhere.filter { !$0.value.isEmpty }.mapValues { gaps($0, among: inside) },
            replaced: looked.total - receivedHere - unheld.total - withheldHere.total, withheld: withheldHere.total,
            superseded: UInt64(inside.count - standing.count), duplicated: duplicated,
            late: UInt64(inside.count { $0.isHistorical }), reordered: reordered,
            lossNotices: lossNotices.count { numbers.contains($0) }, setAsideNotices: setAsideNotices.count { numbers.contains($0) },
            hiddenCounts: comparison.hidden,
            contradictions: conflicting.map {
                .init(kind: .content, sequence: $0, detail: "record \($0) came with different contents")
            } + comparison.contradictions)
    }

    /// With the times of their neighbours; `entries` ascend.
    private func gaps(
        _ ranges: SequenceRanges, among entries: [DeliveryAuditor.Entry]
    ) -> [AuditVerdict.Gap] {
        // Both ascend, so each entry is passed once.
        let dated = entries.compactMap { entry in entry.utc.map { (position: entry.position, utc: $0) } }
        var before = 0
        var after = 0
        return ranges.ranges.map { range in
            while before < dated.count, dated[before].position < range.lowerBound { before += 1 }
            after = max(after, before)
            while after < dated.count, dated[after].position <= range.upperBound { after += 1 }
            return AuditVerdict.Gap(
                numbers: range, from: before > 0 ? dated[before - 1].utc.upperBound : nil,
                to: after < dated.count ? dated[after].utc.lowerBound : nil)
        }
    }
}

/// Records of one series against each other.
private struct Comparison {
    /// Numbers of the notices of losses.
    private var lossNotices = SequenceRanges()
    /// Numbers that are held by nothing.
    let gaps: SequenceRanges
    let names: [String]
    var hidden: [String: UInt64] = [:]
    var contradictions: [AuditVerdict.Contradiction] = []

    /// Clocks are read to the nanosecond, but a coarser record may round.
    private static let slack: Int64 = 1_000_000

    init(ledger: DeliveryAuditor.Ledger, gaps: SequenceRanges, names: [String]) {
        self.gaps = gaps
        self.names = names
        for number in ledger.lossNotices { lossNotices.insert(number...number) }
    }

    /// `entries` ascend by position and are not replaced.
    mutating func compare(_ entries: [DeliveryAuditor.Entry]) {
        let series = Dictionary(grouping: entries, by: \.series)
        for (index, entries) in series.sorted(by: { $0.key < $1.key }) {
            let name = names[index]
            if name.hasPrefix("traffic_sum ") {
                let channel = "traffic " + name.dropFirst("traffic_sum ".count).dropLast(" sum".count)
                let parts = series.first { names[$0.key] == channel }?.value ?? []
                compareSums(entries, parts, of: channel)
            } else if name.hasPrefix("traffic ") || name.hasPrefix("climate ") || name == "node " {
                compareSpans(entries, of: name)
                if name.hasPrefix("traffic ") { compareTotals(entries, of: String(name.dropFirst("traffic ".count))) }
            }
        }
        contradictions.sort { $0.sequence < $1.sequence }
    }

    private mutating func compareSpans(_ entries: [DeliveryAuditor.Entry], of name: String) {
        for boot in Dictionary(grouping: entries, by: \.boot).values {
            let ordered = boot.sorted { ($0.start, $0.end) < ($1.start, $1.end) }
            for (one, next) in zip(ordered, ordered.dropFirst()) where next.start < one.end - Self.slack {
                contradictions.append(
                    .init(
                        kind: .overlap, sequence: next.sequence,
                        detail: "\(name): records \(one.sequence) and \(next.sequence) share "
                            + "\(Double(min(one.end, next.end) - next.start) / 1e9) s"))
            }
        }
    }

    private mutating func compareTotals(_ entries: [DeliveryAuditor.Entry], of channel: String) {
        for (one, next) in zip(entries, entries.dropFirst()) {
            guard let before = one.total, let after = next.total else { continue }
            let (grown, fell) = after.subtractingReportingOverflow(before)
            let count = next.count ?? 0
            if !fell, grown == count { continue }
            let between = min(one.position, next.position)...max(one.position, next.position)
            let isExplained = gaps.intersects(between) || lossNotices.intersects(between)
            if !fell, grown > count, isExplained {
                hidden[channel, default: 0] += grown - count
            } else {
                contradictions.append(
                    .init(
                        kind: .total, sequence: next.sequence,
                        detail: "\(channel): from record \(one.sequence) to \(next.sequence) the total went from \(before) to "
                            + "\(after), but \(count) were counted"))
            }
        }
    }

    private mutating func compareSums(
        _ sums: [DeliveryAuditor.Entry], _ parts: [DeliveryAuditor.Entry], of channel: String
    ) {
        let parts = parts.sorted { ($0.boot, $0.start) < ($1.boot, $1.start) }
        for sum in sums {
            var low = 0
            var high = parts.count
            while low < high {
                let middle = (low + high) / 2
                if (parts[middle].boot, parts[middle].start) < (sum.boot, sum.start) { low = middle + 1 } else { high = middle }
            }
            // Only parts that lie in it end to end can be compared.
            var reached = sum.start
            var count: UInt64 = 0
            while low < parts.count, parts[low].boot == sum.boot, parts[low].start == reached, parts[low].end <= sum.end {
                reached = parts[low].end
                count += parts[low].count ?? 0
                low += 1
            }
            guard reached == sum.end, reached > sum.start, count != sum.count ?? 0 else { continue }
            contradictions.append(
                .init(
                    kind: .sum, sequence: sum.sequence,
                    detail: "\(channel): record \(sum.sequence) sums up to \(sum.count ?? 0), its parts to \(count)"))
        }
    }
}

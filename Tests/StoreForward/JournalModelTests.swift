import SensorCore
import TestSupport
import Testing

@testable import StoreForward

/// Random operations on a journal and on plain arrays; at every step both must tell the same, and at the end each
/// destination must have got every count exactly once or have been told which are missing.
@Suite struct JournalModelTests {
    static let destinations = ["city", "school"]

    @Test("Agrees with a plain array", arguments: Array(1...5) as [UInt64]) func agreesWithAPlainArray(seed: UInt64) throws {
        var run = try ModelRun(seed: seed, budget: 64 << 20, fillers: 0)
        for _ in 0..<150 { try run.step() }
        try run.compareEverything()
        try run.drainAndCompare()
        #expect(run.replacements == 0 && run.dropped == 0, "seed \(seed): nothing leaves within the budget")
    }

    /// Records that can be joined, mostly: nothing is dropped.
    @Test("Joins under budget pressure", arguments: Array(101...102) as [UInt64]) func joinsUnderBudgetPressure(seed: UInt64) throws {
        var run = try ModelRun(seed: seed, budget: Journal.minimumBudgetBytes, fillers: 0.01)
        for _ in 0..<300 { try run.step() }
        try run.compareEverything()
        try run.drainAndCompare()
        #expect(run.replacements > 20, "seed \(seed): the run must join, or it shows nothing")
    }

    /// Long notices, which cannot be joined, until some must be dropped.
    @Test("Drops under budget pressure", arguments: Array(201...203) as [UInt64]) func dropsUnderBudgetPressure(seed: UInt64) throws {
        var run = try ModelRun(seed: seed, budget: Journal.minimumBudgetBytes, fillers: 0.6)
        for _ in 0..<350 { try run.step() }
        try run.compareEverything()
        try run.drainAndCompare()
        #expect(run.dropped > 0, "seed \(seed): the run must drop, or it shows nothing")
    }

    /// Records that can no longer be read, joined ones among them: what is lost is told, and nothing else is missing.
    @Test("Goes on from damage", arguments: Array(301...302) as [UInt64]) func goesOnFromDamage(seed: UInt64) throws {
        var run = try ModelRun(seed: seed, budget: Journal.minimumBudgetBytes, fillers: 0.01)
        for _ in 0..<8 {
            for _ in 0..<30 { try run.step() }
            try run.damageAndOpen()
            // A notice comes with the first append; which it is, opened anew before, or not, is left to chance.
            try run.step()
        }
        for _ in 0..<10 { try run.step() }
        try run.compareEverything()
        try run.drainAndCompare()
        #expect(run.replacements > 20 && run.dropped > 10, "seed \(seed): \(run.replacements) joined, \(run.dropped) lost")
    }
}

/// What one destination's server would have, by the rules that receivers are given.
private struct Receiver {
    /// What counts: by number, without what was replaced.
    var records: [UInt64: Record] = [:]
    /// Everything that ever came, to see that a number is never given to two records.
    var arrived: [UInt64: Record] = [:]
    var toldMissing = SequenceRanges()

    private var replaced = SequenceRanges()

    mutating func take(_ journalled: JournalledRecord, _ comment: Comment) {
        let record = journalled.record
        if let known = arrived[journalled.sequence] {
            #expect(known == record, comment)
            return
        }
        arrived[journalled.sequence] = record
        for range in record.replaces {
            if case .notice = record.body {
                toldMissing.insert(range)
                continue
            }
            for number in replaced.missing(in: range).ranges.joined() { records[number] = nil }
            replaced.insert(range)
        }
        if !replaced.contains(journalled.sequence) { records[journalled.sequence] = record }
    }

    /// Numbers it has, or whose content it was told is elsewhere or lost.
    var accounted: SequenceRanges {
        var accounted = toldMissing
        accounted.insert(replaced)
        for number in records.keys { accounted.insert(number...number) }
        return accounted
    }

    /// It has the record with this number, or a sum that it is in.
    func has(_ number: UInt64, _ record: Record, _ sums: [Record]) -> Bool {
        if records[number] != nil { return true }
        guard !record.body.isMoment else { return false }
        let span = record.body.span
        return sums.contains { sum in
            let whole = sum.body.span
            guard sum.bootID == record.bootID, sum.body.series == record.body.series,
                whole.start <= span.start, whole.end >= span.end
            else { return false }
            return sum.replaces.contains { $0.contains(number) }
        }
    }

    var sums: [Record] {
        records.values.filter { record in
            if case .notice = record.body { false } else { record.isReplacement }
        }
    }
}

extension Record.Body {
    fileprivate var series: String {
        switch self {
        case .traffic(let interval): "traffic \(interval.channel)"
        case .climate(let interval): "climate \(interval.sensor)"
        case .node: "node"
        default: ""
        }
    }
}

private struct ModelRun {
    let seed: UInt64
    let budget: Int64
    let fillers: Double
    var random: SeededRandom
    var directory: ScratchFolder
    var journal: Journal?
    var traffic: PlainTraffic

    /// What was appended, by number.
    var account: [UInt64: Record] = [:]
    var last: UInt64 = 0
    var receivers: [String: Receiver] = [:]
    /// As the outbox must have it now, and as it was with the last commit; without what the journal settled itself.
    var acknowledged: [String: SequenceRanges] = [:]
    var durablyAcknowledged: [String: SequenceRanges] = [:]
    var totals: [String: UInt64] = [:]
    var replacements = 0
    var dropped: UInt64 = 0

    init(seed: UInt64, budget: Int64, fillers: Double) throws {
        self.seed = seed
        self.budget = budget
        self.fillers = fillers
        random = SeededRandom(seed: seed)
        traffic = PlainTraffic(seed: seed)
        directory = ScratchFolder(inMemory: true)
        for name in JournalModelTests.destinations { receivers[name] = Receiver() }
        try open(expecting: .begun)
    }

    mutating func step() throws {
        switch Int.random(in: 0..<100, using: &random) {
        case ..<70: try append()
        case ..<88: try receive()
        case ..<93: try closeAndOpen()
        case ..<97: try dropAndOpen()
        default: try copyAndOpen()
        }
    }

    private mutating func append() throws {
        let journal = try #require(journal)
        var records: [Record] = []
        for _ in 0..<Int.random(in: 1...(fillers > 0.1 ? 6 : 24), using: &random) {
            records += random.chance(fillers) ? [longNotice()] : traffic.nextMinute(&random)
        }
        let channel = ["gate", "path", ""].randomElement(using: &random)!
        let total = UInt64.random(in: 0...1000, using: &random)
        let range = try journal.append(records, totals: [channel: total])
        totals[channel] = max(total, totals[channel] ?? 0)
        #expect(range.lowerBound > last, "seed \(seed)")
        #expect(range.count == records.count && journal.lastSequence == range.upperBound, "seed \(seed)")
        for (number, record) in zip(range, records) { account[number] = record }
        if range.lowerBound > last + 1 { try lookAtAdditions(last + 1...range.lowerBound - 1) }
        last = range.upperBound
        durablyAcknowledged = acknowledged
        #expect(journal.totals() == totals, "seed \(seed)")
        try compareSettled()
    }

    /// What the journal added itself: it names what it replaces, all of it gone.
    private mutating func lookAtAdditions(_ range: ClosedRange<UInt64>) throws {
        let reader = try JournalReader(Database(path: directory.file("journal.db"), access: .readOnly))
        for record in try reader.records(in: range, limit: .max) {
            if case .notice(let notice) = record.record.body, notice.kind == .journalRestored { continue }
            #expect(record.record.isReplacement, "seed \(seed): \(record.sequence)")
            if case .notice(let notice) = record.record.body {
                if notice.kind == .recordsDropped { dropped += notice.count ?? 0 }
            } else {
                replacements += 1
            }
            for replaced in record.record.replaces {
                #expect(replaced.upperBound < record.sequence, "seed \(seed): \(record.sequence)")
            }
        }
    }

    /// A lane: from a random owed number on, in order, some of it acknowledged.
    private mutating func receive() throws {
        let name = JournalModelTests.destinations.randomElement(using: &random)!
        let outbox = try outbox(name)
        let start = random.chance(0.6) ? 0 : UInt64.random(in: 0...last, using: &random)
        let limit = Int.random(in: 1...60, using: &random)
        let records = try outbox.records(after: start, limit: limit)
        let owed = last > start ? outbox.settled.missing(in: start + 1...last).prefix(UInt64(limit)) : SequenceRanges()
        #expect(records.map(\.sequence) == Array(owed.ranges.joined()), "seed \(seed), \(limit) after \(start)")
        for record in records {
            if let own = account[record.sequence] { #expect(record.record == own, "seed \(seed), \(record.sequence)") }
            receivers[name]?.take(record, "seed \(seed), \(record.sequence)")
        }
        // Not all acknowledgements arrive.
        guard let first = records.first, let upTo = records.prefix(Int.random(in: 0...limit, using: &random)).last,
            outbox.hasRoomForLane || start == 0
        else { return }
        outbox.acknowledge(first.sequence...upTo.sequence)
        acknowledged[name, default: SequenceRanges()].insert(first.sequence...upTo.sequence)
        try compareSettled()
    }

    private mutating func closeAndOpen() throws {
        try journal?.close()
        durablyAcknowledged = acknowledged
        try open(expecting: .continued)
    }

    /// As a kill: nothing is written on the way out.
    private mutating func dropAndOpen() throws {
        acknowledged = durablyAcknowledged
        try open(expecting: .continued)
    }

    /// As a power cut that lost nothing written: what lay on the medium at this moment is opened elsewhere.
    private mutating func copyAndOpen() throws {
        let next = ScratchFolder(inMemory: true)
        for name in ["journal.db", "journal.db-wal", "journal.db.mark"] where directory.names.contains(name) {
            try Files.write(next.file(name), try Files.read(directory.file(name)))
        }
        acknowledged = durablyAcknowledged
        journal = nil
        directory = next
        try open(expecting: .continued)
    }

    /// The bodies of some records are overwritten, which a reader then comes upon.
    mutating func damageAndOpen() throws {
        try dropAndOpen()
        let path = directory.file("journal.db")
        let kept = try JournalUnderTest.kept(path).map(\.sequence)
        let hit = kept.shuffled(using: &random).prefix(Int.random(in: 1...12, using: &random))
        let numbers = hit.map(String.init).joined(separator: ",")
        let settled = try JournalModelTests.destinations.map { try outbox($0).settled }
        let lost = UInt64(hit.count { number in settled.contains { !$0.contains(number) } })
        journal = nil
        try JournalUnderTest.sql(path, "UPDATE record SET body = zeroblob(9) WHERE sequence IN (\(numbers))")
        let damage = JournalError(kind: .corrupt, operation: "read", detail: "told by a reader")
        let names = directory.names.count { $0.contains("damaged") && !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }
        try open(
            expecting: .setAside(
                name: "\(path).damaged-\(names + 1)", damage: damage,
                carriedOver: CarriedOver(records: UInt64(kept.count - hit.count), lost: lost, leftBehind: UInt64(hit.count) - lost)),
            knownDamage: damage)
    }

    private mutating func open(expecting expected: OpeningReport, knownDamage: JournalError? = nil) throws {
        journal = nil
        let report: OpeningReport
        (journal, report) = try JournalUnderTest.open(
            directory.file("journal.db"), budget: budget, epoch: JournalEpoch(rawValue: random.next()),
            destinations: JournalModelTests.destinations, knownDamage: knownDamage)
        #expect(report == expected, "seed \(seed)")
        try compareSettled()
        #expect(journal?.totals() == totals, "seed \(seed)")
    }

    /// Everything acknowledged is settled; what is settled besides is gone, or was for the other destination.
    private mutating func compareSettled() throws {
        let looks = random.chance(0.03)
        for name in JournalModelTests.destinations {
            let settled = try outbox(name).settled
            #expect((acknowledged[name] ?? SequenceRanges()).subtracting(settled).isEmpty, "seed \(seed), \(name)")
            let further = settled.subtracting(acknowledged[name] ?? SequenceRanges())
            guard looks else { continue }
            let reader = try JournalReader(Database(path: directory.file("journal.db"), access: .readOnly))
            for record in try reader.records(in: 1...max(1, last), limit: last == 0 ? 0 : .max)
            where account[record.sequence] != nil {
                try #require(!further.contains(record.sequence), "seed \(seed), \(name): \(record.sequence) never arrived")
            }
        }
    }

    func compareEverything() throws {
        let path = directory.file("journal.db")
        let pages = JournalBudget(bytes: budget).databasePages
        #expect(Files.size(path) <= pages * JournalSchema.pageBytes, "seed \(seed)")
        let both = Files.size(path) + Files.size(path + "-wal")
        // One append's pages may stand in the log beyond the point where it is folded.
        #expect(both <= Int(budget) + 2 * 1024 * 1024, "seed \(seed): \(both)")
        #expect(try JournalUnderTest.sql(path, "PRAGMA integrity_check") == ["ok"])
        let boots = try JournalUnderTest.sql(
            path,
            "SELECT count(*) FROM boot WHERE id NOT IN (SELECT boot FROM record) AND id < (SELECT max(id) FROM boot)")
        #expect(boots == ["0"], "seed \(seed)")
        let report = try JournalVerification(path: path).run()
        #expect(report.findings.isEmpty, "seed \(seed): \(report.findings)")
    }

    /// All that is owed is delivered. Then each receiver has the exact sums of everything it was not told to miss.
    mutating func drainAndCompare() throws {
        for name in JournalModelTests.destinations {
            let outbox = try outbox(name)
            while true {
                let records = try outbox.records(after: 0, limit: 100)
                guard let last = records.last else { break }
                for record in records { receivers[name]?.take(record, "seed \(seed), \(record.sequence)") }
                outbox.acknowledge(through: last.sequence)
            }
            #expect(outbox.lastOwed == 0)
            let receiver = receivers[name]!
            #expect(receiver.accounted.ranges == [1...last], "seed \(seed), \(name)")
            let sums = receiver.sums
            let expected = account.filter { receiver.has($0.key, $0.value, sums) }
            #expect(
                PlainSums(Array(receiver.records.values)) == PlainSums(Array(expected.values)), "seed \(seed), \(name)")
            let missing = account.keys.filter { expected[$0] == nil }
            #expect(missing.allSatisfy { receiver.toldMissing.contains($0) }, "seed \(seed), \(name)")
            if dropped == 0 { #expect(missing.isEmpty, "seed \(seed), \(name): nothing was dropped") }
        }
        #expect(journal?.backlog == 0)
    }

    private mutating func longNotice() -> Record {
        JournalUnderTest.record(Int(last), textLength: Int.random(in: 500...4_000, using: &random))
    }

    private func outbox(_ name: String) throws -> any RecordOutbox {
        try JournalUnderTest.outbox(try #require(journal), name)
    }
}

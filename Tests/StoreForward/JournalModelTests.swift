import SensorCore
import Testing

@testable import StoreForward

/// Random operations on a journal and on plain arrays; both must tell the same at every step.
@Suite struct JournalModelTests {
    static let destinations = ["city", "school"]

    @Test(arguments: Array(1...12) as [UInt64]) func agreesWithAPlainArray(seed: UInt64) throws {
        var run = try ModelRun(seed: seed, budget: 64 << 20, longTexts: false)
        for step in 0..<150 { try run.step(step) }
        try run.compareEverything()
        #expect(run.oldest == 1, "seed \(seed): nothing is trimmed within the budget")
    }

    @Test(arguments: Array(101...106) as [UInt64]) func agreesWithAPlainArrayUnderBudgetPressure(seed: UInt64) throws {
        var run = try ModelRun(seed: seed, budget: Journal.minimumBudgetBytes, longTexts: true)
        for step in 0..<300 { try run.step(step) }
        try run.compareEverything()
        #expect(run.oldest > 1, "seed \(seed): the run must trim, or it shows nothing")
        #expect(run.notices > 0, "seed \(seed): the run must drop, or it shows nothing")
    }
}

private struct ModelRun {
    let seed: UInt64
    let budget: Int64
    let longTexts: Bool
    var random: SeededRandom
    var directory: TemporaryDirectory
    var journal: Journal?

    /// Everything ever numbered; sequence n at index n − 1.
    var account: [Record] = []
    var oldest: UInt64 = 1
    var acknowledged: [String: UInt64] = [:]
    var durablyAcknowledged: [String: UInt64] = [:]
    var totals: [String: UInt64] = [:]
    var notices = 0

    init(seed: UInt64, budget: Int64, longTexts: Bool) throws {
        self.seed = seed
        self.budget = budget
        self.longTexts = longTexts
        random = SeededRandom(seed: seed)
        directory = try TemporaryDirectory()
        try open(expecting: .begun)
    }

    mutating func step(_ step: Int) throws {
        switch Int.random(in: 0..<100, using: &random) {
        case ..<55: try append()
        case ..<75: try read()
        case ..<92: try acknowledge()
        case ..<95: try closeAndOpen()
        case ..<98: try dropAndOpen()
        default: try copyAndOpen()
        }
    }

    private mutating func append() throws {
        let journal = try #require(journal)
        var records: [Record] = []
        for _ in 0..<Int.random(in: 1...12, using: &random) {
            records.append(longTexts && random.chance(0.7) ? longRecord() : random.record())
        }
        let channel = ["gate", "path", ""].randomElement(using: &random)!
        let total = UInt64.random(in: 0...1000, using: &random)
        let range = try journal.append(records, totals: [channel: total])
        totals[channel] = max(total, totals[channel] ?? 0)
        #expect(range == UInt64(account.count) + 1...UInt64(account.count + records.count), "seed \(seed)")
        account += records
        durablyAcknowledged = acknowledged
        try noteDropped(after: range.upperBound)
    }

    private mutating func longRecord() -> Record {
        let length = Int.random(in: 500...9000, using: &random)
        return JournalUnderTest.record(account.count, textLength: length)
    }

    /// The journal alone decides what goes; the model checks that it was allowed to and said so.
    private mutating func noteDropped(after sequence: UInt64) throws {
        let outbox = try outbox(JournalModelTests.destinations[0])
        let floor = acknowledged.values.min() ?? 0
        let before = oldest
        oldest = try outbox.records(after: 0, limit: 1).first?.sequence ?? sequence + 1
        #expect(oldest >= before && oldest <= sequence, "seed \(seed)")
        let mustSay = oldest > before && oldest - 1 > floor
        #expect(outbox.lastSequence == sequence + (mustSay ? 1 : 0), "seed \(seed)")
        guard mustSay, let notice = try outbox.records(after: sequence, limit: 1).first else { return }
        guard case .notice(let content) = notice.record.body else {
            Issue.record("seed \(seed): \(notice) is no notice")
            return
        }
        #expect(content.kind == .recordsDropped)
        #expect(content.sequences == floor + 1...oldest - 1, "seed \(seed)")
        #expect(content.count == oldest - 1 - floor)
        account.append(notice.record)
        notices += 1
    }

    private mutating func read() throws {
        let outbox = try outbox(JournalModelTests.destinations.randomElement(using: &random)!)
        let after = UInt64.random(in: 0...UInt64(account.count + 3), using: &random)
        let limit = Int.random(in: 1...40, using: &random)
        expect(try outbox.records(after: after, limit: limit), after, limit)
    }

    private func expect(_ found: [JournalledRecord], _ after: UInt64, _ limit: Int) {
        let first = max(after + 1, oldest)
        let last = min(UInt64(account.count), first &+ UInt64(limit) - 1)
        let expected = first <= last
            ? (first...last).map { JournalledRecord(sequence: $0, record: account[Int($0) - 1]) } : []
        #expect(found == expected, "seed \(seed), \(limit) after \(after)")
    }

    private mutating func acknowledge() throws {
        let name = JournalModelTests.destinations.randomElement(using: &random)!
        let sequence = UInt64.random(in: 0...UInt64(account.count), using: &random)
        try outbox(name).acknowledge(through: sequence)
        acknowledged[name] = max(sequence, acknowledged[name] ?? 0)
        try compareCursors()
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
        let next = try TemporaryDirectory()
        for name in ["journal.db", "journal.db-wal"] where directory.names.contains(name) {
            try Files.write(next.file(name), try Files.read(directory.file(name)))
        }
        acknowledged = durablyAcknowledged
        journal = nil
        directory = next
        try open(expecting: .continued)
    }

    private mutating func open(expecting expected: OpeningReport) throws {
        journal = nil
        let report: OpeningReport
        (journal, report) = try JournalUnderTest.open(
            directory.file("journal.db"), budget: budget, destinations: JournalModelTests.destinations)
        #expect(report == expected, "seed \(seed)")
        for name in JournalModelTests.destinations { acknowledged[name] = acknowledged[name] ?? 0 }
        try compareCursors()
        #expect(journal?.totals() == totals, "seed \(seed)")
    }

    private func compareCursors() throws {
        for name in JournalModelTests.destinations {
            #expect(try outbox(name).acknowledgedThrough == acknowledged[name], "seed \(seed), \(name)")
        }
        let floor = max(acknowledged.values.min() ?? 0, oldest - 1)
        #expect(journal?.backlog == UInt64(account.count) - floor, "seed \(seed)")
    }

    func compareEverything() throws {
        for name in JournalModelTests.destinations {
            let all = try JournalUnderTest.readAll(outbox(name), limit: 37)
            expect(all, 0, account.count)
        }
        let pages = JournalBudget(bytes: budget).databasePages
        #expect(Files.size(directory.file("journal.db")) <= pages * JournalSchema.pageBytes, "seed \(seed)")
        let both = Files.size(directory.file("journal.db")) + Files.size(directory.file("journal.db-wal"))
        // One append's pages may stand in the log beyond the point where it is folded.
        #expect(both <= Int(budget) + 512 * 1024, "seed \(seed): \(both)")
        #expect(try JournalUnderTest.sql(directory.file("journal.db"), "PRAGMA integrity_check") == ["ok"])
        let boots = try JournalUnderTest.sql(
            directory.file("journal.db"),
            "SELECT count(*) FROM boot WHERE id < (SELECT min(boot) FROM record)")
        #expect(boots == ["0"], "seed \(seed)")
    }

    private func outbox(_ name: String) throws -> any RecordOutbox {
        try JournalUnderTest.outbox(try #require(journal), name)
    }
}

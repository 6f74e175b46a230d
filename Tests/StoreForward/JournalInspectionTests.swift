import Glibc
import SensorCore
import TestSupport
import Testing

@testable import StoreForward

/// What is seen of a journal from outside, beside its writer or in a copy.
@Suite struct JournalInspectionTests {
    let directory: ScratchFolder
    var path: String { directory.file("journal.db") }

    init() throws { directory = ScratchFolder(inMemory: true) }

    private func fill(_ count: Int, closing: Bool = true) throws -> Journal {
        let (journal, _) = try JournalUnderTest.open(path, destinations: ["city", "school"])
        for start in stride(from: 1, through: count, by: 20) {
            let records = (start..<start + 20).map { JournalUnderTest.record($0, textLength: 200) }
            _ = try journal.append(records, totals: ["gate": UInt64(start)])
        }
        if closing { try journal.close() }
        return journal
    }

    @Test("Stats of a running journal") func statsOfARunningJournal() throws {
        let journal = try fill(100, closing: false)
        try JournalUnderTest.outbox(journal, "city").acknowledge(1...30)
        try JournalUnderTest.outbox(journal, "city").acknowledge(61...100)
        _ = try journal.append([JournalUnderTest.record(101)])
        let inspection = try JournalInspection(path: path)
        let stats = try inspection.stats()
        #expect(stats.holder == getpid())
        #expect(stats.lastSequence == 101 && stats.kept == 101)
        #expect(stats.destinations.map(\.name) == ["city", "school"])
        #expect(stats.destinations.map(\.owed) == [31, 101])
        #expect(stats.destinations.map(\.settledThrough) == [30, 0])
        #expect(stats.totals == ["gate": 81])
        #expect(stats.newest?.sequence == 101 && stats.oldest?.sequence == 1)
        #expect(stats.logSize > 0)
        // The writer goes on beside it, and what it does is seen.
        _ = try journal.append([JournalUnderTest.record(102)])
        #expect(try inspection.stats().lastSequence == 102)
    }

    @Test("Looks at a copy in a folder nobody may write to") func looksAtACopyInAFolderNobodyMayWriteTo() throws {
        _ = try fill(40)
        let other = ScratchFolder(inMemory: true)
        let copy = other.file("a copy?#%.db")
        try Files.write(copy, try Files.read(path))
        chmod(copy, 0o400)
        chmod(other.path, 0o500)
        defer { chmod(other.path, 0o700) }
        let inspection = try JournalInspection(path: copy)
        #expect(try inspection.stats().holder == nil)
        #expect(try inspection.records(in: 1...40, limit: .max).count == 40)
        #expect(try JournalVerification(path: copy).run().records == 40)
    }

    @Test("A missing file is named") func aMissingFileIsNamed() {
        let error = caught { () throws(JournalError) in try JournalInspection(path: "/nowhere/journal.db") }
        #expect(error?.kind == .cannotOpen)
        #expect(error?.description.contains("/nowhere/journal.db") ?? false)
    }

    @Test(
        "Verify names what is wrong",
        arguments: [
            ("DELETE FROM record WHERE sequence = 50", ["99 records are there, 100 should be", "record 50 is missing"]),
            ("UPDATE record SET body = zeroblob(9) WHERE sequence IN (7, 70)", ["checksum of record 7 ", "checksum of record 70 "]),
            ("DELETE FROM boot WHERE id = 1", ["boot 1 is missing"]),
            ("UPDATE counter SET value = 3 WHERE name = 'total:gate'", ["checksum of the counters"]),
            ("UPDATE counter SET value = 99 WHERE name = 'last_sequence'", ["checksum of the counters"]),
        ]) func verifyNamesWhatIsWrong(sql: String, words: [String]) throws
    {
        _ = try fill(100)
        #expect(try JournalVerification(path: path).run().findings.isEmpty)
        try JournalUnderTest.sql(path, sql)
        let findings = try JournalVerification(path: path).run().findings
        for word in words { #expect(findings.contains { $0.description.contains(word) }, "\(word) in \(findings)") }
    }

    /// Every page in turn zeroed: found, or it held nothing.
    @Test("Verify finds a zeroed page") func verifyFindsAZeroedPage() throws {
        _ = try fill(200)
        let intact = try Files.read(path)
        var found = 0
        let pageBytes = Int(JournalSchema.pageBytes)
        let pages = intact.count / pageBytes
        for page in 0..<pages {
            var damaged = intact
            for index in page * pageBytes..<(page + 1) * pageBytes { damaged[index] = 0 }
            let copy = directory.file("copy")
            try Files.write(copy, damaged)
            let report = caughtReport(copy)
            if report?.findings.isEmpty ?? true == false || report == nil { found += 1 }
        }
        #expect(found >= pages - 2, "\(found) of \(pages)")
    }

    /// nil when the file was refused.
    private func caughtReport(_ copy: String) -> JournalVerification.Report? {
        do throws(JournalError) {
            return try JournalVerification(path: copy).run()
        } catch {
            return nil
        }
    }

    /// Damage that no reader has come upon yet.
    @Test("Patrol finds damage while the node runs") func patrolFindsDamageWhileTheNodeRuns() throws {
        _ = try fill(300)
        let (journal, _) = try JournalUnderTest.open(path, destinations: ["city"])
        for _ in 0..<7 { try journal.verifySome(50) }
        #expect(journal.damage == nil)
        #expect(journal.roundsVerified == 1)
        try JournalUnderTest.sql(path, "UPDATE record SET body = zeroblob(40) WHERE sequence = 222")
        var calls = 0
        while journal.damage == nil, calls < 20 {
            try journal.verifySome(50)
            calls += 1
        }
        #expect(journal.damage?.detail.description.contains("222") ?? false)
        #expect(calls <= 7)
    }

    @Test("Compaction gives free pages back beside a writer") func compactionGivesFreePagesBackBesideAWriter() throws {
        let (journal, _) = try JournalUnderTest.open(path, budget: 8 << 20, destinations: [])
        for start in stride(from: 0, to: 3000, by: 50) {
            _ = try journal.append((start..<start + 50).map { JournalUnderTest.record($0, textLength: 1_500) })
        }
        try JournalUnderTest.sql(path, "PRAGMA incremental_vacuum")
        // A journal that is not full has free pages after an outsized record left.
        let before = try JournalInspection(path: path).stats()
        _ = try journal.append((0..<60).map { JournalUnderTest.record($0, textLength: 20_000) })
        let report = try JournalCompaction.run(path: path)
        #expect(report.after <= report.before)
        #expect(try JournalInspection(path: path).stats().freeSize == 0)
        #expect(try journal.append([JournalUnderTest.record(1)]).lowerBound == before.lastSequence + 61)
        try journal.close()
        #expect(try JournalVerification(path: path).run().findings.isEmpty)
        let closed = try JournalCompaction.run(path: path)
        #expect(closed.after <= closed.before)
        #expect(Files.size(path) == Int(closed.after), "no log is left")
    }
}

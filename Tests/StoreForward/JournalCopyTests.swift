import Glibc
import SensorCore
import TestSupport
import Testing

@testable import StoreForward

/// Older copies of a journal, and journals of an older program.
@Suite struct JournalCopyTests {
    let directory: ScratchFolder
    var path: String { directory.file("journal.db") }

    init() throws { directory = ScratchFolder(inMemory: true) }

    private func live(_ epoch: UInt64, records: Int, closing: Bool = true) throws -> OpeningReport {
        let (journal, report) = try JournalUnderTest.open(path, epoch: JournalEpoch(rawValue: epoch))
        for _ in 0..<records { _ = try journal.append([JournalUnderTest.record(Int(journal.lastSequence))]) }
        if closing { try journal.close() }
        return report
    }

    @Test("Going on is no copy") func goingOnIsNoCopy() throws {
        #expect(try live(1, records: 3) == .begun)
        #expect(try live(2, records: 3) == .continued)
        #expect(try live(3, records: 0) == .continued, "an opening that commits nothing")
        #expect(try live(4, records: 2, closing: false) == .continued, "killed")
        #expect(try live(5, records: 0, closing: false) == .continued)
        #expect(try live(6, records: 1) == .continued)
        #expect(try JournalUnderTest.sql(path, "SELECT * FROM epoch") == ["1|0000000000000001"])
    }

    /// The copy goes on under a new epoch, and says so; what it has from before keeps the old one.
    @Test("A restored backup takes a new epoch") func aRestoredBackupTakesANewEpoch() throws {
        _ = try live(1, records: 5)
        let backup = try Files.read(path)
        _ = try live(2, records: 5)
        try Files.write(path, backup)
        let (journal, report) = try JournalUnderTest.open(path, epoch: JournalEpoch(rawValue: 3))
        #expect(report == .restored(previous: JournalEpoch(rawValue: 1)))
        let outbox = try JournalUnderTest.outbox(journal)
        #expect(outbox.epoch == JournalEpoch(rawValue: 3))
        #expect(try journal.append([JournalUnderTest.record(6)]) == 7...7)
        #expect((1...7).map { outbox.epoch(of: $0).rawValue } == [1, 1, 1, 1, 1, 3, 3])
        guard case .notice(let notice)? = try outbox.records(after: 5, limit: 1).first?.record.body else {
            Issue.record("the first of the new epoch must say why")
            return
        }
        #expect(notice.kind == .journalRestored && notice.sequences == 6...6)
        try journal.close()
        #expect(try live(4, records: 1) == .continued, "once")
    }

    /// A new epoch whose first opening committed nothing is still said by the next.
    @Test("The notice is not lost with the opening") func theNoticeIsNotLostWithTheOpening() throws {
        _ = try live(1, records: 5)
        let backup = try Files.read(path)
        _ = try live(2, records: 5)
        try Files.write(path, backup)
        #expect(try live(3, records: 0, closing: false) == .restored(previous: JournalEpoch(rawValue: 1)))
        #expect(try live(4, records: 1) == .continued)
        #expect(try JournalUnderTest.kept(path, after: 5).count == 2)
        #expect(try JournalUnderTest.sql(path, "SELECT name FROM epoch WHERE first = 6") == ["0000000000000003"])
    }

    /// Each case: what the copy is of, what has happened since.
    @Test("Copies that the mark tells apart") func copiesThatTheMarkTellsApart() throws {
        // Of a running journal, which is closed in an orderly way later.
        let (journal, _) = try JournalUnderTest.open(path, epoch: JournalEpoch(rawValue: 1))
        _ = try journal.append([JournalUnderTest.record(1)])
        try JournalUnderTest.sql(path, "VACUUM INTO '\(directory.file("copy"))'")
        _ = try journal.append([JournalUnderTest.record(2)])
        try journal.close()
        try Files.write(path, try Files.read(directory.file("copy")))
        #expect(try live(2, records: 1) == .restored(previous: JournalEpoch(rawValue: 1)))
        // On a card without the mark.
        unlink(path + ".mark")
        #expect(try live(3, records: 1) == .restored(previous: JournalEpoch(rawValue: 2)))
        // A mark nobody can read.
        try Files.write(path + ".mark", Array("?".utf8))
        #expect(try live(4, records: 1) == .restored(previous: JournalEpoch(rawValue: 3)))
        // Where an opening was killed after many numbers.
        let (long, _) = try JournalUnderTest.open(path, epoch: JournalEpoch(rawValue: 5))
        _ = try long.append([JournalUnderTest.record(1)])
        unlink(directory.file("copy"))
        try JournalUnderTest.sql(path, "VACUUM INTO '\(directory.file("copy"))'")
        _ = try long.append((0..<Int(JournalMark.interval)).map { JournalUnderTest.record($0) })
        withExtendedLifetime(long) {}
        let killed = ScratchFolder(inMemory: true)
        try Files.write(killed.file("journal.db"), try Files.read(directory.file("copy")))
        try Files.write(killed.file("journal.db.mark"), try Files.read(path + ".mark"))
        let (_, report) = try JournalUnderTest.open(killed.file("journal.db"), epoch: JournalEpoch(rawValue: 6))
        #expect(report == .restored(previous: JournalEpoch(rawValue: 4)))
    }

    /// A copy of everything, mark included: only the receiver can tell.
    @Test("A receiver proves an older copy") func aReceiverProvesAnOlderCopy() throws {
        _ = try live(1, records: 5)
        let (journal, report) = try JournalUnderTest.open(path, epoch: JournalEpoch(rawValue: 2))
        #expect(report == .continued)
        let outbox = try JournalUnderTest.outbox(journal)
        outbox.acknowledge(through: 3)
        outbox.receiverHolds(through: 5)
        _ = try journal.append([JournalUnderTest.record(6)])
        #expect(outbox.epoch == JournalEpoch(rawValue: 1), "the receiver has what was sent, no more")
        outbox.receiverHolds(through: 9)
        let range = try journal.append([JournalUnderTest.record(7)])
        #expect(range == 8...8)
        #expect(outbox.epoch == JournalEpoch(rawValue: 2))
        #expect(
            (5...8).map { outbox.epoch(of: $0).rawValue } == [1, 2, 2, 2],
            "what this opening has numbered and nobody acknowledged is of the new epoch")
        outbox.receiverHolds(through: 99)
        _ = try journal.append([JournalUnderTest.record(8)])
        #expect(try JournalUnderTest.sql(path, "SELECT count(*) FROM epoch") == ["2"])
    }

    /// A destination that is named late, or again, learns which numbers it will not get.
    @Test("A late destination is told what is gone") func aLateDestinationIsToldWhatIsGone() throws {
        let small = Journal.minimumBudgetBytes
        let (journal, _) = try JournalUnderTest.open(path, budget: small, destinations: [])
        for start in stride(from: 0, to: 1200, by: 20) {
            _ = try journal.append((start..<start + 20).map { JournalUnderTest.record($0, textLength: 1_000) })
        }
        try journal.close()
        let oldest = try #require(JournalUnderTest.kept(path).first?.sequence)
        #expect(oldest > 1)
        let (again, _) = try JournalUnderTest.open(path, budget: 64 << 20, destinations: ["late"])
        let outbox = try JournalUnderTest.outbox(again, "late")
        #expect(outbox.acknowledgedThrough == oldest - 1)
        _ = try again.append([JournalUnderTest.record(1)])
        let told = try JournalUnderTest.readAll(outbox).filter { $0.record.replaces == [1...oldest - 1] }
        #expect(told.count == 1)
        _ = try again.append([JournalUnderTest.record(1)])
        try again.close()
        let (third, _) = try JournalUnderTest.open(path, budget: 64 << 20, destinations: ["late"])
        _ = try third.append([JournalUnderTest.record(1)])
        #expect(third.lastSequence == 1204, "said once")
    }

    /// The tables that version 1 of the format had, with what it would have had in them.
    @Test("Version one is brought up to date") func versionOneIsBroughtUpToDate() throws {
        let (journal, _) = try JournalUnderTest.open(path, destinations: ["mqtt", "idle"])
        _ = try journal.append((1...20).map { JournalUnderTest.record($0) }, totals: ["gate": 7])
        try JournalUnderTest.outbox(journal, "mqtt").acknowledge(through: 9)
        try journal.close()
        for statement in [
            "DELETE FROM record WHERE sequence <= 4", "DROP TABLE epoch", "DROP TABLE counter",
            "CREATE TABLE identity (id INTEGER PRIMARY KEY CHECK (id = 1), epoch TEXT NOT NULL) STRICT",
            "CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID",
            "INSERT INTO identity VALUES (1, '00000000000000aa')",
            "INSERT INTO counter VALUES ('last_sequence', 20), ('total:gate', 7), ('acknowledged:mqtt', 9), ('acknowledged:idle', 0)",
            "PRAGMA user_version = 1",
        ] { try JournalUnderTest.sql(path, statement) }
        unlink(path + ".mark")
        #expect(caught { () throws(JournalError) in try JournalInspection(path: path) }?.kind == .olderVersion)
        let (migrated, report) = try JournalUnderTest.open(path, destinations: ["mqtt", "idle"])
        #expect(report == .continued)
        #expect(migrated.epoch == JournalEpoch(rawValue: 0xAA))
        #expect(migrated.totals() == ["gate": 7])
        #expect(try JournalUnderTest.outbox(migrated, "mqtt").acknowledgedThrough == 9)
        #expect(try JournalUnderTest.outbox(migrated, "idle").acknowledgedThrough == 4)
        #expect(try migrated.append([JournalUnderTest.record(21)]) == 21...21, "no notice: both were named before")
        #expect(try JournalUnderTest.kept(path).map(\.sequence) == Array(5...21))
        try migrated.close()
        #expect(try JournalVerification(path: path).run().findings.isEmpty)
        #expect(try JournalUnderTest.sql(path, "PRAGMA user_version") == ["3"])
    }

    /// A file of format 2 has larger pages and keeps them. It can be looked at before a node has opened it.
    @Test("Version two is read and brought up to date") func versionTwoIsReadAndBroughtUpToDate() throws {
        let (journal, _) = try JournalUnderTest.open(path)
        _ = try journal.append((1...20).map { JournalUnderTest.record($0) }, totals: ["gate": 7])
        try journal.close()
        try Database(path: path, access: .readWrite).execute(
            "PRAGMA journal_mode = DELETE; PRAGMA page_size = 4096; VACUUM; PRAGMA journal_mode = WAL; PRAGMA user_version = 2", "test")
        #expect(try JournalInspection(path: path).stats().format == 2)
        #expect(try JournalUnderTest.kept(path).count == 20)
        let (updated, report) = try JournalUnderTest.open(path, budget: Journal.minimumBudgetBytes)
        #expect(report == .continued && updated.totals() == ["gate": 7])
        for index in 0..<400 { _ = try updated.append((0..<20).map { JournalUnderTest.record(index * 20 + $0, textLength: 200) }) }
        let stats = try JournalInspection(path: path).stats()
        #expect(stats.format == 3 && stats.databaseSize + stats.logSize <= 2 * Journal.minimumBudgetBytes)
        #expect(stats.databaseSize % 4096 == 0)
        try updated.close()
        #expect(try JournalUnderTest.sql(path, "PRAGMA page_size") == ["4096"])
        #expect(Files.size(path) <= Journal.minimumBudgetBytes)
        #expect(try JournalVerification(path: path).run().findings.isEmpty)
    }

    /// A fault at each operation of the migration leaves version 1 or version 2, whole.
    @Test("A migration that is cut off is done again") func aMigrationThatIsCutOffIsDoneAgain() throws {
        _ = try live(1, records: 5)
        for statement in [
            "DROP TABLE epoch", "DROP TABLE counter",
            "CREATE TABLE identity (id INTEGER PRIMARY KEY CHECK (id = 1), epoch TEXT NOT NULL) STRICT",
            "CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID",
            "INSERT INTO identity VALUES (1, '00000000000000aa')", "INSERT INTO counter VALUES ('last_sequence', 5)",
            "PRAGMA user_version = 1",
        ] { try JournalUnderTest.sql(path, statement) }
        let old = try Files.read(path)
        var operation = 0
        while true {
            let place = ScratchFolder(inMemory: true)
            let copy = place.file("journal.db")
            try Files.write(copy, old)
            let disk = FaultyDisk(below: place.path)
            disk.fail(.io, after: operation, lasting: true)
            _ = caught { () throws(JournalError) in try JournalUnderTest.open(copy) }
            let died = disk.counts.faults > 0
            disk.heal()
            let (journal, report) = try JournalUnderTest.open(copy)
            #expect(report == .continued, "fault at \(operation)")
            #expect(journal.lastSequence == 5 && journal.epoch == JournalEpoch(rawValue: 0xAA), "fault at \(operation)")
            if !died { break }
            operation += 1
        }
        #expect(operation > 10, "\(operation) operations")
    }
}

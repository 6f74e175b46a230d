import SensorCore
import TestSupport
import Testing

@testable import StoreForward

@Suite struct JournalTests {
    let directory: ScratchFolder
    var path: String { directory.file("journal.db") }

    init() throws { directory = ScratchFolder(inMemory: true) }

    @Test("Begins and continues") func beginsAndContinues() throws {
        let (journal, report) = try JournalUnderTest.open(path)
        #expect(report == .begun)
        #expect(journal.epoch == JournalUnderTest.epoch)
        let outbox = try JournalUnderTest.outbox(journal)
        #expect(outbox.lastSequence == 0)
        #expect(outbox.acknowledgedThrough == 0)
        #expect(try outbox.records(after: 0, limit: 10).isEmpty)
        let records = (1...3).map { JournalUnderTest.record($0) }
        #expect(try journal.append(records, totals: ["gate": 17]) == 1...3)
        #expect(journal.backlog == 3)
        try journal.close()
        #expect(
            directory.names == ["journal.db", "journal.db.lock", "journal.db.mark", "journal.db.readers"], "the log is folded in and gone")

        let (again, second) = try JournalUnderTest.open(path, epoch: JournalEpoch(rawValue: 1))
        #expect(second == .continued)
        #expect(again.epoch == JournalUnderTest.epoch, "an epoch lasts as long as its file")
        #expect(again.totals() == ["gate": 17])
        let kept = try JournalUnderTest.outbox(again).records(after: 0, limit: 10)
        #expect(kept.map(\.sequence) == [1, 2, 3])
        #expect(kept.map(\.record) == records)
        #expect(try again.append([JournalUnderTest.record(4)]) == 4...4)
    }

    @Test("Reads in steps and never beyond") func readsInStepsAndNeverBeyond() throws {
        let (journal, _) = try JournalUnderTest.open(path)
        _ = try journal.append((1...25).map { JournalUnderTest.record($0) })
        let outbox = try JournalUnderTest.outbox(journal)
        #expect(try outbox.records(after: 0, limit: 10).map(\.sequence) == Array(1...10))
        #expect(try outbox.records(after: 20, limit: 10).map(\.sequence) == Array(21...25))
        #expect(try outbox.records(after: 25, limit: 10).isEmpty)
        #expect(try outbox.records(after: .max, limit: 10).isEmpty)
        #expect(try outbox.records(after: 0, limit: 0).isEmpty)
    }

    @Test("Acknowledgements survive close but only wait for the next commit") func acknowledgementsSurviveCloseButOnlyWaitForTheNextCommit()
        throws
    {
        // Dropped without `close`, as a kill would: sent again.
        try withJournal { journal, outbox in
            _ = try journal.append((1...9).map { JournalUnderTest.record($0) })
            outbox.acknowledge(through: 4)
            #expect(outbox.acknowledgedThrough == 4, "known at once")
            #expect(journal.backlog == 5)
        }
        try withJournal { journal, outbox in
            #expect(outbox.acknowledgedThrough == 0)
            outbox.acknowledge(through: 5)
            _ = try journal.append([JournalUnderTest.record(10)])
        }
        try withJournal { journal, outbox in
            #expect(outbox.acknowledgedThrough == 5, "committed with the append")
            outbox.acknowledge(through: 7)
            try journal.close()
        }
        try withJournal { _, outbox in #expect(outbox.acknowledgedThrough == 7, "committed by close") }
    }

    @Test("Cursors neither fall nor run ahead") func cursorsNeitherFallNorRunAhead() throws {
        let (journal, _) = try JournalUnderTest.open(path)
        _ = try journal.append((1...5).map { JournalUnderTest.record($0) })
        let outbox = try JournalUnderTest.outbox(journal)
        outbox.acknowledge(through: 3)
        outbox.acknowledge(through: 2)
        #expect(outbox.acknowledgedThrough == 3)
        outbox.acknowledge(through: 99)
        #expect(outbox.acknowledgedThrough == 5, "what was never sent cannot have arrived")
    }

    @Test("Destinations have cursors of their own") func destinationsHaveCursorsOfTheirOwn() throws {
        var (journal, _) = try JournalUnderTest.open(path, destinations: ["city", "school"])
        _ = try journal.append((1...10).map { JournalUnderTest.record($0) })
        try JournalUnderTest.outbox(journal, "city").acknowledge(through: 8)
        #expect(journal.backlog == 10, "the slowest counts")
        try JournalUnderTest.outbox(journal, "school").acknowledge(through: 3)
        #expect(journal.backlog == 7)
        #expect(journal.outbox(for: "unheard of") == nil)
        try journal.close()

        (journal, _) = try JournalUnderTest.open(path, destinations: ["city", "museum"])
        #expect(try JournalUnderTest.outbox(journal, "city").acknowledgedThrough == 8)
        #expect(try JournalUnderTest.outbox(journal, "museum").acknowledgedThrough == 0)
        try JournalUnderTest.outbox(journal, "museum").acknowledge(through: 10)
        #expect(journal.backlog == 2)
        try journal.close()

        (journal, _) = try JournalUnderTest.open(path, destinations: ["school"])
        #expect(try JournalUnderTest.outbox(journal, "school").acknowledgedThrough == 3, "kept while it was not named")
    }

    @Test("Totals never fall") func totalsNeverFall() throws {
        let (journal, _) = try JournalUnderTest.open(path)
        _ = try journal.append([JournalUnderTest.record(1)], totals: ["gate": 5, "path": 0])
        _ = try journal.append([JournalUnderTest.record(2)], totals: ["gate": 3])
        _ = try journal.append([JournalUnderTest.record(3)], totals: ["\0": .max])
        #expect(journal.totals() == ["gate": 5, "path": 0, "\0": .max])
    }

    @Test("Is closed once") func isClosedOnce() throws {
        let (journal, _) = try JournalUnderTest.open(path)
        let outbox = try JournalUnderTest.outbox(journal)
        _ = try journal.append([JournalUnderTest.record(1)])
        try journal.close()
        try journal.close()
        let refused = caught { () throws(JournalError) in try journal.append([JournalUnderTest.record(2)]) }
        #expect(refused?.kind == .closed)
        #expect(caught { () throws(OutboxError) in try outbox.records(after: 0, limit: 1) } != nil)
    }

    /// What `sqlite3 journal.db` shows to someone at the box.
    @Test("Can be read by people") func canBeReadByPeople() throws {
        let (journal, _) = try JournalUnderTest.open(path)
        _ = try journal.append([JournalUnderTest.record(1), JournalUnderTest.record(250)], totals: ["gate": 4])
        let rows = try JournalUnderTest.sql(path, "SELECT sequence, kind, boot, start_ns FROM journal")
        #expect(rows == ["1|notice|boot 0|1000000000", "2|notice|boot 2|250000000000"])
        let counters = try JournalUnderTest.sql(
            path, "SELECT * FROM counter WHERE name NOT IN ('opening', 'checksum')")
        #expect(counters == ["last_sequence|0|2", "named:mqtt|0|1", "total:gate|0|4"])
        #expect(try JournalUnderTest.sql(path, "SELECT * FROM epoch") == ["1|000000000000e0e1"])
        #expect(try JournalUnderTest.sql(path, "PRAGMA journal_mode") == ["wal"])
        #expect(try JournalUnderTest.sql(path, "PRAGMA auto_vacuum") == ["2"])
    }

    @Test("Refuses a budget that keeps nothing") func refusesABudgetThatKeepsNothing() {
        let error = caught { () throws(JournalError) in
            try JournalUnderTest.open(path, budget: Journal.minimumBudgetBytes - 1)
        }
        #expect(error?.kind == .budgetTooSmall)
        #expect(directory.names.isEmpty)
    }

    private func withJournal(_ use: (Journal, any RecordOutbox) throws -> Void) throws {
        let (journal, _) = try JournalUnderTest.open(path)
        try use(journal, try JournalUnderTest.outbox(journal))
    }
}

import Glibc
import SensorCore
import TestSupport
import Testing

@testable import StoreForward

/// A journal that an earlier program left (see `EarlierJournal`).
@Suite struct EarlierJournalTests {
    let directory: ScratchFolder
    var path: String { directory.file("journal.db") }

    init() throws {
        directory = ScratchFolder(inMemory: true)
        let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        try Files.write(path, try Files.read("/" + folder + "/Fixtures/journal-format-3.sqlite"))
        try Files.write(path + ".mark", Array("5d1f0c3a9be24471 - 21\n".utf8))
    }

    @Test("Is read as it was written") func isReadAsItWasWritten() throws {
        let kept = try JournalUnderTest.kept(path)
        #expect(kept.map(\.record) == EarlierJournal.records)
        #expect(kept.map(\.sequence) == Array(1...21))
        #expect(kept.allSatisfy { $0.record.verbatim == nil })
        #expect(try JournalVerification(path: path).run().findings.isEmpty)
    }

    @Test("Goes on as it is") func goesOnAsItIs() throws {
        let (journal, report) = try JournalUnderTest.open(path, destinations: [EarlierJournal.destination])
        #expect(report == .continued && journal.epoch == EarlierJournal.epoch)
        #expect(journal.totals() == EarlierJournal.totals)
        let outbox = try JournalUnderTest.outbox(journal, EarlierJournal.destination)
        #expect(
            try JournalUnderTest.readAll(outbox).map(\.record) == Array(EarlierJournal.records.dropFirst(Int(EarlierJournal.acknowledged))))
        #expect(try journal.append([JournalUnderTest.record(1)]) == 22...22)
        try journal.close()
        #expect(try JournalVerification(path: path).run().findings.isEmpty)
    }

    /// What a program of then would read again.
    @Test("Is written the same today") func isWrittenTheSameToday() throws {
        let (journal, _) = try JournalUnderTest.open(directory.file("today.db"), destinations: [EarlierJournal.destination])
        _ = try journal.append(EarlierJournal.records, totals: EarlierJournal.totals)
        try journal.close()
        for query in [
            "SELECT sequence, kind, boot, start_ns, end_ns, checksum, hex(body) FROM record", "SELECT sql FROM sqlite_schema ORDER BY name",
            "PRAGMA user_version", "PRAGMA application_id", "SELECT * FROM journal",
        ] {
            #expect(try JournalUnderTest.sql(directory.file("today.db"), query) == JournalUnderTest.sql(path, query), "\(query)")
        }
    }
}

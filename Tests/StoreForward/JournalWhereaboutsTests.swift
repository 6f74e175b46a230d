import Glibc
import SensorCore
import TestSupport
import Testing

@testable import StoreForward

/// Somebody takes the files of an open journal away. What it holds goes on under the path it had, and no number is given twice.
@Suite struct JournalWhereaboutsTests {
    let directory: ScratchFolder
    var path: String { directory.file("state/journal.db") }
    static let next = JournalEpoch(rawValue: 0x77)

    init() throws {
        directory = ScratchFolder(inMemory: true)
        mkdir(directory.file("state"), 0o700)
    }

    enum Removal: String, CaseIterable {
        case deleted, deletedWithLog, logDeleted, moved, replaced, replacedByJournal, folderMoved
    }

    private func take(_ removal: Removal) throws {
        switch removal {
        case .deleted: unlink(path)
        case .deletedWithLog: for suffix in ["", "-wal", ".mark", ".lock", ".readers"] { unlink(path + suffix) }
        case .logDeleted: unlink(path + "-wal")
        case .moved: rename(path, path + ".elsewhere")
        case .replaced:
            try Files.write(path + ".new", Array("somebody's notes\n".utf8))
            rename(path + ".new", path)
        case .replacedByJournal:
            let other = directory.file("other.db")
            let (journal, _) = try JournalUnderTest.open(other, epoch: JournalEpoch(rawValue: 0x55))
            _ = try journal.append((1...5).map { JournalUnderTest.record($0 + 1000) })
            try journal.close()
            rename(other, path)
        case .folderMoved:
            rename(directory.file("state"), directory.file("gone"))
            mkdir(directory.file("state"), 0o700)
        }
    }

    @Test("What an open journal holds outlives its files", arguments: Removal.allCases)
    func whatAnOpenJournalHolds(_ removal: Removal) throws {
        let (journal, _) = try JournalUnderTest.open(path)
        _ = try journal.append((1...100).map { JournalUnderTest.record($0) }, totals: ["gate": 100])
        try JournalUnderTest.outbox(journal).acknowledge(1...40)
        #expect(journal.isInPlace)
        try take(removal)
        #expect(!journal.isInPlace)
        // Nobody is let in by opening what is there now.
        let request = open(path + ".readers", O_RDONLY | O_CREAT | O_CLOEXEC, 0o640)
        defer { close(request) }
        flock(request, LOCK_SH)
        try journal.admitReaders()
        #expect(!journal.isShared)
        flock(request, LOCK_UN)

        // What came before anybody looked is in the open file only.
        _ = try journal.append([JournalUnderTest.record(101)], totals: ["gate": 101])
        let carried = try journal.rescue(under: Self.next)
        #expect(carried == CarriedOver(records: 101, lost: 0, leftBehind: 0))
        journal.abandon()
        let (again, report) = try Journal.open(
            path: path, budgetBytes: 64 * JournalUnderTest.mebibyte, epochIfNew: Self.next, destinations: ["mqtt"], rescued: carried)
        guard case .rescued(carried, let name) = report else {
            Issue.record("\(report)")
            return
        }
        // Of the deleted file its log may be left.
        let isAlone = removal == .deletedWithLog || removal == .folderMoved
        #expect(name == (isAlone ? nil : path + ".damaged-1"), "\(removal)")
        if removal == .replaced { #expect(try Files.read(path + ".damaged-1") == Array("somebody's notes\n".utf8)) }

        let given = try again.append([JournalUnderTest.record(102)], totals: ["gate": 102])
        #expect(given == 103...103, "102 is the notice: \(given)")
        let outbox = try JournalUnderTest.outbox(again)
        let all = try JournalUnderTest.readAll(outbox)
        #expect(all.map(\.sequence) == Array(41...103))
        #expect(all.dropLast(2).map(\.record) == (41...101).map { JournalUnderTest.record($0) })
        guard case .notice(let notice)? = all.dropLast().last?.record.body else {
            Issue.record("no notice")
            return
        }
        #expect(notice.kind == .journalRestored && notice.previousEpoch == JournalUnderTest.epoch)
        #expect(outbox.epoch(of: 101) == JournalUnderTest.epoch && outbox.epoch(of: 102) == Self.next)
        #expect(again.totals() == ["gate": 102])
        try again.close()
        #expect(try JournalVerification(path: path).run().findings.isEmpty)
        #expect(try JournalUnderTest.kept(path).map(\.sequence) == Array(1...103))
    }

    /// No folder to put it into: it goes on with the open files, and is put back when there is one.
    @Test("Without a folder the open files go on") func withoutAFolder() throws {
        let (journal, _) = try JournalUnderTest.open(path)
        _ = try journal.append((1...10).map { JournalUnderTest.record($0) })
        rename(directory.file("state"), directory.file("gone"))
        for _ in 0..<3 {
            let error = caught { () throws(JournalError) in try journal.rescue(under: Self.next) }
            #expect(error?.kind == .cannotOpen)
        }
        #expect(try journal.append([JournalUnderTest.record(11)]) == 11...11)
        #expect(try JournalUnderTest.readAll(JournalUnderTest.outbox(journal)).count == 11)
        mkdir(directory.file("state"), 0o700)
        #expect(try journal.rescue(under: Self.next).records == 11)
    }

    /// What a closing journal does to its files it does not do to another's.
    @Test("Closing touches nothing that took its place") func closingTouchesNothing() throws {
        let (journal, _) = try JournalUnderTest.open(path)
        _ = try journal.append((1...10).map { JournalUnderTest.record($0) })
        rename(path, path + ".elsewhere")
        for suffix in ["", "-wal", ".mark"] {
            unlink(path + suffix)
            try Files.write(path + suffix, Array("notes \(suffix)\n".utf8))
        }
        try journal.close()
        for suffix in ["", "-wal", ".mark"] { #expect(try Files.read(path + suffix) == Array("notes \(suffix)\n".utf8)) }
    }

    /// Root looks after a service's journal, in whose folder the service may have put anything.
    @Test("A lock that is a link or a pipe is refused, and one that root makes is the folder's owner's") func theLock() throws {
        let other = directory.file("precious")
        try Files.write(other, Array("precious".utf8))
        symlink(other, path + ".lock")
        #expect(caught { () throws(JournalError) in try JournalLock(journal: path) } != nil)
        #expect(try Files.read(other) == Array("precious".utf8))
        unlink(path + ".lock")
        link(other, path + ".lock")
        #expect(caught { () throws(JournalError) in try JournalLock(journal: path) } != nil)
        #expect(try Files.read(other) == Array("precious".utf8))
        unlink(path + ".lock")
        mkfifo(path + ".lock", 0o600)
        #expect(caught { () throws(JournalError) in try JournalLock(journal: path) } != nil)
        unlink(path + ".lock")
        guard geteuid() == 0 else { return }
        chown(directory.file("state"), 1234, 1235)
        _ = try JournalLock(journal: path)
        var status = stat()
        #expect(stat(path + ".lock", &status) == 0 && status.st_uid == 1234 && status.st_gid == 1235)
    }
}

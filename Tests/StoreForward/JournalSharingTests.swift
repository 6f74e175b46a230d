import Glibc
import SensorCore
import TestSupport
import Testing

@testable import StoreForward

/// A node has its file to itself, and lets in who asks.
@Suite(.startsProcesses) struct JournalSharingTests {
    let directory: ScratchFolder
    var path: String { directory.file("journal.db") }

    init() throws { directory = ScratchFolder(inMemory: true) }

    /// What `sqlite3` in another process makes of the file.
    private func looking(_ sql: String = "SELECT count(*) FROM record") throws -> (output: String, status: Int32?) {
        try PipedProgram.run(["/usr/bin/python3", "-c", Self.program, path, sql])
    }

    private static let program = """
        import sqlite3, sys
        try:
            print(sqlite3.connect(sys.argv[1], timeout=0).execute(sys.argv[2]).fetchone()[0], end="")
        except sqlite3.Error as error:
            print(error, end=""); sys.exit(1)
        """

    @Test("Others are kept out until they ask") func othersAreKeptOutUntilTheyAsk() throws {
        let (journal, _) = try JournalUnderTest.open(path)
        _ = try journal.append((1...5).map { JournalUnderTest.record($0) })
        #expect(!journal.isShared && Files.size(path + "-shm") == 0)
        try journal.admitReaders()
        #expect(try looking() == ("database is locked", 1))

        var request: ReadingRequest? = ReadingRequest(journal: path)
        try journal.admitReaders()
        #expect(journal.isShared)
        #expect(try looking() == ("5", 0))
        #expect(try journal.append([JournalUnderTest.record(6)]) == 6...6)
        #expect(try looking() == ("6", 0))
        #expect(try JournalUnderTest.readAll(JournalUnderTest.outbox(journal)).count == 6)

        request = nil
        #expect(request == nil)
        try journal.admitReaders()
        #expect(!journal.isShared)
        #expect(try looking().status == 1)
        #expect(try journal.append([JournalUnderTest.record(7)]) == 7...7)
        try journal.verifySome(100)
        #expect(journal.damage == nil)
        #expect(try JournalUnderTest.readAll(JournalUnderTest.outbox(journal)).count == 7)
        try journal.close()
        #expect(try looking() == ("7", 0))
        #expect(try JournalVerification(path: path).run().findings.isEmpty)
    }

    /// Who was in before the node, or stays without asking, is waited for: the journal works on meanwhile.
    @Test("A visitor that stays is no hindrance") func aVisitorThatStaysIsNoHindrance() throws {
        _ = try JournalUnderTest.open(path).0.append([JournalUnderTest.record(1)])
        let visitor = try PipedProgram([
            "/usr/bin/python3", "-c",
            "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT * FROM record').fetchall(); "
                + "print('in', flush=True); import time; time.sleep(600)", path,
        ])
        #expect(visitor.line() == "in")
        let (journal, report) = try JournalUnderTest.open(path)
        #expect(report == .continued && journal.isShared)
        for index in 2..<6 {
            try journal.admitReaders()
            #expect(journal.isShared)
            #expect(try journal.append([JournalUnderTest.record(index)]) == UInt64(index)...UInt64(index))
        }
        visitor.kill()
        for _ in 0..<100 where journal.isShared { try journal.admitReaders() }
        #expect(!journal.isShared)
        #expect(try JournalUnderTest.kept(path).count == 5)
    }

    /// The kernel lets go of a request whose process was killed.
    @Test("A killed visitor is not waited for") func aKilledVisitorIsNotWaitedFor() throws {
        let (journal, _) = try JournalUnderTest.open(path)
        _ = try journal.append([JournalUnderTest.record(1)])
        let visitor = try PipedProgram([
            "/usr/bin/python3", "-c",
            "import fcntl, sys, time; f = open(sys.argv[1] + '.readers'); fcntl.flock(f, fcntl.LOCK_SH); "
                + "print('asked', flush=True); time.sleep(600)", path,
        ])
        #expect(visitor.line() == "asked")
        try journal.admitReaders()
        #expect(journal.isShared)
        visitor.kill()
        try journal.admitReaders()
        #expect(!journal.isShared)
    }

    /// A destination reads, and a commit follows the other, while the file changes hands again and again.
    @Test("Changing hands loses nothing") func changingHandsLosesNothing() async throws {
        let (journal, _) = try JournalUnderTest.open(path)
        let outbox = try JournalUnderTest.outbox(journal)
        let (path, rounds) = (path, 200)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var last: UInt64 = 0
                while last < UInt64(rounds) {
                    let some = try outbox.records(after: last, limit: 7)
                    #expect(some.map(\.sequence) == (0..<UInt64(some.count)).map { last + 1 + $0 })
                    last += UInt64(some.count)
                    if some.isEmpty { sched_yield() }
                }
            }
            group.addTask {
                for index in 1...rounds {
                    let request = index % 2 == 0 ? ReadingRequest(journal: path) : nil
                    try journal.admitReaders()
                    #expect(journal.isShared == (request != nil))
                    #expect(try journal.append([JournalUnderTest.record(index)]) == UInt64(index)...UInt64(index))
                }
            }
            try await group.waitForAll()
        }
        try journal.close()
        #expect(try JournalUnderTest.kept(path).map(\.sequence) == (1...UInt64(rounds)).map { $0 })
    }

    /// A file that cannot be opened again costs the commits until it can, and no record.
    @Test("A file that does not open again is tried again") func aFileThatDoesNotOpenAgainIsTriedAgain() throws {
        let disk = FaultyDisk(below: directory.path)
        let (journal, _) = try JournalUnderTest.open(path)
        let outbox = try JournalUnderTest.outbox(journal)
        _ = try journal.append([JournalUnderTest.record(1)])
        let request = ReadingRequest(journal: path)
        disk.fail(.io, lasting: true)
        #expect(caught { () throws(JournalError) in try journal.admitReaders() } != nil)
        #expect(caught { () throws(JournalError) in try journal.append([JournalUnderTest.record(2)]) } != nil)
        #expect(caught { () throws(OutboxError) in try outbox.records(after: 0, limit: 9) } != nil)
        disk.heal()
        #expect(try journal.append([JournalUnderTest.record(2)]) == 2...2)
        #expect(try outbox.records(after: 0, limit: 9).count == 2)
        #expect(journal.isShared && request != nil)
        try journal.close()
    }

    /// Not the node, and no request helps: who it is.
    @Test("A foreign holder is named") func aForeignHolderIsNamed() throws {
        try JournalUnderTest.open(path).0.close()
        let other = try PipedProgram([
            "/usr/bin/python3", "-c",
            "import sqlite3, sys, os, time; c = sqlite3.connect(sys.argv[1], isolation_level=None); "
                + "c.execute('PRAGMA locking_mode=EXCLUSIVE'); c.execute('BEGIN EXCLUSIVE'); print(os.getpid(), flush=True); time.sleep(600)",
            path,
        ])
        let id = try #require(other.line())
        let error = caught { () throws(JournalError) in try JournalInspection(path: path) }
        #expect(error?.kind == .notAdmitted)
        #expect(error?.detail.description == "process \(id) has it locked, and is no node", "\(String(describing: error))")
        other.kill()
    }
}

import Glibc
import SensorCore
import TestSupport
import Testing

@testable import StoreForward

/// With real processes: killed ones, and two at once.
@Suite(.startsProcesses) struct JournalProcessTests {
    let directory: ScratchFolder
    var path: String { directory.file("journal.db") }

    init() throws { directory = ScratchFolder(inMemory: true) }

    /// SIGKILL at a random moment, again and again on the same journal.
    @Test("A killed writer loses nothing it reported", arguments: [7 as UInt64]) func aKilledWriterLosesNothingItReported(
        seed: UInt64
    ) throws {
        var random = SeededRandom(seed: seed)
        var reported: UInt64 = 0
        for round in 0..<25 {
            let child = try PipedProgram([try builtProgram("JournalExerciser"), "append", path])
            for _ in 0..<Int.random(in: 1...60, using: &random) {
                let line = try #require(child.line())
                reported = try #require(UInt64(line), "seed \(seed), round \(round): \(line)")
            }
            child.kill()
            // What it wrote into the pipe before it died counts as well.
            while let line = child.line() { reported = UInt64(line) ?? reported }
            let (journal, report) = try JournalUnderTest.open(path, budget: 2 << 20)
            #expect(report == .continued)
            let outbox = try JournalUnderTest.outbox(journal)
            #expect(outbox.lastSequence >= reported, "seed \(seed), round \(round)")
            #expect(journal.totals() == ["gate": outbox.lastSequence], "the total is of the same commit")
            let all = try JournalUnderTest.kept(path)
            let first = try #require(all.first?.sequence)
            #expect(all.map(\.sequence) == Array(first...outbox.lastSequence))
            for record in all {
                guard case .notice(let notice) = record.record.body else {
                    Issue.record("\(record)")
                    continue
                }
                #expect(notice.count == record.sequence)
            }
            try journal.close()
        }
    }

    @Test("Two processes are refused") func twoProcessesAreRefused() throws {
        let (journal, _) = try JournalUnderTest.open(path)
        let (output, status) = try PipedProgram.run([try builtProgram("JournalExerciser"), "open", path])
        #expect(status == 1)
        #expect(output.hasPrefix("locked: "), "\(output)")
        #expect(output.contains(path), "\(output)")
        try journal.close()
        #expect(try PipedProgram.run([try builtProgram("JournalExerciser"), "open", path]).status == 0)
    }

    /// Also within one process, and it says which one it is.
    @Test("Two journals are refused") func twoJournalsAreRefused() throws {
        let (journal, _) = try JournalUnderTest.open(path)
        let error = caught { () throws(JournalError) in try JournalUnderTest.open(path) }
        #expect(error?.kind == .locked)
        #expect(error?.description.contains("process \(getpid())") ?? false, "\(String(describing: error))")
        try journal.close()
        #expect(caught { () throws(JournalError) in try JournalUnderTest.open(path) } == nil)
    }

    /// Someone looks into the running node's journal with `sqlite3`, and even writes.
    @Test("Another programs write lock is named") func anotherProgramsWriteLockIsNamed() throws {
        let (journal, _) = try JournalUnderTest.open(path)
        let other = try Database(path: path, access: .readWrite)
        try other.execute("BEGIN IMMEDIATE", "test")
        let error = caught { () throws(JournalError) in try journal.append([JournalUnderTest.record(1)]) }
        #expect(error?.kind == .locked)
        try other.execute("COMMIT", "test")
        #expect(try journal.append([JournalUnderTest.record(1)]) == 1...1)
    }
}

import Glibc
import SensorCore
import TestSupport
import Testing

@testable import StoreForward

/// What goes on from a damaged journal; `JournalCorruptionTests` has the damages themselves, `JournalModelTests` many in a row.
@Suite struct JournalSalvageTests {
    let directory: ScratchFolder
    var path: String { directory.file("journal.db") }
    static let damage = JournalError(kind: .corrupt, operation: "read", detail: "told by a reader")
    static let next = JournalEpoch(rawValue: 0x77)

    init() throws { directory = ScratchFolder(inMemory: true) }

    private func fill(_ count: Int, destinations: [String] = ["mqtt"]) throws -> Journal {
        let (journal, _) = try JournalUnderTest.open(path, destinations: destinations)
        for start in stride(from: 1, through: count, by: 20) {
            _ = try journal.append((start..<start + 20).map { JournalUnderTest.record($0) }, totals: ["gate": UInt64(start)])
        }
        return journal
    }

    private func spoil(_ number: Int) throws {
        try JournalUnderTest.sql(path, "UPDATE record SET body = zeroblob(9) WHERE sequence = \(number)")
    }

    private func reopen(_ destinations: [String] = ["mqtt"]) throws -> (Journal, CarriedOver?) {
        let (journal, report) = try JournalUnderTest.open(path, epoch: Self.next, destinations: destinations, knownDamage: Self.damage)
        guard case .setAside(_, _, let carriedOver) = report else {
            Issue.record("\(report)")
            return (journal, nil)
        }
        return (journal, carriedOver)
    }

    private func notices(_ records: [JournalledRecord]) -> [Notice.Kind] {
        records.compactMap { if case .notice(let notice) = $0.record.body { notice.kind } else { nil } }
    }

    @Test("What is acknowledged stays so") func whatIsAcknowledgedStaysSo() throws {
        let journal = try fill(300, destinations: ["city", "school"])
        try JournalUnderTest.outbox(journal, "city").acknowledge(1...200)
        try JournalUnderTest.outbox(journal, "school").acknowledge(1...50)
        try JournalUnderTest.outbox(journal, "school").acknowledge(101...120)
        try journal.close()
        try spoil(30)
        try spoil(80)
        try spoil(250)
        let (again, carriedOver) = try reopen(["city", "school"])
        // 30 everybody had, 80 one had, 250 nobody.
        #expect(carriedOver == CarriedOver(records: 297, lost: 2, leftBehind: 1))
        #expect(try JournalUnderTest.readAll(JournalUnderTest.outbox(again, "city")).map(\.sequence) == Array(201...249) + Array(251...300))
        #expect(try JournalUnderTest.outbox(again, "city").settled.ranges == [1...200, 250...250])
        #expect(try JournalUnderTest.outbox(again, "school").settled.ranges == [1...50, 80...80, 101...120, 250...250])
        #expect(again.totals() == ["gate": 281])
        #expect(try JournalVerification(path: path).run().findings.isEmpty)
    }

    /// A node that sends nowhere: everything kept is what is owed.
    @Test("A journal without destinations goes on whole") func aJournalWithoutDestinationsGoesOnWhole() throws {
        try fill(100, destinations: []).close()
        try spoil(7)
        let (again, carriedOver) = try reopen([])
        #expect(carriedOver == CarriedOver(records: 99, lost: 1, leftBehind: 0))
        _ = try again.append([JournalUnderTest.record(1)])
        let kept = try JournalUnderTest.kept(path)
        #expect(kept.map(\.sequence) == Array(1...6) + Array(8...103))
        #expect(kept.dropFirst(99).map(\.record.replaces) == [[], [7...7], []])
    }

    /// The notices come with the first append, whenever that is, once.
    @Test("What is lost is said also after another start") func whatIsLostIsSaidAlsoAfterAnotherStart() throws {
        try fill(100).close()
        try spoil(7)
        try reopen().0.close()
        let (again, report) = try JournalUnderTest.open(path, epoch: JournalEpoch(rawValue: 0x99))
        #expect(report == .continued && again.epoch == Self.next)
        _ = try again.append([JournalUnderTest.record(1)])
        _ = try again.append([JournalUnderTest.record(2)])
        let added = try JournalUnderTest.readAll(JournalUnderTest.outbox(again)).filter { $0.sequence > 100 }
        #expect(notices(added) == [.journalRestored, .recordsDropped, .recordsLost, .recordsLost])
        #expect(added[1].record.replaces == [7...7])
    }

    /// Damage again before anything was said of the first.
    @Test("Two damages are both said") func twoDamagesAreBothSaid() throws {
        try fill(100).close()
        try spoil(7)
        try reopen().0.close()
        try spoil(9)
        let (again, carriedOver) = try reopen()
        #expect(carriedOver == CarriedOver(records: 98, lost: 1, leftBehind: 0))
        _ = try again.append([JournalUnderTest.record(1)])
        let added = try JournalUnderTest.readAll(JournalUnderTest.outbox(again)).filter { $0.sequence > 100 }
        #expect(added.first { $0.sequence == 102 }?.record.replaces == [7...7, 9...9])
        #expect(directory.names.filter { $0.contains("damaged") && !$0.hasSuffix("-wal") }.count == 2)
    }

    /// The log holds what the database does not have yet; the file is set aside as it was.
    @Test("Records in the log go on") func recordsInTheLogGoOn() throws {
        let journal = try fill(100)
        let wal = try Files.read(path + "-wal")
        let database = try Files.read(path)
        let place = ScratchFolder(inMemory: true)
        let copy = place.file("journal.db")
        try Files.write(copy, database)
        try Files.write(copy + "-wal", wal)
        _ = journal
        let (again, report) = try JournalUnderTest.open(copy, epoch: Self.next, knownDamage: Self.damage)
        #expect(
            report
                == .setAside(name: copy + ".damaged-1", damage: Self.damage, carriedOver: CarriedOver(records: 100, lost: 0, leftBehind: 0))
        )
        #expect(try Files.read(copy + ".damaged-1") == database)
        #expect(try Files.read(copy + ".damaged-1-wal") == wal)
        #expect(try JournalUnderTest.readAll(JournalUnderTest.outbox(again)).count == 100)
    }

    /// The power goes at each step of the replacement: the next start goes on from there.
    @Test("Power cut", arguments: ["half written", "whole", "database renamed", "all renamed"]) func powerCut(after step: String) throws {
        try fill(100).close()
        try spoil(7)
        let files = JournalFiles(path: path)
        let name = files.beginReplacement()
        if step == "half written" {
            try Files.write(name, Array(try Files.read(path).prefix(3 * 2048)))
        } else {
            let lock = try JournalLock(journal: path)
            _ = try JournalSalvage(path: path, destinations: ["mqtt"], lock: lock).write(
                into: files, epoch: Self.next, budget: JournalBudget(bytes: 1 << 24), stillBusy: {})
            if step == "database renamed" {
                rename(path, path + ".damaged-1")
                try Files.write(path + "-wal", [1, 2, 3])
            }
            if step == "all renamed" { _ = try files.setAside() }
        }
        let isDone = step.hasSuffix("renamed")
        let (again, report) = try JournalUnderTest.open(path, epoch: Self.next, knownDamage: isDone ? nil : Self.damage)
        #expect((report == .continued) == isDone, "\(report)")
        _ = try again.append([JournalUnderTest.record(1)])
        let all = try JournalUnderTest.readAll(JournalUnderTest.outbox(again))
        #expect(all.map(\.sequence) == Array(1...6) + Array(8...103))
        #expect(notices(Array(all.suffix(3))) == [.journalRestored, .recordsDropped, .recordsLost])
        #expect(!directory.names.contains { $0.contains(".sound") })
    }

    /// No room for a second file: the backlog stays in the one set aside, and the node goes on.
    @Test("Without room all begins anew") func withoutRoomAllBeginsAnew() throws {
        try fill(300).close()
        try spoil(7)
        let disk = FaultyDisk(below: directory.path)
        disk.fail(.full, after: 40, lasting: false)
        let (again, report) = try JournalUnderTest.open(path, epoch: Self.next, knownDamage: Self.damage)
        #expect(disk.counts.faults == 1)
        guard case .setAside(path + ".damaged-1", let damage, nil) = report else {
            Issue.record("\(report)")
            return
        }
        #expect(
            damage.detail.description.contains("nothing could be carried over") && damage.detail.description.contains("No space"),
            "\(damage)")
        #expect(try again.append([JournalUnderTest.record(1)]) == 1...1)
        #expect(!directory.names.contains { $0.contains(".sound") })
    }
}

import SensorCore
import TestSupport
import Testing

@testable import StoreForward

/// A fault at every single operation on the disk.
@Suite struct JournalFaultTests {
    let directory: ScratchFolder
    let disk: FaultyDisk
    var path: String { directory.file("journal.db") }

    init() throws {
        directory = ScratchFolder(inMemory: true)
        disk = FaultyDisk(below: directory.path)
    }

    /// Wear: one commit, one sync, whatever it carries. Copying the log costs two more, once per 4 MiB.
    @Test("An append costs one sync") func anAppendCostsOneSync() throws {
        let (journal, _) = try JournalUnderTest.open(path)
        let outbox = try JournalUnderTest.outbox(journal)
        _ = try journal.append([JournalUnderTest.record(1)], totals: ["gate": 0])
        for index in 1..<20 {
            let before = disk.counts.syncs
            outbox.acknowledge(through: UInt64(index))
            _ = try journal.append((0..<12).map { JournalUnderTest.record($0) }, totals: ["gate": UInt64(index)])
            #expect(disk.counts.syncs == before + 1)
        }
    }

    /// The fault passes; what failed was not half done, the same call then succeeds, and no number is lost.
    @Test("Every passing fault is healed", arguments: [FaultyDisk.Fault.full, .readOnly, .io], [false, true])
    func everyPassingFaultIsHealed(
        fault: FaultyDisk.Fault, isNew: Bool
    ) throws {
        let life = try ShortLife(isNew: isNew)
        var seenKinds: Set<JournalError.Kind> = []
        var operation = 0
        while true {
            let place = try life.place()
            let disk = FaultyDisk(below: place.path)
            disk.fail(fault, after: operation, lasting: false)
            let failures = try life.runStubbornly(in: place)
            let failed = disk.counts.faults > 0
            disk.heal()
            // The medium holds an intact journal: no passing fault may look like damage.
            seenKinds.formUnion(failures.map(\.kind))
            #expect(failures.count <= 1, "\(fault) at \(operation): \(failures)")
            try life.compare(in: place, to: life.all, "\(fault) at \(operation)")
            if !failed { break }
            // In the life of a file that is there already each commit is like the one before.
            operation += isNew ? 1 : 2
        }
        #expect(operation > 60, "\(operation) operations: the life must touch the disk often, or it shows little")
        switch fault {
        case .full: #expect(seenKinds == [.full])
        case .readOnly: #expect(seenKinds == [.readOnly])
        case .io: #expect(seenKinds.isSubset(of: [.io, .cannotOpen]))
        }
    }

    /// The program dies at that operation, half of it done. What an append returned for is there afterwards.
    @Test("Every death leaves whole commits", arguments: [false, true]) func everyDeathLeavesWholeCommits(isNew: Bool) throws {
        let life = try ShortLife(isNew: isNew)
        var operation = 0
        while true {
            let place = try life.place()
            let disk = FaultyDisk(below: place.path)
            disk.fail(.io, after: operation, lasting: true)
            let appended = life.runUntilDeath(in: place)
            let died = disk.counts.faults > 0
            disk.heal()
            let left = try life.recordsLeft(in: place)
            #expect(
                left == appended || left == appended + ShortLife.batchSize,
                "death at \(operation): \(left) records of \(appended)")
            try life.compare(in: place, to: Array(life.all.prefix(left)), "death at \(operation)")
            if !died { break }
            operation += 1
        }
        #expect(operation > 60, "\(operation) operations")
    }

    /// While the medium is full, reading goes on and nothing is numbered.
    @Test("A full medium stops appends only") func aFullMediumStopsAppendsOnly() throws {
        let (journal, _) = try JournalUnderTest.open(path)
        let outbox = try JournalUnderTest.outbox(journal)
        _ = try journal.append((1...5).map { JournalUnderTest.record($0) }, totals: ["gate": 1])
        disk.fail(.full, lasting: true)
        for _ in 0..<3 {
            let error = caught { () throws(JournalError) in
                try journal.append([JournalUnderTest.record(6)], totals: ["gate": 2])
            }
            #expect(error?.kind == .full)
            #expect(error?.description.contains(path) ?? false, "\(String(describing: error))")
            #expect(error?.description.contains("Free space") ?? false)
        }
        #expect(try JournalUnderTest.readAll(outbox).count == 5)
        #expect(journal.totals() == ["gate": 1])
        #expect(journal.damage == nil)
        disk.heal()
        #expect(try journal.append([JournalUnderTest.record(6)], totals: ["gate": 2]) == 6...6)
        #expect(journal.totals() == ["gate": 2])
    }

    @Test("A medium that turns read only is named") func aMediumThatTurnsReadOnlyIsNamed() throws {
        let (journal, _) = try JournalUnderTest.open(path)
        disk.fail(.readOnly, lasting: true)
        let error = caught { () throws(JournalError) in try journal.append([JournalUnderTest.record(1)]) }
        #expect(error?.kind == .readOnly)
        disk.heal()
        #expect(try journal.append([JournalUnderTest.record(1)]) == 1...1)
    }

    @Test("A set aside is said also when the new journal finds no space") func aSetAsideIsSaidAlsoWhenTheNewJournalFindsNoSpace() throws {
        try Files.write(path, [UInt8](repeating: 0, count: 4096))
        disk.fail(.full, lasting: true)
        let error = caught { () throws(JournalError) in try JournalUnderTest.open(path) }
        #expect(error?.kind == .full && error?.setAside == "\(path).damaged-1")
        #expect(error?.description.contains("set aside as \(path).damaged-1") ?? false, "\(String(describing: error))")
        disk.heal()
        #expect(try JournalUnderTest.open(path).1 == .begun)
    }

    /// Most faults make SQLite roll back by itself; this one (a value too large, by a trigger) does not.
    @Test("A refused statement leaves no transaction open") func aRefusedStatementLeavesNoTransactionOpen() throws {
        let (journal, _) = try JournalUnderTest.open(path)
        try JournalUnderTest.sql(
            path,
            """
            CREATE TRIGGER refuse BEFORE INSERT ON counter WHEN new.name = 'total:gate' AND new.value = 13 \
            BEGIN INSERT INTO boot SELECT 99, zeroblob(2000000000); END
            """)
        let error = caught { () throws(JournalError) in
            try journal.append([JournalUnderTest.record(1)], totals: ["gate": 13])
        }
        #expect(error?.kind == .unexpected, "\(String(describing: error))")
        #expect(try journal.append([JournalUnderTest.record(1)], totals: ["gate": 14]) == 1...1)
    }

    @Test("A failing read is not damage") func aFailingReadIsNotDamage() throws {
        let (journal, _) = try JournalUnderTest.open(path)
        _ = try journal.append((1...200).map { JournalUnderTest.record($0, textLength: 5_000) })
        let outbox = try JournalUnderTest.outbox(journal)
        disk.fail(.io, lasting: true)
        #expect(caught { () throws(OutboxError) in try outbox.records(after: 0, limit: 200) } != nil)
        #expect(journal.damage == nil)
        disk.heal()
        #expect(try JournalUnderTest.readAll(outbox).count == 200)
    }
}

import SensorCore
import TestSupport
import Testing

@testable import StoreForward

/// Two lanes, each ascending, over one journal.
@Suite struct OutboxTests {
    let directory: ScratchFolder
    var path: String { directory.file("journal.db") }

    init() throws { directory = ScratchFolder(inMemory: true) }

    @Test("A lane ahead leaves the backlog owed") func aLaneAheadLeavesTheBacklogOwed() throws {
        let (journal, _) = try JournalUnderTest.open(path)
        let outbox = try JournalUnderTest.outbox(journal)
        _ = try journal.append((1...50).map { JournalUnderTest.record($0) })
        outbox.acknowledge(41...50)
        outbox.acknowledge(1...10)
        #expect(outbox.settled.ranges == [1...10, 41...50])
        #expect(outbox.acknowledgedThrough == 10 && outbox.lastOwed == 40 && journal.backlog == 30)
        #expect(try outbox.records(after: 0, through: 50, limit: 3).map(\.sequence) == [11, 12, 13])
        #expect(try outbox.records(after: 39, through: 50, limit: 3).map(\.sequence) == [40])
        #expect(try outbox.records(after: 12, through: 14, limit: 9).map(\.sequence) == [13, 14])
        outbox.acknowledge(11...40)
        #expect(outbox.settled.ranges == [1...50] && outbox.lastOwed == 0)
    }

    @Test("Ranges are kept across lives") func rangesAreKeptAcrossLives() throws {
        do {
            let (journal, _) = try JournalUnderTest.open(path)
            _ = try journal.append((1...50).map { JournalUnderTest.record($0) })
            try JournalUnderTest.outbox(journal).acknowledge(20...29)
            try JournalUnderTest.outbox(journal).acknowledge(40...44)
            _ = try journal.append([JournalUnderTest.record(51)])
            try JournalUnderTest.outbox(journal).acknowledge(30...39)
        }
        let (journal, _) = try JournalUnderTest.open(path)
        let outbox = try JournalUnderTest.outbox(journal)
        #expect(outbox.settled.ranges == [20...29, 40...44], "the last acknowledgement had no commit")
        outbox.acknowledge(30...39)
        try journal.close()
        let (again, _) = try JournalUnderTest.open(path)
        #expect(try JournalUnderTest.outbox(again).settled.ranges == [20...44])
    }

    /// The set is bounded: a range there is no room for is owed still, and the lanes' own go on.
    @Test("A full set takes no new range") func aFullSetTakesNoNewRange() throws {
        let (journal, _) = try JournalUnderTest.open(path)
        let outbox = try JournalUnderTest.outbox(journal)
        _ = try journal.append((1...200).map { JournalUnderTest.record($0) })
        #expect(outbox.hasRoomForLane)
        (outbox as? DestinationOutbox)?.limitRanges(to: 64)
        for index in 0..<64 as Range<UInt64> { outbox.acknowledge(index * 2 + 2...index * 2 + 2) }
        #expect(outbox.settled.count == 64 && !outbox.hasRoomForLane)
        outbox.acknowledge(180...190)
        #expect(!outbox.settled.contains(180))
        outbox.acknowledge(129...130)
        #expect(outbox.settled.contains(130), "one that goes on is taken")
        outbox.acknowledge(1...100)
        #expect(outbox.hasRoomForLane)
    }

    /// One dead destination, one that is up to date: the second never gets what replaces records it has.
    @Test("Only the slow destination gets replacements") func onlyTheSlowDestinationGetsReplacements() throws {
        let (journal, _) = try JournalUnderTest.open(
            path, budget: Journal.minimumBudgetBytes, destinations: ["dead", "quick"])
        var traffic = PlainTraffic(seed: 3)
        var random = SeededRandom(seed: 3)
        let (dead, quick) = (try JournalUnderTest.outbox(journal, "dead"), try JournalUnderTest.outbox(journal, "quick"))
        var given: [JournalledRecord] = []
        for _ in 0..<150 {
            _ = try journal.append((0..<15).flatMap { _ in traffic.nextMinute(&random) })
            let fresh = try JournalUnderTest.readAll(quick)
            given += fresh
            quick.acknowledge(through: journal.lastSequence)
        }
        let replacing = given.filter(\.record.isReplacement)
        #expect(!replacing.isEmpty)
        #expect(replacing.allSatisfy { if case .notice(let notice) = $0.record.body { notice.kind == .recordsForOthers } else { false } })
        var accounted = SequenceRanges()
        for record in given {
            accounted.insert(record.sequence...record.sequence)
            for range in record.record.replaces { accounted.insert(range) }
        }
        #expect(accounted.ranges == [1...journal.lastSequence], "each number it did not get was explained")
        #expect(try JournalUnderTest.readAll(dead).contains { $0.record.isReplacement })
        #expect(journal.backlog == dead.settled.missing(in: 1...journal.lastSequence).total)
    }

    /// A record is replaced while its lane has it in flight.
    @Test("What was in flight may still be acknowledged") func whatWasInFlightMayStillBeAcknowledged() throws {
        let (journal, _) = try JournalUnderTest.open(path, budget: Journal.minimumBudgetBytes)
        var traffic = PlainTraffic(seed: 4)
        var random = SeededRandom(seed: 4)
        let outbox = try JournalUnderTest.outbox(journal)
        _ = try journal.append((0..<15).flatMap { _ in traffic.nextMinute(&random) })
        let inFlight = try outbox.records(after: 0, limit: 20)
        #expect(inFlight.count == 20)
        while outbox.settled.isEmpty { _ = try journal.append((0..<15).flatMap { _ in traffic.nextMinute(&random) }) }
        #expect(outbox.acknowledgedThrough >= 20, "they were replaced")
        #expect(try outbox.records(after: 0, through: 20, limit: 20).isEmpty)
        outbox.acknowledge(1...20)
        let replacement = try #require(JournalUnderTest.readAll(outbox).first { $0.record.isReplacement })
        #expect(replacement.record.replaces.contains { $0.contains(1) })
    }
}

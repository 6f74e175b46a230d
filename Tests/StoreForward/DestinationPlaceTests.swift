import SensorCore
import TestSupport
import Testing

@testable import StoreForward

/// What becomes of a destination's place in the journal when it comes, goes or gets another name: never silently skipped, never
/// silently sent again from the beginning.
@Suite struct DestinationPlaceTests {
    let directory: ScratchFolder
    var path: String { directory.file("journal.db") }

    init() throws { directory = ScratchFolder(inMemory: true) }

    private func opened(_ destinations: [JournalDestination], _ body: (Journal) throws -> Void = { _ in }) throws -> [DestinationChange] {
        let (journal, _) = try Journal.open(
            path: path, budgetBytes: 64 << 20, epochIfNew: JournalUnderTest.epoch, destinations: destinations)
        try body(journal)
        try journal.close()
        return journal.destinationChanges
    }

    /// Twenty records, of which `mqtt` has acknowledged twelve.
    private func begin() throws {
        let changes = try opened(["mqtt"]) { journal in
            _ = try journal.append((1...20).map { JournalUnderTest.record($0) })
            try JournalUnderTest.outbox(journal).acknowledge(1...12)
            _ = try journal.append([JournalUnderTest.record(21)])
        }
        #expect(changes == [])
    }

    @Test("A destination that goes on says nothing")
    func goesOn() throws {
        try begin()
        #expect(try opened(["mqtt"]) == [])
    }

    @Test("A new destination gets all that is kept, and that is said once")
    func new() throws {
        try begin()
        let changes = try opened(["mqtt", "school"]) { journal in
            let outbox = try JournalUnderTest.outbox(journal, "school")
            #expect(outbox.lastOwed == 21)
            _ = try journal.append([JournalUnderTest.record(22)])
        }
        #expect(changes == [.new(name: "school", owed: 21)])
        #expect(try opened(["mqtt", "school"]) == [])
    }

    @Test("A new destination that begins with the next record is owed nothing of before, for good")
    func next() throws {
        try begin()
        let school = JournalDestination("school", beginning: .next)
        #expect(try opened(["mqtt", school]) == [.beginsWithNext(name: "school", passedOver: 21)])
        // Also when the next opening comes before any commit.
        let changes = try opened(["mqtt", school]) { journal in
            let outbox = try JournalUnderTest.outbox(journal, "school")
            #expect(outbox.lastOwed == 0)
            _ = try journal.append([JournalUnderTest.record(22)])
            #expect(outbox.lastOwed == 22 && outbox.acknowledgedThrough == 21)
        }
        #expect(changes == [])
    }

    @Test("A renamed destination takes its place along, also through the next opening")
    func renamed() throws {
        try begin()
        let city = JournalDestination("city", formerly: "mqtt")
        #expect(try opened([city]) == [.renamed(name: "city", from: "mqtt", owed: 9)])
        let changes = try opened([city]) { journal in
            let outbox = try JournalUnderTest.outbox(journal, "city")
            #expect(outbox.settled.ranges == [1...12])
        }
        #expect(changes == [])
        let stats = try JournalInspection(path: path).stats()
        #expect(stats.destinations.map(\.name) == ["city"])
    }

    @Test("A former name that the journal does not know is said, and the destination is new")
    func unknownFormerName() throws {
        try begin()
        #expect(
            try opened(["mqtt", JournalDestination("city", formerly: "metropolis")]) == [
                .formerNameUnknown(name: "city", formerly: "metropolis"), .new(name: "city", owed: 21),
            ])
    }

    @Test("A destination that leaves is said once with what it was owed, and goes on where it stood when it returns")
    func leavesAndReturns() throws {
        try begin()
        let changes = try opened([]) { journal in
            #expect(journal.backlog == 0)
            _ = try journal.append([JournalUnderTest.record(22)])
        }
        #expect(changes == [.left(name: "mqtt", owed: 9)])
        #expect(try opened([]) == [])
        #expect(try opened(["mqtt"]) == [.returned(name: "mqtt", owed: 10)])
    }

    @Test("A journal that is begun has nothing to say")
    func begun() throws {
        #expect(try opened(["mqtt", JournalDestination("school", formerly: "x", beginning: .next)]) == [])
    }
}

import Glibc
import SensorCore
import TestSupport
import Testing

@testable import StoreForward

@Suite(.blocksItsThread) struct JournalConcurrencyTests {
    static let batches = 150

    /// The node's loop appends while each destination reads and acknowledges at its own pace: each sees every record
    /// once and in order, and never one that is not committed.
    @Test("Destinations read while the node appends") func destinationsReadWhileTheNodeAppends() async throws {
        let directory = ScratchFolder(inMemory: true)
        let destinations = ["city", "school"]
        let (journal, _) = try JournalUnderTest.open(directory.file("journal.db"), destinations: destinations)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for batch in 0..<Self.batches {
                    let records = (1...4).map { JournalUnderTest.record(batch * 4 + $0) }
                    _ = try journal.append(records, totals: ["gate": UInt64(batch)])
                }
            }
            for (index, name) in destinations.enumerated() {
                let outbox = try JournalUnderTest.outbox(journal, name)
                group.addTask { try Self.drain(outbox, window: 7 + index * 20) }
            }
            try await group.waitForAll()
        }
        #expect(journal.backlog == 0)
        try journal.close()
    }

    private static func drain(_ outbox: any RecordOutbox, window: Int) throws {
        while outbox.acknowledgedThrough < batches * 4 {
            let last = outbox.acknowledgedThrough
            let records = try outbox.records(after: last, limit: window)
            guard let newest = records.last else {
                sched_yield()
                continue
            }
            #expect(newest.sequence <= outbox.lastSequence)
            #expect(
                records
                    == (last + 1...newest.sequence).map {
                        JournalledRecord(sequence: $0, record: JournalUnderTest.record(Int($0)))
                    })
            outbox.acknowledge(through: newest.sequence)
        }
    }
}

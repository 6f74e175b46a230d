package import SensorCore
import StoreForward
import Testing

/// Everything a journal holds, read by another opening of it.
package func journalled(_ path: String) throws -> (epoch: JournalEpoch, records: [JournalledRecord], totals: [String: UInt64]) {
    let (journal, report) = try Journal.open(
        path: path, budgetBytes: 64_000_000, epochIfNew: JournalEpoch(rawValue: 0), destinations: ["test"])
    #expect(report == .continued)
    let outbox = try #require(journal.outbox(for: "test"))
    let records = try outbox.records(after: 0, limit: 1_000_000)
    let totals = journal.totals()
    try journal.close()
    return (journal.epoch, records, totals)
}

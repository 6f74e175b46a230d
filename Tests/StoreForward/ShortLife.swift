import SensorCore
import TestSupport
import Testing

@testable import StoreForward

/// A journal's life with everything in it, short enough to be lived again for each fault: opening (of a new journal,
/// or of one that fills its budget, so that every append trims), appends, acknowledgements, copying the log, closing.
struct ShortLife {
    static let batchSize = 8
    private static let batches = 6
    private static let textLength = 1_800
    private static let budget = Journal.minimumBudgetBytes

    /// What every life starts from; nil for a new journal.
    private let database: [UInt8]?
    private let mark: [UInt8]?
    private let before: [Record]
    private let ahead: [[Record]]

    /// Everything numbered by the end.
    var all: [Record] { before + ahead.flatMap { $0 } }

    init(isNew: Bool) throws {
        let count = isNew ? 0 : 480
        before = (0..<count).map { JournalUnderTest.record($0, textLength: Self.textLength) }
        ahead = (0..<Self.batches).map { batch in
            (0..<Self.batchSize).map { index in
                JournalUnderTest.record(count + batch * Self.batchSize + index, textLength: Self.textLength)
            }
        }
        guard !isNew else {
            database = nil
            mark = nil
            return
        }
        let place = ScratchFolder(inMemory: true)
        let (journal, _) = try Self.open(place)
        for start in stride(from: 0, to: count, by: Self.batchSize) {
            let range = try journal.append(Array(before[start..<start + Self.batchSize]))
            journal.outbox(for: "mqtt")?.acknowledge(through: range.upperBound)
        }
        try journal.close()
        database = try Files.read(place.file("journal.db"))
        mark = try Files.read(place.file("journal.db.mark"))
    }

    func place() throws -> ScratchFolder {
        let place = ScratchFolder(inMemory: true)
        if let database { try Files.write(place.file("journal.db"), database) }
        if let mark { try Files.write(place.file("journal.db.mark"), mark) }
        return place
    }

    private static func open(_ place: ScratchFolder) throws(JournalError) -> (Journal, OpeningReport) {
        try JournalUnderTest.open(place.file("journal.db"), budget: budget)
    }

    /// Tries everything again once after it failed; returns what failed.
    func runStubbornly(in place: ScratchFolder) throws -> [JournalError] {
        var failures: [JournalError] = []
        func persistently<T>(_ work: () throws(JournalError) -> T) throws(JournalError) -> T {
            do throws(JournalError) {
                return try work()
            } catch {
                failures.append(error)
                return try work()
            }
        }
        let (journal, _) = try persistently { () throws(JournalError) in try Self.open(place) }
        var last = UInt64(before.count)
        for records in ahead {
            let range = try persistently { () throws(JournalError) in try journal.append(records) }
            #expect(range == last + 1...last + UInt64(Self.batchSize))
            last = range.upperBound
            journal.outbox(for: "mqtt")?.acknowledge(through: last)
        }
        if let failure = caught({ () throws(JournalError) in try journal.close() }) { failures.append(failure) }
        return failures
    }

    /// How many records were numbered by appends that returned.
    func runUntilDeath(in place: ScratchFolder) -> Int {
        var appended = before.count
        _ = caught { () throws(JournalError) in
            let (journal, _) = try Self.open(place)
            for records in ahead {
                let range = try journal.append(records)
                appended = Int(range.upperBound)
                journal.outbox(for: "mqtt")?.acknowledge(through: range.upperBound)
            }
            try journal.close()
        }
        return appended
    }

    func recordsLeft(in place: ScratchFolder) throws -> Int {
        let (journal, report) = try Self.open(place)
        let left = Int(try JournalUnderTest.outbox(journal).lastSequence)
        #expect(report == .continued || (report == .begun && left == 0), "\(report)")
        return left
    }

    /// The journal goes on behind `expected`, and what it keeps is the newest of it.
    func compare(in place: ScratchFolder, to expected: [Record], _ comment: String) throws {
        let (journal, report) = try Self.open(place)
        #expect(report == .continued, "\(comment)")
        let outbox = try JournalUnderTest.outbox(journal)
        #expect(outbox.lastSequence == UInt64(expected.count), "\(comment)")
        let recent = UInt64(max(0, expected.count - Self.batches * Self.batchSize))
        let path = place.file("journal.db")
        let found = try JournalUnderTest.kept(path, after: recent)
        #expect(found.map(\.record) == Array(expected.dropFirst(Int(recent))), "\(comment)")
        let oldest = try JournalUnderTest.kept(path).first?.sequence ?? 1
        #expect(before.isEmpty || oldest > 1, "\(comment): the life must trim")
        #expect(
            try JournalUnderTest.sql(place.file("journal.db"), "PRAGMA integrity_check") == ["ok"], "\(comment)")
        let next = try journal.append([JournalUnderTest.record(0)])
        #expect(next.lowerBound == UInt64(expected.count) + 1, "\(comment)")
    }
}

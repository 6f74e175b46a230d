import Glibc
import SensorCore
import StoreForward

/// A node's life in a small journal that is always full, to be ended by a kill or a power cut, and the look at what is
/// left of it.
///
/// Destination `city` is dead, so every count stays owed to it and nothing may be dropped; `school` acknowledges in lanes.
/// So whatever is joined, the kept records' counts add up to the total of the same commit.
extension JournalExerciser {
    private static let budget: Int64 = 1 << 20
    private static let destinations = ["city", "school"]

    /// Appends until it is ended, `appends` times at most. Says PHASE before each step (`append`; `join` where the budget
    /// is about to be outgrown, so that records are joined and pages given back; `compact`), and COMMITTED with the last
    /// sequence after each append that returned.
    static func endure(path: String, appends: Int) throws(JournalError) {
        let (journal, _) = try Journal.open(
            path: path, budgetBytes: budget, epochIfNew: JournalEpoch(rawValue: randomBits()),
            destinations: destinations.map { JournalDestination($0) })
        let inspection = try JournalInspection(path: path)
        var total = journal.totals()["gate"] ?? 0
        var minute = Int64(total)
        var growth: UInt64 = 1
        for index in 0..<appends {
            if index % 8 == 7 {
                say("PHASE compact")
                _ = try JournalCompaction.run(path: path)
            }
            let before = try inspection.stats()
            let used = before.databaseSize - before.freeSize
            let isFull = used + growth + growth / 4 > UInt64(budget - budget / 8)
            say(isFull ? "PHASE join" : "PHASE append")
            // One count a minute: the total tells the time to go on from.
            let records = (0..<120).map { _ in
                minute += 1
                total += 1
                return minuteRecord(minute, total: total)
            }
            let last = journal.lastSequence
            let range = try journal.append(records, totals: ["gate": total])
            say("COMMITTED \(range.upperBound)\(range.lowerBound > last + 1 ? " JOINED" : "")")
            if !isFull {
                let after = try inspection.stats()
                growth = max(growth, after.databaseSize - after.freeSize - min(used, after.databaseSize - after.freeSize))
            }
            if let school = journal.outbox(for: "school") {
                school.acknowledge(index % 3 == 0 ? range : 1...range.upperBound)
            }
        }
        try journal.close()
    }

    /// Opens what was left and holds it against the last sequence that was reported. Says FOUND, or WRONG and ends with 1.
    static func examine(path: String, reported: UInt64) throws(JournalError) {
        let (journal, report) = try Journal.open(
            path: path, budgetBytes: budget, epochIfNew: JournalEpoch(rawValue: randomBits()),
            destinations: destinations.map { JournalDestination($0) })
        var faults: [String] = []
        switch report {
        case .continued: break
        case .begun where reported == 0: break
        default: faults.append("opening: \(report)")
        }
        let last = journal.lastSequence
        let total = journal.totals()["gate"] ?? 0
        if last < reported { faults.append("\(reported) was committed, the last is \(last)") }
        faults += try JournalVerification(path: path).run().findings.map(\.description)
        let inspection = try JournalInspection(path: path)
        var counted: UInt64 = 0
        var accounted = SequenceRanges()
        var joined = 0
        if let kept = try inspection.keptRange() {
            for record in try inspection.records(in: kept, limit: .max) {
                accounted.insert(record.sequence...record.sequence)
                for range in record.record.replaces { accounted.insert(range) }
                if record.record.isReplacement { joined += 1 }
                if case .traffic(let interval) = record.record.body {
                    counted += interval.flows?.reduce(0) { $0 + $1.count } ?? 0
                }
            }
        }
        if counted != total { faults.append("records count \(counted), the total is \(total)") }
        if last > 0, accounted.ranges != [1...last] { faults.append("numbers without account: \(accounted.ranges.count) ranges") }
        try journal.close()
        guard faults.isEmpty else {
            say("WRONG \(faults.joined(separator: "; "))")
            exit(1)
        }
        say("FOUND \(last) of \(reported) committed, \(counted) counts in \(try inspectedCount(path)) records, \(joined) of them joined")
    }

    private static func inspectedCount(_ path: String) throws(JournalError) -> UInt64 {
        try JournalInspection(path: path).stats().kept
    }

    /// Commits as the reference box does, `minutes` to a commit and `pause` seconds apart, and prints the bytes that the
    /// block device whose `stat` is given wrote in a day of it: 12 traffic and 6 climate records a minute, two channels'
    /// totals, the acknowledgement a commit later, by a second destination two commits later. Measured is what comes after so many commits that log and tree have
    /// the size they keep.
    static func wear(path: String, minutes: Int, pause: Int, stat: String, destinations: Int) throws(JournalError) {
        let (journal, _) = try Journal.open(
            path: path, budgetBytes: 512_000_000, epochIfNew: JournalEpoch(rawValue: randomBits()),
            destinations: destinations > 1 ? ["city", "institute"] : ["city"])
        let warmUp = 600 / minutes + 120
        let measured = 1440 / minutes
        var before = 0
        var lastButOne: UInt64 = 0
        for commit in 0..<warmUp + measured {
            if commit == warmUp {
                sync()
                before = written(stat)
            }
            let records = (commit * minutes * 18..<(commit + 1) * minutes * 18).map { referenceRecord($0, climateInThree: true) }
            let last = journal.lastSequence
            _ = try journal.append(records, totals: ["one": UInt64(commit), "two": UInt64(commit)])
            if last > 0 { journal.outbox(for: "city")?.acknowledge(through: last) }
            if lastButOne > 0 { journal.outbox(for: "institute")?.acknowledge(through: lastButOne) }
            lastButOne = last
            if commit >= warmUp { sleep(UInt32(pause)) }
        }
        sync()
        say("WRITTEN \(written(stat) - before)")
        try journal.close()
    }

    /// The seventh number: sectors of 512 bytes (Documentation/block/stat.rst).
    private static func written(_ stat: String) -> Int {
        guard let file = fopen(stat, "r") else { return 0 }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = fread(&bytes, 1, bytes.count, file)
        let numbers = String(decoding: bytes[..<count], as: UTF8.self).split { $0 == " " || $0 == "\n" }
        return numbers.count > 6 ? (Int(numbers[6]) ?? 0) * 512 : 0
    }

    private static func minuteRecord(_ minute: Int64, total: UInt64) -> Record {
        let start = MonotonicInstant(nanoseconds: minute * 60_000_000_000)
        let utc = WallClockTime(secondsSince1970: 1_780_000_200 + minute * 60)
        let span = IntervalSpan(
            start: start, end: start + .seconds(60), utc: .init(start: utc, end: utc + .seconds(60)), isPartial: false)
        return Record(
            bootID: BootID("boot"),
            body: .traffic(
                TrafficInterval(
                    span: span, channel: "gate", detector: .contact, observed: .seconds(60), flows: [TrafficFlow(count: 1)],
                    total: total,
                    quality: CountQuality(
                        counters: EdgeCounters(edges: 2, lostEdges: 0, overflows: 0, rejectedGlitches: 0),
                        filter: wideText, confidence: 1))))
    }

    /// Wide rows fill the budget in a few appends, so that one in ten joins.
    private static let wideText = String(repeating: "stable rise 8 ms, fall 8 ms; ", count: 25)

    private static func randomBits() -> UInt64 {
        var random = SystemRandomNumberGenerator()
        return random.next()
    }

    private static func say(_ line: String) {
        print(line)
        fflush(nil)
    }
}

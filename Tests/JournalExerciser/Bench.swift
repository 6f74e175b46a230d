import Glibc
import SensorCore
import StoreForward

extension JournalExerciser {
    /// Like a reference box: of ten records eight traffic intervals, one climate interval of three quantities, one node
    /// interval; or of three one climate interval, as in the budget of wear.
    static func referenceRecord(_ index: Int, climateInThree: Bool = false) -> Record {
        let start = MonotonicInstant(nanoseconds: 86_400_000_000_000 + Int64(index / 18) * 60_000_000_000)
        let utc = WallClockTime(secondsSince1970: 1_780_000_000 + Int64(index / 18) * 60)
        let span = IntervalSpan(
            start: start, end: start + .seconds(60), utc: .init(start: utc, end: utc + .seconds(60)), isPartial: false)
        let body: Record.Body =
            switch climateInThree ? (index % 3 == 0 ? 0 : 2) : index % 10 {
            case 0: .climate(climate(span, index))
            case 1:
                .node(
                    NodeInterval(span: span, backlog: 3, connectionsLost: 0, queueOverflows: 0, journalFaults: 0))
            default: .traffic(traffic(span, index))
            }
        return Record(bootID: BootID("0b5a4f6e-6a1c-4a7e-9d5e-2f6f3f0f8c11"), body: body)
    }

    private static func traffic(_ span: IntervalSpan, _ index: Int) -> TrafficInterval {
        TrafficInterval(
            span: span, channel: "gate-north", detector: .contact, observed: .seconds(60),
            flows: [TrafficFlow(count: UInt64(index % 37))], total: UInt64(index) * 18,
            quality: CountQuality(
                counters: EdgeCounters(edges: 74, lostEdges: 0, overflows: 0, rejectedGlitches: 3),
                filter: "stable rise 8 ms, fall 8 ms", confidence: 1))
    }

    private static func climate(_ span: IntervalSpan, _ index: Int) -> ClimateInterval {
        let quantities = [Quantity.temperature, .humidity, .pressure].map { quantity in
            let value = 20 + Double(index % 1000) / 100
            return QuantityInterval(
                quantity: quantity,
                statistics: SampleStatistics(
                    count: 60, mean: value, minimum: value - 1, maximum: value + 1, last: value,
                    standardDeviation: 0.1),
                rawMean: value)
        }
        return ClimateInterval(span: span, sensor: "mast", part: "bme280", quantities: quantities, errors: [])
    }

    /// Prints each figure with its bound, and ends with 1 when one is missed.
    static func bench(directory: String, records count: Int) throws(JournalError) {
        let path = "\(directory)/journal-bench.db"
        let bare = "\(directory)/bare-bench.db"
        let files = [path, bare].flatMap { file in ["", "-wal", "-shm", ".lock", ".readers", ".mark"].map { file + $0 } }
        for file in files { unlink(file) }
        defer { for file in files { unlink(file) } }
        var journal = try opened(path)
        let batch = 1_000
        let records = (0..<batch).map { referenceRecord($0) }
        var resident = 0
        let appending = try seconds { () throws(JournalError) in
            for index in 0..<count / batch {
                _ = try journal.append(records, totals: ["gate-north": 1])
                if index == count / batch / 10 { resident = residentKiB() }
            }
        }
        judgeRate("append, \(batch) a commit", count, appending, atLeast: 50_000)
        // Between a tenth of the backlog and all of it; allocators keep some of what they were given.
        judge("growth of resident memory with the backlog, KiB", Double(residentKiB() - resident), atMost: 1024)
        let used = try JournalInspection(path: path).stats().databaseSize
        print("on disk: \(Int(used) / count) bytes a record")
        try journal.close()
        let opening = try seconds { () throws(JournalError) in journal = try opened(path) }
        judge("open with \(count) records, ms", opening.elapsed * 1e3, atMost: 100)
        let reading = try seconds { () throws(JournalError) in try readBacklog(journal, count) }
        judgeRate("read a backlog, 100 at a time", count, reading, atLeast: 200_000)
        judge("growth of resident memory after reading it, KiB", Double(residentKiB() - resident), atMost: 2048)
        try commits(journal, bare: bare, bodyBytes: Int(used) / count)
        try journal.close()
        try goOnFromDamage(path, count)
        if missed > 0 {
            print("\(missed) bounds missed")
            exit(1)
        }
    }

    nonisolated(unsafe) private static var missed = 0

    private static func judge(_ what: String, _ value: Double, atLeast least: Double? = nil, atMost most: Double? = nil) {
        let isGood = value >= least ?? -.infinity && value <= most ?? .infinity
        if !isGood { missed += 1 }
        let bound = least.map { "at least \($0)" } ?? most.map { "at most \($0)" } ?? ""
        print("\(isGood ? "ok  " : "MISS") \(what): \((value * 100).rounded() / 100) (\(bound))")
    }

    /// By the processor's time: other work on the machine must not decide.
    private static func judgeRate(_ what: String, _ records: Int, _ time: Duration, atLeast least: Double) {
        judge(what + ", records per processor second", Double(records) / time.processor, atLeast: least)
        print("     \(Int(Double(records) / time.elapsed)) records/s on this machine as it is")
    }

    private static func readBacklog(_ journal: Journal, _ count: Int) throws(JournalError) {
        guard let outbox = journal.outbox(for: "mqtt") else { return }
        var last: UInt64 = 0
        var read = 0
        do throws(OutboxError) {
            while true {
                let some = try outbox.records(after: last, limit: 100)
                guard let newest = some.last else { break }
                last = newest.sequence
                read += some.count
            }
        } catch {
            print(error)
        }
        if read != count { judge("records read", Double(read), atLeast: Double(count)) }
    }

    /// The reference box's commit, 18 records and an acknowledgement, in turns with bare SQLite's: both meet the same disk.
    private static func commits(_ journal: Journal, bare path: String, bodyBytes: Int) throws(JournalError) {
        let bare = BareSQLite(path)
        let records = (0..<18).map { referenceRecord($0) }
        var number: UInt64 = 0
        func commitOurs(_ count: Int) throws(JournalError) {
            for _ in 0..<count {
                number += 1
                let range = try journal.append(records, totals: ["gate-north": number])
                journal.outbox(for: "mqtt")?.acknowledge(through: range.upperBound)
            }
        }
        func commitTheirs(_ count: Int) {
            for index in 0..<count { bare.commit(rows: 18, bytes: bodyBytes, number: index) }
        }
        // Both logs are as long as they get, 4 MiB, and are written over from here on, as nearly always: one that still grows
        // costs the file system twice as much.
        try commitOurs(500)
        commitTheirs(500)
        var (ours, theirs) = (0.0, 0.0)
        var ratios: [Double] = []
        let (rounds, each) = (63, 25)
        for _ in 0..<rounds {
            let own = try seconds { () throws(JournalError) in try commitOurs(each) }.elapsed
            let other = try seconds { () throws(JournalError) in commitTheirs(each) }.elapsed
            ours += own
            theirs += other
            ratios.append(other / own)
        }
        let commits = Double(rounds * each)
        print("durable commits of 18 records: \(Int(commits / ours))/s, bare SQLite \(Int(commits / theirs))/s, in \(rounds) turns each")
        // What else the disk has to do hits some turns of one or the other.
        judge("durable commits, times bare SQLite's rate, median of the turns", ratios.sorted()[rounds / 2], atLeast: 0.8)
    }

    /// One record in the middle can't be read: what that costs before the node goes on.
    private static func goOnFromDamage(_ path: String, _ count: Int) throws(JournalError) {
        BareSQLite.run("UPDATE record SET body = zeroblob(9) WHERE sequence = \(count / 2)", on: path)
        let damage = JournalError(kind: .corrupt, operation: "read", detail: "for a bench")
        var report = OpeningReport.begun
        let resident = residentKiB()
        let carrying = try seconds { () throws(JournalError) in
            report = try Journal.open(
                path: path, budgetBytes: 4 << 30, epochIfNew: JournalEpoch(rawValue: 8), destinations: ["mqtt"], knownDamage: damage
            ).1
        }
        guard case .setAside(let name, _, let carriedOver?) = report, carriedOver.lost <= 1 else {
            print("damage: \(report)")
            exit(70)
        }
        for suffix in ["", "-wal", "-shm"] { unlink(name + suffix) }
        judgeRate("carry over from a damaged journal", Int(carriedOver.records), carrying, atLeast: 50_000)
        judge("growth of resident memory meanwhile, KiB", Double(residentKiB() - resident), atMost: 4096)
    }

    private static func opened(_ path: String) throws(JournalError) -> Journal {
        try Journal.open(
            path: path, budgetBytes: 4 << 30, epochIfNew: JournalEpoch(rawValue: 7), destinations: ["mqtt"]
        ).0
    }

    /// On a shared machine the second says more than the first.
    private struct Duration {
        var elapsed: Double
        var processor: Double
    }

    private static func seconds(_ work: () throws(JournalError) -> Void) throws(JournalError) -> Duration {
        let start = (clock(CLOCK_MONOTONIC), clock(CLOCK_PROCESS_CPUTIME_ID))
        try work()
        return Duration(
            elapsed: clock(CLOCK_MONOTONIC) - start.0, processor: clock(CLOCK_PROCESS_CPUTIME_ID) - start.1)
    }

    private static func clock(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func residentKiB() -> Int { number(in: "/proc/self/status", after: "VmRSS:") }

    private static func number(in file: String, after key: String) -> Int {
        guard let file = fopen(file, "r") else { return 0 }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = fread(&bytes, 1, bytes.count, file)
        let text = String(decoding: bytes[..<count], as: UTF8.self)
        var rest = Substring(text)
        while !rest.isEmpty, !rest.hasPrefix(key) { rest = rest.dropFirst() }
        return Int(rest.dropFirst(key.count).drop { $0 == " " || $0 == "\t" }.prefix { $0.isNumber }) ?? 0
    }
}

import Glibc
import SensorCore
import StoreForward

extension JournalExerciser {
    /// Like a reference box: of ten records eight traffic intervals, one climate interval of three quantities, one node
    /// interval.
    static func referenceRecord(_ index: Int) -> Record {
        let start = MonotonicInstant(nanoseconds: 86_400_000_000_000 + Int64(index / 18) * 60_000_000_000)
        let utc = WallClockTime(secondsSince1970: 1_780_000_000 + Int64(index / 18) * 60)
        let span = IntervalSpan(
            start: start, end: start + .seconds(60), utc: .init(start: utc, end: utc + .seconds(60)), isPartial: false)
        let body: Record.Body =
            switch index % 10 {
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
                edges: 74, lostEdges: 0, overflows: 0, rejectedGlitches: 3, filter: "stable rise 8 ms, fall 8 ms",
                confidence: 1))
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

    static func bench(directory: String, records count: Int) throws(JournalError) {
        let path = "\(directory)/journal-bench.db"
        for suffix in ["", "-wal", "-shm", ".lock"] { unlink(path + suffix) }
        defer { for suffix in ["", "-wal", "-shm", ".lock"] { unlink(path + suffix) } }
        print("resident at start: \(residentKiB()) KiB")
        var journal = try opened(path)
        let batch = 1_000
        let records = (0..<batch).map { referenceRecord($0) }
        let appending = try seconds { () throws(JournalError) in
            for _ in 0..<count / batch { _ = try journal.append(records, totals: ["gate-north": 1]) }
        }
        print("append, \(batch) a commit: \(rate(count, appending))")
        print("resident with a backlog of \(count): \(residentKiB()) KiB")
        print("on disk: \(size(path) / count) bytes a record")
        try journal.close()

        let opening = try seconds { () throws(JournalError) in journal = try opened(path) }
        print("open with \(count) records: \(Int(opening.elapsed * 1e6)) µs")

        guard let outbox = journal.outbox(for: "mqtt") else { return }
        var read = 0
        let reading = try seconds { () throws(JournalError) in
            var last: UInt64 = 0
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
        }
        print("read, 100 at a time: \(rate(read, reading))")
        print("resident afterwards: \(residentKiB()) KiB")
        try single(journal)
        try journal.close()
    }

    /// The reference box: 18 records and an acknowledgement a minute.
    private static func single(_ journal: Journal) throws(JournalError) {
        let commits = 500
        let records = (0..<18).map { referenceRecord($0) }
        let before = bytesWritten()
        let time = try seconds { () throws(JournalError) in
            for index in 0..<commits {
                let range = try journal.append(records, totals: ["gate-north": UInt64(index)])
                journal.outbox(for: "mqtt")?.acknowledge(through: range.upperBound)
            }
        }
        print("durable commits of 18 records: \(Int(Double(commits) / time.elapsed)) a second")
        let bytes = (bytesWritten() - before) / commits
        print("handed to the block layer: \(bytes / 1024) KiB a commit, \(bytes * 1440 / 1_000_000) MB a day")
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

    private static func rate(_ records: Int, _ time: Duration) -> String {
        let count = Double(records)
        return "\(Int(count / time.elapsed)) records/s, \(Int(count / time.processor)) per processor second"
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

    private static func size(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    private static func residentKiB() -> Int { number(in: "/proc/self/status", after: "VmRSS:") }

    private static func bytesWritten() -> Int { number(in: "/proc/self/io", after: "\nwrite_bytes:") }

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

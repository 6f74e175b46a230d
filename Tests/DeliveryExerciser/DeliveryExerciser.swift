import Glibc
import Delivery
import RecordFormats
import SensorCore
import StoreForward
import TransportProcess
import TransportService

/// A journal and its publisher in a process of their own, for the faults and the figures of delivery.
///
/// `fill PATH MINUTES [BUDGET_MB]` appends so many minutes of 12 counting channels, as fast as it goes.
/// `send PATH HOST PORT [KEY=VALUE …]` publishes: `rate` minutes of the 12 channels per second are appended meanwhile,
/// for `seconds`; then it goes on until all has arrived, and prints one line of figures. Other keys: `window`,
/// `pace` (records of the backlog per second; none without), `confirm=receiver`, `protocol=3.1.1`, `budget` in MB,
/// `also=NAME@HOST:PORT,…` (destinations beside the first, of which those in `wait=NAME,…` are waited for, too);
/// `transport=inside` for libmosquitto in this process, to compare: otherwise it is a process of its own for each, as in the node.
@main
enum DeliveryExerciser {
    static let channels = 12
    static let destination = "mqtt"

    static func main() throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        switch (arguments.first, arguments.count) {
        case ("fill", 3...): try fill(arguments[1], minutes: Int64(arguments[2]) ?? 0, budget: budget(arguments.dropFirst(3).first))
        case ("transport", _): exit(TransportServant.run(descriptor: STDIN_FILENO))
        case ("send", 4...):
            var options: [String: String] = [:]
            for option in arguments.dropFirst(4) {
                let parts = option.split(separator: "=", maxSplits: 1).map(String.init)
                options[parts[0]] = parts.count > 1 ? parts[1] : ""
            }
            try send(arguments[1], host: arguments[2], port: UInt16(arguments[3]) ?? 1883, options)
        default:
            print("usage: DeliveryExerciser fill PATH MINUTES [BUDGET_MB] | send PATH HOST PORT [KEY=VALUE …]")
            exit(64)
        }
    }

    static func budget(_ megabytes: String?) -> Int64 { (megabytes.flatMap { Int64($0) } ?? 4_000) * 1_000_000 }

    /// A destination beside the first: `NAME@HOST:PORT`.
    struct Other {
        var name: String
        var host: String
        var port: UInt16

        init?(_ text: Substring) {
            let parts = text.split { $0 == "@" || $0 == ":" }.map(String.init)
            guard parts.count == 3, let port = UInt16(parts[2]) else { return nil }
            (name, host, self.port) = (parts[0], parts[1], port)
        }
    }

    static func open(_ path: String, budget: Int64, _ others: [String] = []) throws -> Journal {
        var random = SystemRandomNumberGenerator()
        return try Journal.open(
            path: path, budgetBytes: budget, epochIfNew: JournalEpoch(rawValue: random.next()),
            destinations: ([destination] + others).map { JournalDestination($0) }
        ).0
    }

    static func fill(_ path: String, minutes: Int64, budget: Int64) throws {
        let journal = try open(path, budget: budget)
        var street = Street(journal.totals())
        for start in stride(from: 0, to: minutes, by: 60) {
            try street.append(minutes: min(60, minutes - start), to: journal)
        }
        print("committed=\(journal.lastSequence)")
        try journal.close()
    }

    static func send(_ path: String, host: String, port: UInt16, _ options: [String: String]) throws {
        let others = (options["also"] ?? "").split(separator: ",").compactMap(Other.init)
        let journal = try open(path, budget: budget(options["budget"]), others.map(\.name))
        guard let outbox = journal.outbox(for: destination) else { exit(70) }
        var settings = MQTTSettings(host: host, port: port, clientID: "exerciser")
        var delivery = DeliverySettings(name: destination)
        delivery.window = options["window"].flatMap { Int($0) } ?? 20
        delivery.backfillRate = options["pace"].flatMap { Int($0) }
        let receipts = options["confirm"] == "receiver" ? "bench/receipt" : nil
        delivery.needsReceipts = receipts != nil
        settings.unansweredAtMost = delivery.window
        settings.version = options["protocol"] == "3.1.1" ? .mqtt311 : .mqtt5
        delivery.timing.longestBackOff = .seconds(2)
        delivery.timing.acknowledgementTimeout = .seconds(5)
        delivery.timing.receiptTimeout = .seconds(20)
        delivery.timing.connectTimeout = .seconds(3)
        let clock = WallClock()
        let transport: TransportMaker = options["transport"] == "inside" ? transportInProcess : SpawnedTransport().maker
        let mqtt = settings
        let publisher = try DestinationService(
            settings: delivery, format: NativeFormat(node: "bench", baseTopic: "bench", receiptTopic: receipts), outbox: outbox,
            version: "bench", clock: clock, seed: 1, log: ErrorLog(),
            transport: { transport(mqtt, $0) })
        var services = [publisher]
        var waited = [outbox]
        let named = (options["wait"] ?? "").split(separator: ",").map(String.init)
        for other in others {
            guard let outbox = journal.outbox(for: other.name) else { exit(70) }
            if named.contains(other.name) { waited.append(outbox) }
            var settings = MQTTSettings(host: other.host, port: other.port, clientID: "exerciser-\(other.name)")
            settings.version = mqtt.version
            settings.unansweredAtMost = mqtt.unansweredAtMost
            let place = settings
            var others = delivery
            others.name = other.name
            others.needsReceipts = false
            services.append(
                try DestinationService(
                    settings: others, format: NativeFormat(node: "bench", baseTopic: other.name), outbox: outbox, version: "bench",
                    clock: clock, seed: UInt64(services.count) + 1, log: ErrorLog(),
                    transport: { transport(place, $0) }))
        }
        let begin = clock.now()
        let threads = services.map { service in
            var thread = pthread_t()
            pthread_create(
                &thread, nil,
                { context in
                    if let context { Unmanaged<DestinationService>.fromOpaque(context).takeRetainedValue().run() }
                    return nil
                }, Unmanaged.passRetained(service).toOpaque())
            return thread
        }

        var street = Street(journal.totals())
        let rate = Int64(options["rate"] ?? "0") ?? 0
        let end = begin + .seconds(Int64(options["seconds"] ?? "0") ?? 0)
        while clock.now() < end {
            if rate > 0 {
                try street.append(minutes: rate, to: journal)
                for service in services { service.recordsAvailable() }
            }
            usleep(1_000_000)
        }
        while outbox.lastOwed > 0 { usleep(10_000) }
        let alone = (clock.now() - begin).seconds
        while waited.contains(where: { $0.lastOwed > 0 }) { usleep(10_000) }
        let took = (clock.now() - begin).seconds
        let status = publisher.snapshot
        for service in services { service.requestStop(drainUntil: clock.now() + .seconds(2)) }
        for thread in threads { pthread_join(thread, nil) }
        print(
            "committed=\(journal.lastSequence) sent=\(status.published) acknowledged=\(status.acknowledged) "
                + "connections_lost=\(status.connectionsLost) seconds=\(took) first_seconds=\(alone) rss_peak_kb=\(peakMemory())")
        try journal.close()
    }

    /// `VmHWM` of this process in kB, proc(5); 0 when it can't be read.
    static func peakMemory() -> Int {
        guard let file = fopen("/proc/self/status", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            if text.hasPrefix("VmHWM:") { return text.split(separator: " ").compactMap { Int($0) }.first ?? 0 }
        }
        return 0
    }
}

/// Twelve channels, minute after minute; totals tell where it was.
struct Street {
    private var totals: [String: UInt64]
    private var minute: Int64

    init(_ totals: [String: UInt64]) {
        self.totals = totals
        minute = Int64(totals["minute"] ?? 0)
    }

    mutating func append(minutes: Int64, to journal: Journal) throws {
        var records: [Record] = []
        for _ in 0..<minutes {
            let start = WallClockTime(secondsSince1970: 1_767_225_600 + 60 * minute)
            let span = IntervalSpan(
                start: MonotonicInstant(nanoseconds: 60_000_000_000 * minute),
                end: MonotonicInstant(nanoseconds: 60_000_000_000 * (minute + 1)),
                utc: .init(start: start, end: start + .seconds(60)), isPartial: false)
            for channel in 0..<DeliveryExerciser.channels {
                let name = "channel-\(channel)"
                let count = UInt64((minute * 7 + Int64(channel) * 5) % 23)
                totals[name, default: 0] += count
                records.append(
                    Record(
                        bootID: BootID("6f1c3a52-9f0e-4e0f-8b57-6a3d2f1e7c10"),
                        body: .traffic(
                            TrafficInterval(
                                span: span, channel: name, detector: .contact, observed: .seconds(60), flows: [TrafficFlow(count: count)],
                                total: totals[name] ?? 0,
                                quality: CountQuality(
                                    counters: EdgeCounters(edges: 2 * count, lostEdges: 0, overflows: 0, rejectedGlitches: 1),
                                    filter: "stable rise 8 ms, fall 8 ms", confidence: 1)))))
            }
            minute += 1
        }
        totals["minute"] = UInt64(minute)
        _ = try journal.append(records, totals: totals)
    }
}

final class WallClock: NodeClock {
    let bootID = BootID("6f1c3a52-9f0e-4e0f-8b57-6a3d2f1e7c10")
    func now() -> MonotonicInstant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicInstant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
    func reading() -> ClockReading { ClockReading(instant: now(), utc: nil) }
    func sleep(until deadline: MonotonicInstant) { while now() < deadline { usleep(1_000) } }
}

final class ErrorLog: EventLog {
    func log(_ severity: LogSeverity, _ message: String) {
        let line = Array("\(severity): \(message)\n".utf8)
        _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

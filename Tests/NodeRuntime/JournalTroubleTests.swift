import Glibc
import HardwareMocks
import LinuxHardware
import Delivery
import NodeConfiguration
import SensorCore
import StoreForward
import Synchronization
import TestSupport
import Testing
import TransportProcess
import TransportService

@testable import NodeRuntime
@testable import NodeSimulation

/// The journal fails in every way it can; counting goes on.
@Suite(.startsProcesses) struct JournalTroubleTests {
    /// Another process holds SQLite's lock for a while: every commit fails meanwhile, and nothing is lost.
    @Test("Records wait while the journal takes nothing") func recordsWaitWhileTheJournalTakesNothing() throws {
        let folder = ScratchFolder()
        let path = folder.file("journal.sqlite")
        let scenario = try Scenario.street(seconds: 240)
        var run = SimulatedRun(scenario)
        let holder = LockHolder(path)
        run.events = [(119, { _ in try holder.hold() }), (127, { _ in holder.letGo() })]
        let outcome = try run.run(journal: path)
        for channel in ["gate", "path"] { #expect(outcome.records.counted(channel) == outcome.truth[channel]) }
        outcome.records.expectTiling(from: outcome.start)
        let journal = try journalled(path)
        #expect(journal.records.map(\.record) == outcome.records)
        #expect(journal.records.map(\.sequence) == (1...UInt64(outcome.records.count)).map { $0 })
        #expect(journal.totals == outcome.truth)
        // Tried 0.7 s after the minute and each 5 s: at 120.7 and 125.7 s.
        #expect(outcome.records.nodes.map(\.journalFaults) == [0, 0, 2, 0, 0])
        #expect(outcome.records.notices.map(\.kind) == [.journalBegun])
        #expect(outcome.log.filter { $0.contains("Counting goes on; records wait in memory") }.count == 1, "\(outcome.log)")
        #expect(outcome.log.filter { $0.contains("the journal is written again") }.count == 1)
    }

    /// What `check` accepts, `run` can open, down to the byte.
    @Test("The smallest budget configured is the smallest taken") func theSmallestBudgetConfiguredIsTheSmallestTaken() throws {
        let folder = ScratchFolder()
        let text = configurationText().split(separator: "64MB", omittingEmptySubsequences: false)
        try #require(text.count == 2)
        for (budget, code) in [("1MB", 0), ("999.999kB", 78)] as [(String, Int32)] {
            folder.write("\(budget).yaml", text.joined(separator: budget))
            let check = try node("check", "--config", folder.file("\(budget).yaml"))
            #expect(check.exitCode() == code, "\(budget): \(check.errors)")
            if code != 0 { #expect(check.errors.contains("1MB to 1000GB"), "\(check.errors)") }
        }
        #expect(Journal.minimumBudgetBytes == 1_000_000)
        let (journal, report) = try Journal.open(
            path: folder.file("journal.sqlite"), budgetBytes: 1_000_000, epochIfNew: JournalEpoch(rawValue: 1), destinations: [])
        #expect(report == .begun)
        try journal.close()
    }

    /// More than memory may hold: the oldest records go, one notice says how many, and totals keep the counts.
    @Test("Losses beyond memory are told once") func lossesBeyondMemoryAreToldOnce() throws {
        let folder = ScratchFolder()
        let path = folder.file("journal.sqlite")
        let scenario = try Scenario.street(seconds: 40, closuresPerHour: 300)
        var run = SimulatedRun(scenario)
        run.plan.interval = .seconds(1)
        run.plan.buses = []
        run.plan.inputs = (0..<100).map {
            ChannelConfiguration(
                name: "c\($0)", settings: .contact(.stable(rise: .milliseconds(8), fall: .milliseconds(8))),
                inputs: [InputConfiguration(role: "input", pinName: nil, lineOffset: UInt32($0))])
        }
        let holder = LockHolder(path)
        run.events = [(10.3, { _ in try holder.hold() }), (28.3, { _ in holder.letGo() })]
        let outcome = try run.run(journal: path)
        let lost = outcome.records.notices.filter { $0.kind == .recordsLost }
        #expect(lost.count == 1, "\(outcome.records.notices)")
        var missing: UInt64 = 0
        for spans in outcome.records.series.values {
            #expect(spans.first?.start == outcome.start)
            for (one, next) in zip(spans, spans.dropFirst()) {
                missing += UInt64((next.start - one.end).nanoseconds / 1_000_000_000)
            }
        }
        // 101 records a second for 18 s, of which 1024 are kept.
        #expect(missing > 500)
        // A time fix may be among them too.
        #expect((missing...missing + 1).contains(try #require(lost.first?.count)))
        for channel in run.plan.inputs.map(\.name) {
            #expect(outcome.records.traffic.last { $0.channel == channel }?.total == outcome.truth[channel], "\(channel)")
        }
        #expect(outcome.log.filter { $0.contains("records are being lost") }.count == 1, "\(outcome.log)")
        // Whoever lost the first fix gets another.
        #expect(outcome.records.fixes.count == 2)
        let journal = try journalled(path)
        #expect(journal.records.map(\.sequence) == (1...UInt64(outcome.records.count)).map { $0 })
    }

    @Test("A journal found damaged at the start is set aside", arguments: ["zeros", "flipped"])
    func aJournalFoundDamagedAtTheStartIsSetAside(_ damage: String) throws {
        let folder = ScratchFolder()
        let path = folder.file("journal.sqlite")
        if damage == "zeros" {
            folder.write("journal.sqlite", [UInt8](repeating: 0, count: 10_000))
        } else {
            _ = try SimulatedRun(.street(seconds: 120)).run(journal: path)
            var bytes = content(of: path)
            for index in stride(from: 4096 + 5, to: bytes.count, by: 64) { bytes[index] ^= 0xFF }
            folder.write("journal.sqlite", bytes)
        }
        let damaged = content(of: path)
        let outcome = try SimulatedRun(.street(seconds: 120)).run(journal: path)
        for channel in ["gate", "path"] { #expect(outcome.records.counted(channel) == outcome.truth[channel]) }
        #expect(outcome.records.first.map { [$0].notices.map(\.kind) } == [.journalSetAside])
        #expect(outcome.records.notices.first?.text.contains("\(path).damaged-1") == true)
        #expect(content(of: path + ".damaged-1") == damaged)
        #expect(outcome.log.contains { $0.hasPrefix("error:") && $0.contains("\(path).damaged-1") }, "\(outcome.log)")
        #expect(try journalled(path).records.map(\.record) == outcome.records)
    }

    /// A destination finds a damaged record: the journal is replaced under the running node.
    @Test("A journal found damaged while running is replaced") func aJournalFoundDamagedWhileRunningIsReplaced() throws {
        let folder = ScratchFolder()
        let path = folder.file("journal.sqlite")
        let outboxes = Outboxes()
        var run = try SimulatedRun(.street(seconds: 400))
        run.destinations = [outboxes.plan]
        run.events = [
            (
                200,
                { _ in
                    for suffix in ["", "-wal"] { replace("gate", by: "gbte", in: path + suffix) }
                    #expect(throws: OutboxError.self) { try outboxes.all[0].records(after: 0, limit: 1000) }
                }
            )
        ]
        let outcome = try run.run(journal: path)
        for channel in ["gate", "path"] {
            #expect(outcome.records.counted(channel) == outcome.truth[channel])
            #expect(outcome.records.traffic.last { $0.channel == channel }?.total == outcome.truth[channel])
        }
        outcome.records.expectTiling(from: outcome.start)
        #expect(outcome.records.notices.map(\.kind) == [.journalBegun, .journalSetAside])
        #expect(folder.names.contains("journal.sqlite.damaged-1"))
        #expect(outboxes.all.count == 2)
        #expect(outboxes.all.first?.epoch != outboxes.all.last?.epoch)

        let journal = try journalled(path)
        // What could be read is there under its number, the rest is named, and then it goes on.
        let beginning = try #require(
            journal.records.first { [$0.record].notices.first?.kind == .journalRestored }?.sequence)
        let before = journal.records.filter { $0.sequence < beginning }
        #expect(before.allSatisfy { $0.record == outcome.records[Int($0.sequence) - 1] })
        let told = try #require(journal.records.first { $0.sequence == beginning + 1 }?.record)
        #expect([told].notices.map(\.kind) == [.recordsDropped])
        var accountedFor = SequenceRanges()
        for record in before { accountedFor.insert(record.sequence...record.sequence) }
        for range in told.replaces { accountedFor.insert(range) }
        #expect(accountedFor == SequenceRanges(1...beginning - 1))
        #expect(!told.replaces.isEmpty && !before.map(\.record).traffic.isEmpty)
        let after = journal.records.dropFirst(before.count + 2)
        #expect(after.map(\.record) == Array(outcome.records[Int(beginning - 1)...]))
        #expect(after.map(\.sequence) == after.indices.map { beginning + 2 + UInt64($0 - after.startIndex) })
    }

    /// Somebody tidies up: the journal's file, or its whole folder, is gone for a while.
    @Test(
        "A journal that is taken away while the node runs is put back",
        arguments: ["deleted", "deleted with its log", "replaced", "folder away for a while", "folder away to the end"])
    func aJournalTakenAway(_ what: String) throws {
        let folder = ScratchFolder()
        mkdir(folder.file("state"), 0o700)
        let path = folder.file("state/journal.sqlite")
        let outboxes = Outboxes()
        var run = try SimulatedRun(.street(seconds: 400))
        run.destinations = [outboxes.plan]
        run.events = [
            (
                200,
                { _ in
                    switch what {
                    case "deleted": unlink(path)
                    case "deleted with its log": for suffix in ["", "-wal", ".mark", ".lock"] { unlink(path + suffix) }
                    case "replaced":
                        folder.write("notes", "somebody's notes")
                        rename(folder.file("notes"), path)
                    default: rename(folder.file("state"), folder.file("gone"))
                    }
                }
            )
        ]
        if what == "folder away for a while" { run.events.append((270, { _ in mkdir(folder.file("state"), 0o700) })) }
        // By the end at the latest.
        if what == "folder away to the end" { run.events.append((401.5, { _ in mkdir(folder.file("state"), 0o700) })) }
        let outcome = try run.run(journal: path)
        for channel in ["gate", "path"] {
            #expect(outcome.records.counted(channel) == outcome.truth[channel])
            #expect(outcome.records.traffic.last { $0.channel == channel }?.total == outcome.truth[channel])
        }
        outcome.records.expectTiling(from: outcome.start)
        let isHere = what != "folder away to the end"
        #expect(outcome.records.notices.map(\.kind) == (isHere ? [.journalBegun, .journalSetAside] : [.journalBegun]))
        if let notice = outcome.records.notices.last, isHere, what != "folder away for a while" {
            #expect(notice.instant <= SimulatedRun.instant(202), "noticed at \(notice.instant)")
            #expect(notice.message?.code == "journal_file_gone")
        }
        let isAway = what.hasPrefix("folder")
        #expect(outcome.log.filter { $0.contains("can't be put back") }.count == (isAway ? 1 : 0), "\(outcome.log)")
        #expect(outcome.log.filter { $0.hasPrefix("error:") && $0.contains("a new one goes on with all it held") }.count == 1)

        let journal = try journalled(path)
        #expect(journal.totals == outcome.truth)
        // Every number once, and all that was committed.
        #expect(journal.records.map(\.sequence) == (1...UInt64(journal.records.count)).map { $0 })
        let own = journal.records.map(\.record).filter { [$0].notices.first?.kind != .journalRestored }
        #expect(own == outcome.records)
        #expect(outboxes.all.first?.epoch != outboxes.all.last?.epoch)
    }

    /// What only a person can settle ends the start.
    @Test("A missing folder is refused") func aMissingFolderIsRefused() throws {
        let folder = ScratchFolder()
        #expect(throws: JournalError.self) {
            try SimulatedRun(.street(seconds: 60)).run(journal: folder.file("missing/journal.sqlite"))
        }
    }

    /// A medium that takes nothing at the start stops no counting; what waited goes on where the journal was, and is
    /// published.
    @Test("A journal that cannot be opened is opened later") func aJournalThatCannotBeOpenedIsOpenedLater() throws {
        let folder = ScratchFolder()
        let path = folder.file("journal.sqlite")
        let broker = try TestBroker()
        try broker.listen()
        let configuration = folder.write("node.yaml", configurationText(interval: "1s", port: broker.port))
        let scenario = folder.write(
            "street.json", #"{"seed": 3, "duration_s": 7, "traffic": [{"channel": "*", "closures_per_hour": 9000}]}"#)
        let arguments = ["simulate", scenario, "--config", configuration, "--journal", path, "--format", "json"]
        let first = try ProgramRun(programPath(), arguments + ["--speed", "max"])
        #expect(first.exitCode() == 0, "\(first.errors)")
        let before = try journalled(path)

        let second = try ProgramRun(
            "bash",
            [
                // The limit is not to hold for what the program says.
                "-c", #"exec > >(cat) 2> >(cat >&2); trap "" XFSZ; ulimit -S -f 0; exec "$0" "$@""#, programPath(),
            ] + arguments)
        // Not opened at the start, nor by the first commit; the next is tried 5 s later.
        #expect(wait(seconds: 30) { second.errors.contains("records wait in memory") }, "\(second.errors)")
        #expect(second.errors.contains("until the journal can be opened"))
        let free = try ProgramRun("prlimit", ["--pid", "\(second.processID)", "--fsize=unlimited:unlimited"])
        #expect(free.exitCode() == 0, "\(free.errors)")
        #expect(second.exitCode() == 0, "\(second.errors)")
        #expect(wait(seconds: 20) { second.output.hasSuffix("\n") })
        let report: SimulationOutput = try second.json()
        #expect(report.delivered == true)

        let after = try journalled(path)
        #expect(after.epoch == before.epoch)
        #expect(after.records.map(\.sequence) == (1...UInt64(after.records.count)).map { $0 })
        #expect(UInt64(after.records.count - before.records.count) == report.records)
        for channel in report.channels {
            #expect(channel.counted == channel.true)
            var total = try #require(before.totals[channel.channel])
            #expect(total > 0)
            for interval in after.records[before.records.count...].map(\.record).traffic where interval.channel == channel.channel {
                total += (interval.flows ?? []).reduce(0) { $0 + $1.count }
                #expect(interval.total == total)
            }
            #expect(after.totals[channel.channel] == total)
        }
    }
}

/// Another process that keeps SQLite's write lock.
final class LockHolder {
    private let path: String
    private var process: ProgramRun?
    private let request: Int32

    /// Asks to be let in (see `docs/journal.md`), so that a node that opens the journal later shares it.
    init(_ path: String) {
        self.path = path
        request = open(path + ".readers", O_RDONLY | O_CREAT | O_CLOEXEC, 0o640)
        flock(request, LOCK_SH)
    }

    deinit { close(request) }

    func hold() throws {
        let program =
            "import sqlite3, sys, signal; c = sqlite3.connect(sys.argv[1], isolation_level=None); "
            + "c.execute('BEGIN IMMEDIATE'); print('held', flush=True); signal.pause()"
        let process = try ProgramRun("python3", ["-c", program, path])
        #expect(wait(seconds: 20) { process.output == "held\n" }, "\(process.errors)")
        self.process = process
    }

    func letGo() {
        process?.signal(SIGKILL)
        _ = process?.exitCode()
    }
}

/// Makes publishers whose broker is not there, and keeps what they are to read from.
final class Outboxes: Sendable {
    private let kept = Mutex<[any RecordOutbox]>([])

    var all: [any RecordOutbox] { kept.withLock { $0 } }

    var plan: DestinationPlan {
        DestinationPlan(place: "mqtt") { (outbox) throws(DestinationUnavailable) in
            self.kept.withLock { $0.append(outbox) }
            return try DestinationService(
                settings: DeliverySettings(name: "mqtt"), format: NumberFormat(), outbox: outbox, version: "test",
                clock: ManualClock(start: SimulatedRun.start, utc: nil), seed: 1, log: RecordingLog(),
                transport: { transportInProcess(MQTTSettings(host: "127.0.0.1", port: 1, clientID: "test"), $0) })
        }
    }
}

private struct NumberFormat: RecordFormat {
    func session() -> any FormatSession { Session() }

    private struct Session: FormatSession {
        func messages(for batch: RecordBatch) -> [RecordMessage] {
            batch.records.map {
                RecordMessage(
                    OutgoingMessage(address: "t", payload: Array("\($0.sequence)".utf8), isRetained: false, contentType: "", schema: ""),
                    carries: [$0.sequence])
            }
        }
    }
}

/// Overwrites every occurrence of `text` in place.
private func replace(_ text: String, by other: String, in path: String) {
    let bytes = content(of: path)
    let needle = Array(text.utf8)
    let descriptor = open(path, O_WRONLY)
    defer { close(descriptor) }
    var index = 0
    while index + needle.count <= bytes.count {
        // In the name of a counter it would be the counters that are damaged.
        let isInRecord = index == 0 || bytes[index - 1] != UInt8(ascii: ":")
        if isInRecord, bytes[index] == needle[0], bytes[index..<index + needle.count].elementsEqual(needle) {
            pwrite(descriptor, other, needle.count, off_t(index))
        }
        index += 1
    }
}

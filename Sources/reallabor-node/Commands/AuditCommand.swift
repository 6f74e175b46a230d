import ArgumentParser
import DeliveryAudit
import HostFiles
import LinuxHardware
import NodeRuntime
import SensorCore
import StoreForward
import TransportProcess

struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Check whether everything a node sent has arrived.",
        discussion: """
            Listens at a broker, or reads a file of messages, one JSON object per line: payloads, as mosquitto_sub -F %p \
            writes them, or what -F %J makes of them. It checks numbers, replaced ranges, overlaps, and totals against counts, and says for each node what is \
            late, duplicated or missing. Each part of a time is optional from the right: 2026-05-01T12:00.

            "No gap" speaks of what lies between the first and the last number that came; "complete" is said only where it is known what is \
            to be there: from the node's --journal or a copy of it, from what it says of itself (--against, the answer of status --json), \
            or with --expect.

            Ends with 1 when something is missing or contradicts, 65 when a message could not be read, more came than is kept, or nothing could be checked, 69 \
            when the broker is not there.

            Examples:
              reallabor-node audit --broker broker.example.org --for 10m
              reallabor-node audit received.jsonl --node main-street-2 --from 2026-05-01 --to 2026-06-01
              reallabor-node audit received.jsonl --journal copy-of-journal.sqlite
            """)

    @Argument(help: ArgumentHelp("Messages that were received, one per line; - for standard input.", valueName: "file"))
    var export: String?

    @Option(help: ArgumentHelp("Listen here instead: HOST or HOST:PORT.", valueName: "broker"))
    var broker: BrokerArgument?

    @Option(help: "What to listen to.")
    var topic = "reallabor/#"

    @Option(name: .customLong("for"), help: ArgumentHelp("How long to listen: 30s, 10m or 2h; else until Ctrl-C.", valueName: "time"))
    var length: RecordingTime?

    @Option(help: "For the broker.")
    var username: String?

    @Option(help: ArgumentHelp("It holds nothing but the password.", valueName: "file"))
    var passwordFile: String?

    @Option(help: ArgumentHelp("Authorities that may have signed the broker's certificate; TLS with this.", valueName: "file"))
    var caFile: String?

    @Option(help: "Only this node.")
    var node: String?

    @Option(
        help:
            "Which of the node's destinations these messages went to, where it has several: what the broker of another refuses explains nothing."
    )
    var destination: String?

    @Option(help: ArgumentHelp("Only what starts then or later.", valueName: "time"), transform: moment)
    var from: WallClockTime?

    @Option(help: ArgumentHelp("Only what starts before.", valueName: "time"), transform: moment)
    var to: WallClockTime?

    @Option(help: ArgumentHelp("These numbers are to be there: 1-4711.", valueName: "range"))
    var expect: NumberRangeArgument?

    @Option(help: ArgumentHelp("All that this journal numbered is to be there.", valueName: "file"))
    var journal: String?

    @Option(
        help: ArgumentHelp("All that the node had numbered when it said so is to be there: what status --json printed.", valueName: "file"))
    var against: String?

    @Option(help: "text or json: of the verdict.")
    var format: OutputFormat = .text

    func validate() throws {
        if (export == nil) == (broker == nil) { throw ValidationError(saying: "name either a file or a --broker") }
        if [journal != nil, against != nil, expect != nil].count(where: { $0 }) > 1 {
            throw ValidationError(saying: "one of --journal, --against and --expect says what is to be there")
        }
        if journal != nil || against != nil, from != nil || to != nil {
            throw ValidationError(saying: "--from and --to look at a part; --journal and --against say what the whole is")
        }
    }

    func run() throws {
        let truths = try self.truths()
        // Whoever may publish to a broker may flood it.
        var auditor = DeliveryAuditor(limits: broker == nil ? .init() : .init(records: 1_000_000))
        var brokerFault: String?
        if let broker {
            brokerFault = try listen(at: broker, &auditor)
        } else if let export {
            try read(export, &auditor)
        }
        let verdicts = auditor.verdicts(
            node: node, destination: destination, from: from, to: to, expecting: expect?.numbers, truths: truths)
        let report = AuditReport(verdicts: verdicts, unreadable: auditor.unreadable, isCutShort: auditor.isFull)
        writeStandardOutput(format == .json ? report.json : report.text)
        if let brokerFault { remark("\(brokerFault); what came until then is judged") }
        if verdicts.isEmpty {
            throw CommandFailure(brokerFault == nil ? .dataError : .unavailable, nothingToCheck)
        }
        if !report.hasNoGap { throw CommandFailure(.mismatch) }
        if report.unreadable != nil || report.isCutShort { throw CommandFailure(.dataError) }
        if brokerFault != nil { throw CommandFailure(.unavailable) }
    }

    private var nothingToCheck: Sentence {
        switch (node, broker) {
        case (nil, nil): "no record to check"
        case (nil, _?): "no record to check came under \(topic)"
        case (let node?, nil): "no record of \(node) to check"
        case (let node?, _?): "no record of \(node) to check came under \(topic)"
        }
    }

    /// What ended it early, if something did.
    private func listen(at broker: BrokerArgument, _ auditor: inout DeliveryAuditor) throws -> String? {
        let signals = try TerminationSignals()
        let clock = try SystemClock(assumeSynchronised: true)
        var random = SystemRandomNumberGenerator()
        var settings = MQTTSettings(
            host: broker.host, port: broker.port ?? (caFile == nil ? 1883 : 8883),
            clientID: "reallabor-audit-" + String(random.next(), radix: 16))
        settings.username = username
        settings.passwordFile = passwordFile
        if let passwordFile, let fault = CredentialError(option: "--password-file", file: passwordFile) { throw fault }
        settings.tls = caFile.map { MQTTSettings.TLS(authorityFile: $0) }
        settings.isListener = true
        let subscription = try BrokerSubscription(settings: settings, filter: topic, way: SpawnedTransport(), clock: clock)
        remark("listening at \(broker.host) to \(topic)")
        let end = length.map { clock.now() + $0.span } ?? .distantFuture
        do throws(BrokerSubscription.Fault) {
            while clock.now() < end, signals.take() == nil {
                for payload in try subscription.receive(milliseconds: 200) { auditor.take(bounded: payload) }
                if auditor.isFull { return nil }
            }
        } catch {
            return error.description
        }
        return nil
    }

    /// What the node itself says that it numbered.
    private func truths() throws -> [AuditTruth] {
        if let journal {
            let (name, numbered) = try journalEnded(journal) { () throws(JournalError) in
                let inspection = try JournalInspection(path: journal)
                var name = node
                if name == nil { name = try inspection.node() }
                return (name, try inspection.numbered())
            }
            guard let name else { throw CommandFailure(.dataError, "\(journal) does not say whose it is: say so with --node") }
            return numbered.map { AuditTruth(node: name, epoch: $0.epoch.text, numbers: $0.numbers) }
        }
        guard let against else { return [] }
        let text: [UInt8]
        do throws(FileError) {
            text = try FileReader(against, as: .text).readAll(limit: 1 << 20)
        } catch {
            throw CommandFailure(.noInput, error)
        }
        guard let truths = AuditTruth.read(status: text) else {
            throw CommandFailure(
                .dataError, "\(against) is not what 'reallabor-node status --json' prints: there is no node, or no numbers in it")
        }
        return truths
    }

    private func read(_ path: String, _ auditor: inout DeliveryAuditor) throws {
        do throws(FileError) {
            let file = try path == "-" ? FileReader(standardInput: .text) : FileReader(path, as: .text)
            var line = BoundedLine()
            var piece = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                let count = try file.read(into: &piece)
                var rest = piece[..<count]
                while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    line.append(rest[..<end])
                    line.end(in: &auditor)
                    rest = rest[(end + 1)...]
                }
                line.append(rest)
                if count == 0 || auditor.isFull { break }
            }
            line.end(in: &auditor)
        } catch {
            throw CommandFailure(.noInput, error)
        }
    }
}

/// A line of a file, of which no more is kept than a message may have.
private struct BoundedLine {
    private var bytes: [UInt8] = []
    private var isTooLong = false

    mutating func append(_ more: ArraySlice<UInt8>) {
        if isTooLong || bytes.count + more.count > DeliveryAuditor.longestMessage {
            isTooLong = true
            bytes = []
        } else {
            bytes += more
        }
    }

    mutating func end(in auditor: inout DeliveryAuditor) {
        if isTooLong { auditor.noteTooLong() } else { auditor.take(exportLine: bytes) }
        bytes.removeAll(keepingCapacity: true)
        isTooLong = false
    }
}

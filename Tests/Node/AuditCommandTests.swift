import Glibc
import StoreForward
import TestSupport
import Testing

/// A receiver's own look at what came.
@Suite(.startsProcesses) struct AuditCommandTests {
    private func line(_ sequence: Int, count: Int = 2, total: Int) -> String {
        """
        {"kind":"traffic","node":"node-7","epoch":"000000000000002a","sequence":\(sequence),"boot":"b","start":"2026-05-01T12:0\(sequence):00Z",\
        "end":"2026-05-01T12:0\(sequence + 1):00Z","start_monotonic_ns":\(sequence * 60),"end_monotonic_ns":\(sequence * 60 + 60),\
        "historical":false,"channel":"gate","count":\(count),"total":\(total)}

        """
    }

    @Test("A file with a gap ends with 1 and names it") func aFileWithAGapEndsWith1AndNamesIt() throws {
        let folder = ScratchFolder()
        let lines = [1, 2, 5, 6].map { line($0, total: 2 * $0) }
        let run = try node("audit", folder.write("received.jsonl", lines.joined()))
        #expect(run.exitCode() == 1)
        #expect(run.output.contains("node-7, journal 000000000000002a: not complete, 1 to 6"), "\(run.output)")
        #expect(run.output.contains("missing 3 to 4 (2), from 2026-05-01T12:03:00Z to 2026-05-01T12:05:00Z"), "\(run.output)")
        #expect(run.output.contains("the total of gate holds 4 more"), "\(run.output)")
        let limited = try node("audit", folder.file("received.jsonl"), "--from", "2026-05-01T12:05", "--format", "json")
        #expect(limited.exitCode() == 0)
        #expect(limited.output.hasPrefix(#"{"complete":false,"no_gap":true,"journals":[{"node":"node-7""#), "\(limited.output)")
        #expect(try node("audit", folder.file("received.jsonl"), "--from", "2026-02-31").exitCode() == 64)
        #expect(try node("audit", folder.file("received.jsonl"), "--from", "2026-05-02").exitCode() == 65)
    }

    @Test("Standard input is read and contradictions are said") func standardInputIsReadAndContradictionsAreSaid() throws {
        let run = try node("audit", "-", input: line(1, total: 2) + line(2, count: 1, total: 4))
        #expect(run.exitCode() == 1)
        #expect(
            run.output.contains("total and counts disagree: gate: from record 1 to 2 the total went from 2 to 4, but 1"), "\(run.output)")
    }

    @Test("Complete is only what was expected and could be read") func completeIsOnlyWhatWasExpectedAndCouldBeRead() throws {
        let folder = ScratchFolder()
        let file = folder.write("received.jsonl", [1, 2, 3].map { line($0, total: 2 * $0) }.joined())
        let plain = try node("audit", file)
        #expect(plain.exitCode() == 0 && plain.output.contains(": no gap between 1 and 3\n"), "\(plain.output)")
        let expected = try node("audit", file, "--expect", "1-3")
        #expect(expected.exitCode() == 0 && expected.output.contains(": complete, 1 to 3\n"), "\(expected.output)")
        let cut = folder.write("cut.jsonl", [1, 2, 3].map { line($0, total: 2 * $0) }.joined() + #"{"kind":"traf"#)
        let unread = try node("audit", cut, "--expect", "1-3")
        #expect(unread.exitCode() == 65 && unread.output.contains(": no gap between 1 and 3\n"), "\(unread.output)")
        let json = try node("audit", cut, "--expect", "1-3", "--format", "json")
        #expect(json.exitCode() == 65 && json.output.hasPrefix(#"{"complete":false,"no_gap":true,"#), "\(json.output)")
    }

    /// The node's own journal knows where an account ends; its status, too.
    @Test("Against the journal missing ends are seen") func againstTheJournalMissingEndsAreSeen() throws {
        let folder = ScratchFolder()
        let journal = folder.file("journal.sqlite")
        let run = try node("simulate", "school-gate", "--speed", "max", "--for", "300", "--journal", journal)
        try #require(run.exitCode() == 0, "\(run.errors)")
        let export = try node("journal", "export", journal)
        try #require(export.exitCode() == 0)
        let whole = folder.write("whole.jsonl", export.outputBytes)
        let lines = export.output.split(separator: "\n", omittingEmptySubsequences: true)
        let last = lines.count
        let inspection = try JournalInspection(path: journal)
        let name = try #require(try inspection.node())
        let numbered = try #require(try inspection.numbered().first)
        #expect(numbered.numbers == 1...UInt64(last))
        let status = folder.write(
            "status.json", #"{"node":"\#(name)","journal":{"epochs":[{"epoch":"\#(numbered.epoch.text)","first":1,"last":\#(last)}]}}"#)
        for (option, file) in [("--journal", journal), ("--against", status)] {
            let good = try node("audit", whole, option, file)
            #expect(good.exitCode() == 0 && good.output.contains(": complete, 1 to \(last)\n"), "\(option) \(good.output) \(good.errors)")
            let cut = folder.write("cut.jsonl", lines.dropFirst(2).dropLast().joined(separator: "\n") + "\n")
            let bad = try node("audit", cut, option, file)
            #expect(bad.exitCode() == 1 && bad.output.contains("missing 1 to 2 (2)"), "\(bad.output)")
            #expect(bad.output.contains("missing \(last), from"), "\(bad.output)")
            // Nothing came at all.
            #expect(try node("audit", folder.write("empty.jsonl"), option, file).exitCode() == 1)
            #expect(try node("audit", whole, option, file, "--expect", "1-3").exitCode() == 64)
        }
        #expect(try node("audit", whole, "--against", whole).exitCode() == 65)
        #expect(try node("audit", whole, "--journal", whole).exitCode() == 65)
        #expect(try node("audit", whole, "--journal", folder.file("none")).exitCode() == 66)
    }

    /// A line without end costs no memory, and what has no end is no file.
    @Test("Neither a line nor a file without end fills the memory") func withoutEnd() throws {
        let folder = ScratchFolder()
        let device = try node("audit", "/dev/zero")
        #expect(device.exitCode() == 66 && device.errors.contains("it is a device, not a file"), "\(device.errors)")
        let file = folder.write("received.jsonl", line(1, total: 2))
        // 100 MB without a line feed, in 60 MB of memory; then a line as it should be.
        let long = try ProgramRun(
            "bash",
            ["-c", #"ulimit -d 60000; { head -c 100000000 /dev/zero | tr '\0' x; echo; cat "$1"; } | "$0" audit -"#, programPath(), file])
        #expect(long.exitCode() == 65, "\(long.errors)")
        #expect(long.output.contains("no gap between 1 and 1") && long.output.contains("1 messages are no records"), "\(long.output)")
    }

    @Test("What the broker of one destination refuses is an explanation only with its name")
    func refusedForADestination() throws {
        let folder = ScratchFolder()
        let notice = """
            {"kind":"notice","node":"node-7","epoch":"000000000000002a","sequence":4,"boot":"b","start":null,"end":null,\
            "start_monotonic_ns":250,"end_monotonic_ns":250,"historical":false,"notice":"records_refused","first_sequence":2,"last_sequence":2,\
            "code":"records_refused","arguments":{"obstacle":"refused","reason_code":151,"destination":"city"}}

            """
        let file = folder.write("received.jsonl", [1, 3].map { line($0, total: 2 * $0) }.joined() + notice)
        let unnamed = try node("audit", file)
        #expect(unnamed.exitCode() == 1)
        #expect(unnamed.output.contains("missing 2, from"), "\(unnamed.output)")
        #expect(unnamed.output.contains("of these the broker of destination city refuses 2, from"), "\(unnamed.output)")
        let named = try node("audit", file, "--destination", "city")
        #expect(named.exitCode() == 1)
        #expect(named.output.contains("refused by the broker, kept by the node: 2, from"), "\(named.output)")
        #expect(!named.output.contains("missing"), "\(named.output)")
        let json = try node("audit", file, "--destination", "school", "--format", "json")
        #expect(json.exitCode() == 1)
        #expect(json.output.contains(#""refused_elsewhere":[{"destination":"city","first":2,"last":2}]"#), "\(json.output)")
    }

    @Test("What cannot be checked is said") func whatCannotBeCheckedIsSaid() throws {
        let folder = ScratchFolder()
        let nothing = try node("audit", folder.write("received.jsonl", "no JSON\n"))
        #expect(nothing.exitCode() == 65 && nothing.output.contains("1 messages are no records"), "\(nothing.output)")
        #expect(try node("audit", folder.file("missing")).exitCode() == 66)
        #expect(try node("audit", "--broker", "127.0.0.1:\(freePort())", "--for", "1s").exitCode() == 69)
        #expect(try node("audit").exitCode() == 64)
        #expect(try node("audit", "a", "--expect", "9-1").exitCode() == 64)
    }

    @Test("It listens at a broker") func itListensAtABroker() throws {
        let folder = ScratchFolder()
        let broker = try TestBroker()
        let audit = try node("audit", "--broker", "127.0.0.1:\(broker.port)", "--for", "1h", "--node", "test-node")
        #expect(wait(seconds: 20) { audit.errors.contains("listening") }, "\(audit.errors)")
        let configuration = folder.write("node.yaml", configurationText(port: broker.port))
        let run = try node("simulate", "school-gate", "--speed", "max", "--for", "600", "--config", configuration)
        #expect(run.exitCode() == 0, "\(run.errors)")
        // QoS 1 to it as well; it has them once the broker has its answers.
        #expect(wait(seconds: 20) { broker.log.contains("Received DISCONNECT from reallabor-test-node") })
        usleep(500_000)
        audit.signal(SIGINT)
        #expect(audit.exitCode() == 0, "\(audit.output)\(audit.errors)")
        #expect(audit.output.contains(": no gap between 1 and "), "\(audit.output)")
    }
}

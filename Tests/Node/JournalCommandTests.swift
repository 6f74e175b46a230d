import Glibc
import SensorCore
import StoreForward
import TestSupport
import Testing

/// The journal commands on a simulated node's file: closed, and open in this process.
@Suite(.startsProcesses) struct JournalCommandTests {
    let folder = ScratchFolder()
    var path: String { folder.file("journal.sqlite") }

    init() throws {
        let run = try ProgramRun(
            programPath(), ["simulate", "school-gate", "--speed", "max", "--for", "400", "--journal", path])
        try #require(run.exitCode() == 0, "\(run.errors)")
    }

    /// Run to its end.
    private func journal(_ command: String, _ arguments: String..., beside open: Journal? = nil) throws -> ProgramRun {
        let run = try ProgramRun(programPath(), ["journal", command, path] + arguments)
        // What the node's loop does.
        _ = run.exitCode { #expect(throws: Never.self) { try open?.admitReaders() } }
        return run
    }

    @Test("Stats tell what is kept") func statsTellWhatIsKept() throws {
        let text = try journal("stats")
        #expect(text.exitCode() == 0, "\(text.errors)")
        for part in ["format 3, not open anywhere", "from number 1", "total of gate", "size: "] {
            #expect(text.output.contains(part), "\(part) in:\n\(text.output)")
        }
        let json = try journal("stats", "--format", "json")
        #expect(json.exitCode() == 0)
        #expect(json.output.contains("\"process\":null") && json.output.contains("\"last_sequence\":"))
    }

    /// The exported counts are the totals of the same journal, in both formats.
    @Test("Exports add up to the totals") func exportsAddUpToTheTotals() throws {
        let inspection = try JournalInspection(path: path)
        let stats = try inspection.stats()
        let csv = try journal("export", "--format", "csv")
        #expect(csv.exitCode() == 0, "\(csv.errors)")
        let rows = csv.output.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        let columns = try #require(rows.first).map(String.init)
        func value(_ row: [Substring], _ column: String) -> String { String(row[columns.firstIndex(of: column)!]) }
        #expect(rows.dropFirst().allSatisfy { $0.count == columns.count || $0.joined().contains("\"") })
        var counts: [String: UInt64] = [:]
        for row in rows.dropFirst() where value(row, "kind") == "traffic" && value(row, "quantity") == "count" {
            counts[value(row, "name"), default: 0] += UInt64(value(row, "value")) ?? 0
        }
        #expect(counts == stats.totals && !counts.isEmpty)

        let lines = try journal("export", "--node", "test")
        #expect(lines.exitCode() == 0)
        #expect(lines.output.split(separator: "\n").count == Int(stats.kept))
        let own = try journal("export")
        #expect(own.exitCode() == 0)
        let node = try #require(try inspection.node())
        #expect(own.output.contains("\"node\":\"\(node)\",") && !own.output.contains("\"node\":\"test\""))
        #expect(rows.dropFirst().allSatisfy { value($0, "node") == node || $0.count != columns.count })
        #expect(lines.output.contains("\"node\":\"test\",\"epoch\":\"\(stats.epochs[0].epoch.text)\",\"sequence\":1,"))
    }

    @Test("Selects by number and time") func selectsByNumberAndTime() throws {
        let some = try journal("export", "--after", "3", "--through", "7")
        #expect(some.output.split(separator: "\n").count == 4)
        let none = try journal("export", "--to", "2001-01-01T00:00:00Z")
        #expect(none.exitCode() == 0 && none.output == "")
        #expect(try journal("export", "--from", "yesterday").exitCode() == 64)
        // The grammar of `audit`.
        let early = try journal("export", "--to", "2001-01-01")
        #expect(early.exitCode() == 0 && early.output == "")
        let all = try journal("export", "--from", "2001-01-01T12:00", "--to", "2199-12-31")
        #expect(all.output.split(separator: "\n").count > 3)
        let noDay = try journal("export", "--from", "2026-02-31")
        #expect(noDay.exitCode() == 64 && noDay.errors.contains("2026-05-01T12:00:00Z"), "\(noDay.errors)")
        let tail = try journal("tail", "--count", "3")
        #expect(tail.output.split(separator: "\n").count == 3, "\(tail.output)")
        let json = try journal("tail", "--count", "2", "--format", "json")
        let own = json.output.split(separator: "\n")
        let id = try #require(try JournalInspection(path: path).node())
        #expect(id != "node" && own.count == 2 && own.allSatisfy { $0.contains("\"node\":\"\(id)\",") }, "\(json.output)")
        let other = try journal("tail", "--count", "1", "--format", "json", "--node", "mine")
        #expect(other.output.contains("\"node\":\"mine\","), "\(other.output)")
    }

    @Test("A journal that is not there is said as such, a file that is none not sent to the command that was asked")
    func notThere() throws {
        for command in ["stats", "tail", "export", "verify", "compact"] {
            let run = try node("journal", command, "/nowhere/nope.sqlite")
            #expect(run.exitCode() == 66, "\(command): \(run.errors)")
            #expect(
                run.errors == "there is no journal at /nowhere/nope.sqlite: a node's is where its configuration says, under journal.path\n",
                "\(command): \(run.errors)")
        }
        let folder = ScratchFolder()
        let table = folder.write("table.csv", String(repeating: "time,level\n", count: 200))
        let verify = try node("journal", "verify", table)
        #expect(verify.exitCode() == 65, "\(verify.errors)")
        #expect(verify.output.contains("file is not a database") && !verify.output.contains("journal verify"), "\(verify.output)")
    }

    /// Beside the process that has it open.
    @Test("A running node's journal can be looked at") func aRunningNodesJournalCanBeLookedAt() throws {
        let (open, _) = try Journal.open(
            path: path, budgetBytes: 64 << 20, epochIfNew: JournalEpoch(rawValue: 7), destinations: ["city"])
        let record = Record(
            bootID: BootID("boot"),
            body: .notice(
                Notice(kind: .recordsLost, instant: MonotonicInstant(nanoseconds: 1), utc: nil, text: "fresh", count: 1)))
        let range = try open.append([record])
        let stats = try journal("stats", beside: open)
        #expect(stats.output.contains("open in process \(getpid())"), "\(stats.output)\(stats.errors)")
        #expect(stats.output.contains("of \(range.upperBound) numbered"))
        #expect(try journal("tail", "--count", "1", beside: open).output.contains("fresh"))
        #expect(try journal("verify", beside: open).exitCode() == 0)
        let compact = try journal("compact", beside: open)
        #expect(compact.exitCode() == 0, "\(compact.errors)")
        #expect(try open.append([record]).lowerBound == range.upperBound + 1)
    }

    @Test("Verify explains damage and says it by its exit code") func verifyExplainsDamageAndSaysItByItsExitCode() throws {
        #expect(try journal("verify").output.contains("all sound"))
        let file = try #require(fopen(path, "r+"))
        // Every page of the file's second half: some of them hold records.
        fseek(file, 0, SEEK_END)
        let size = ftell(file)
        for page in stride(from: size / 2 / 4096 * 4096, to: size, by: 4096) {
            fseek(file, page + 2000, SEEK_SET)
            fwrite([UInt8](repeating: 0x55, count: 1500), 1, 1500, file)
        }
        fclose(file)
        let verify = try journal("verify")
        #expect(verify.exitCode() == 65, "\(verify.output)\(verify.errors)")
        #expect(verify.output.contains("record") || verify.errors.contains("record"))
    }

    @Test("A missing journal is 66") func aMissingJournalIs66() throws {
        let run = try ProgramRun(programPath(), ["journal", "stats", folder.file("nowhere.sqlite")])
        #expect(run.exitCode() == 66)
        #expect(run.errors.contains("nowhere.sqlite"))
    }
}

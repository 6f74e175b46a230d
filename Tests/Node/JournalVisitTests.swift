import Glibc
import TestSupport
import Testing

/// The journal commands beside a node that is another process and counts in real time.
@Suite(.startsProcesses) struct JournalVisitTests {
    let folder = ScratchFolder()
    var path: String { folder.file("journal.sqlite") }

    /// Long enough for whatever a test does; ended with it. Returns when its journal is there.
    private func runningNode(_ seconds: String = "120") throws -> ProgramRun {
        let simulation = try node("simulate", "school-gate", "--for", seconds, "--journal", path, "--format", "json")
        let isOpen = wait(seconds: 20) { access(path + ".mark", F_OK) == 0 }
        try #require(isOpen, "\(simulation.errors)")
        return simulation
    }

    private func visit(_ command: String, _ arguments: String...) throws -> ProgramRun {
        let run = try ProgramRun(programPath(), ["journal", command, path] + arguments)
        _ = run.exitCode()
        return run
    }

    /// Every command, several at once too; and the node counts every vehicle meanwhile.
    @Test("Every command works beside a node") func everyCommandWorksBesideANode() throws {
        let simulation = try runningNode("9")
        let stats = try visit("stats")
        #expect(stats.exitCode() == 0, "\(stats.errors)")
        #expect(stats.output.contains("open in process \(simulation.processID)"), "\(stats.output)")
        let several = try (0..<3).map { _ in try ProgramRun(programPath(), ["journal", "export", path]) }
        for run in several {
            #expect(run.exitCode() == 0, "\(run.errors)")
            #expect(run.output.contains("\"kind\":\"notice\""))
        }
        for command in ["tail", "verify", "compact"] {
            let run = try visit(command)
            #expect(run.exitCode() == 0, "\(command): \(run.errors)")
            #expect(!run.output.isEmpty, "\(command)")
        }
        #expect(simulation.exitCode() == 0, "\(simulation.errors)")
        let report: SimulationOutput = try simulation.json()
        for channel in report.channels { #expect(channel.counted == channel.true, "\(channel.channel)") }
        #expect(!simulation.errors.contains("journal"), "\(simulation.errors)")
        #expect(try visit("stats").output.contains("not open anywhere"))
    }

    /// As `docs/journal.md` has it, for what this program does not do itself.
    @Test("SQLite itself is let in when it asks") func sqliteItselfIsLetInWhenItAsks() throws {
        let simulation = try runningNode()
        let program =
            "import fcntl, sqlite3, sys; door = open(sys.argv[1] + '.readers'); fcntl.flock(door, fcntl.LOCK_SH); "
            + "source = sqlite3.connect(sys.argv[1], timeout=10); source.backup(sqlite3.connect(sys.argv[1] + '.copy'))"
        let copying = try ProgramRun("python3", ["-c", program, path])
        #expect(copying.exitCode() == 0, "\(copying.errors)")
        let copy = try node("journal", "verify", path + ".copy")
        #expect(copy.exitCode() == 0 && copy.output.contains("all sound"), "\(copy.output)\(copy.errors)")
        let second = try node("simulate", "school-gate", "--for", "1", "--journal", path)
        #expect(second.exitCode() == 70)
        #expect(second.errors.contains("another process (process \(simulation.processID)) is using this journal"), "\(second.errors)")
    }

    /// Killed at any moment, a visitor leaves the node as it was.
    @Test("A visitor that is killed leaves no trace") func aVisitorThatIsKilledLeavesNoTrace() throws {
        let simulation = try runningNode("9")
        for pause in [1_000, 30_000, 400_000, 1_100_000] as [UInt32] {
            let dying = try ProgramRun(programPath(), ["journal", "verify", path])
            usleep(pause)
            dying.signal(SIGKILL)
            _ = dying.exitCode()
        }
        #expect(try visit("tail").exitCode() == 0)
        #expect(simulation.exitCode() == 0, "\(simulation.errors)")
        let report: SimulationOutput = try simulation.json()
        for channel in report.channels { #expect(channel.counted == channel.true, "\(channel.channel)") }
        #expect(try visit("verify").exitCode() == 0)
    }

    /// A node that hangs is named, with what to do; one that dies meanwhile leaves its journal to whoever waits.
    @Test("A node that does not answer is named") func aNodeThatDoesNotAnswerIsNamed() throws {
        let simulation = try runningNode()
        simulation.signal(SIGSTOP)
        let refused = try visit("stats")
        #expect(refused.exitCode() == 70)
        #expect(refused.output.isEmpty)
        for part in ["the node (process \(simulation.processID)) has this journal to itself", "reallabor-node status"] {
            #expect(refused.errors.contains(part), "\(refused.errors)")
        }
        let waiting = try ProgramRun(programPath(), ["journal", "stats", path])
        usleep(300_000)
        simulation.signal(SIGKILL)
        #expect(waiting.exitCode() == 0, "\(waiting.errors)")
        #expect(waiting.output.contains("not open anywhere"), "\(waiting.output)")
    }
}

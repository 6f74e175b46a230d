import Glibc
import TestSupport
import Testing

/// What every command says when nobody can read it: a full disk ends it with 74 and a message, a closed pipe with 141 and none.
@Suite(.startsProcesses) struct OutputFaultTests {
    let folder = ScratchFolder()
    var path: String { folder.file("journal.sqlite") }

    init() throws {
        folder.write("node.yaml", configurationText())
        let run = try node("simulate", "school-gate", "--speed", "max", "--for", "200", "--journal", path)
        try #require(run.exitCode() == 0, "\(run.errors)")
        let received = try node("journal", "export", path)
        try #require(received.exitCode() == 0)
        folder.write("received.jsonl", received.outputBytes)
        folder.write("edges.csv", "time [s],gate\n0,0\n0.5,1\n1,0\n2,1\n3,0\n4,1\n5,0\n")
        folder.write("bus.json", SensorReplayCommandTests.memories[0])
    }

    /// Each command that needs neither hardware nor a running node, by its words, with arguments with which it prints.
    private var commands: [[String]] {
        let trace = [folder.file("edges.csv"), "--config", folder.file("node.yaml"), "--channel", "gate"]
        return [
            ["check", "--config", folder.file("node.yaml")],
            ["simulate", "school-gate", "--speed", "max", "--for", "60"],
            ["sensor", "list"], ["sensor", "replay", "--part", "bme280", folder.file("bus.json")],
            ["pulses", "replay"] + trace, ["pulses", "suggest"] + trace, ["pulses", "histogram"] + trace,
            ["calibrate", "history", "--config", folder.file("node.yaml"), "--state", folder.path],
            ["journal", "stats", path], ["journal", "tail", path], ["journal", "export", path], ["journal", "verify", path],
            ["journal", "compact", path],
            ["audit", folder.file("received.jsonl")],
        ]
    }

    /// Those that print only beside a node, hardware, a broker or a person; what they print goes the same way.
    private static let besides: Set<String> = [
        "run", "status", "transport", "sensor record", "sensor scan", "pulses record", "calibrate climate", "calibrate revert", "help",
    ]

    private func run(_ words: [String], to output: String) throws -> ProgramRun {
        // Whatever ends the program, 128 and the signal's number.
        let closed =
            "import os, signal, sys; r, w = os.pipe(); os.close(r); os.dup2(w, 1); signal.signal(signal.SIGPIPE, signal.SIG_DFL); "
            + "os.execv(sys.argv[1], sys.argv[1:])"
        return output == "a closed pipe"
            ? try ProgramRun("python3", ["-c", closed, programPath()] + words)
            : try ProgramRun("bash", ["-c", #"exec "$0" "$@" > /dev/full"#, programPath()] + words)
    }

    @Test("A full disk ends every command with 74 and a word, a closed pipe with 141 and none") func everyCommand() throws {
        for words in commands + [["--help"], ["--version"], ["journal", "stats", "--help"]] {
            let full = try run(words, to: "a full disk")
            #expect(full.exitCode() == 74, "\(words): \(full.errors)")
            #expect(full.errors.contains("cannot write to standard output: No space left on device"), "\(words): \(full.errors)")
            let closed = try run(words, to: "a closed pipe")
            #expect(closed.exitCode() == 141, "\(words): \(closed.errors)")
            #expect(!closed.errors.contains("standard output"), "\(words): \(closed.errors)")
        }
    }

    /// A command that comes later has to be in the one list or in the other.
    @Test("No command is left out") func noCommandIsLeftOut() throws {
        var known = Self.besides
        for words in commands {
            known.insert(words.prefix { !$0.hasPrefix("-") && !$0.contains("/") && $0 != "school-gate" }.joined(separator: " "))
        }
        var open: [[String]] = [[]]
        while let words = open.popLast() {
            try #require(words.count < 4, "\(words)")
            let help = try ProgramRun(programPath(), words + ["--help"])
            #expect(help.exitCode() == 0)
            let lines = help.output.split(separator: "\n", omittingEmptySubsequences: false)
            guard let start = lines.firstIndex(of: "SUBCOMMANDS:") else {
                #expect(known.contains(words.joined(separator: " ")), "\(words)")
                continue
            }
            for line in lines[(start + 1)...].prefix(while: { !$0.isEmpty }) where line.hasPrefix("  ") && !line.hasPrefix("   ") {
                open.append(words + [String(line.dropFirst(2).prefix { $0 != " " && $0 != "," })])
            }
        }
    }

    /// No file may grow, as on a full disk: what only reads needs no room, what writes says so.
    @Test("On a full disk a journal can be looked at", arguments: ["stats", "tail", "export", "verify", "compact"])
    func onAFullDisk(_ command: String) throws {
        for leavesLog in [false, true] {
            if leavesLog {
                // A node that died left it.
                let run = try node("simulate", "school-gate", "--speed", "real", "--journal", path)
                #expect(wait(seconds: 30) { access(path + "-wal", F_OK) == 0 })
                run.signal(SIGKILL)
                _ = run.exitCode()
                unlink(path + "-shm")
            }
            let run = try ProgramRun(
                "bash",
                [
                    "-c", #"exec > >(cat) 2> >(cat >&2); trap "" XFSZ; ulimit -S -f 0; exec "$0" "$@""#, programPath(), "journal", command,
                    path,
                ])
            let code = run.exitCode()
            #expect(code == (command == "compact" ? 74 : 0), "\(leavesLog): \(run.errors)")
        }
    }
}

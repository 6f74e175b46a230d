import HardwareMocks
import SensorCore
import TestSupport
import Testing

/// `pulses replay --what-if`, `pulses histogram` and `pulses suggest` on traces whose closures are known.
@Suite(.startsProcesses) struct PulsesToolsTests {
    struct Comparison: Decodable {
        struct Row: Decodable {
            var filter: String
            var configured: Bool
            var count: UInt64
            var added: UInt64
            var missing: UInt64
            var first_missing: [Double]
            var edges: UInt64
        }
        var filters: [Row]
    }

    struct Widths: Decodable {
        struct Bin: Decodable {
            var from_us: Double
            var to_us: Double?
            var count: UInt64
        }
        struct Side: Decodable {
            var count: UInt64
            var shortest_us: Double?
            var longest_us: Double?
            var bins: [Bin]
        }
        struct Input: Decodable {
            var pin: String
            var edges: UInt64
            var repeated_levels: UInt64
            var active: Side
            var inactive: Side
        }
        var inputs: [Input]
    }

    struct Suggestion: Decodable {
        var finding: String
        var proposed: String?
        var keep: Bool
        var activations: UInt64?
        var count: UInt64?
        var proposed_count: UInt64?
        var added: UInt64?
        var missing: UInt64?
    }

    private static let train = PulsesReplayCommandTests.train

    private func tool(
        _ tool: String, _ trace: String, channel: String = "path", _ more: String..., format: String = "json"
    ) throws -> ProgramRun {
        let folder = ScratchFolder()
        let run = try ProgramRun(
            programPath(),
            ["pulses", tool, "--config", folder.write("node.yaml", configurationText()), "--channel", channel] + more
                + [folder.write("a.csv", trace), "--format", format])
        _ = run.exitCode()
        return run
    }

    /// Each column of the table is what a replay with that filter alone gives.
    @Test("Filters are compared in one pass") func filtersAreComparedInOnePass() throws {
        let trace = Self.train.csv(line: "input")
        let run = try tool("replay", trace, "--what-if", "stable=8ms,lockout=20ms,none,stable=10s")
        #expect(run.exitCode() == 0, "\(run.errors)")
        let rows = try run.json(Comparison.self).filters
        #expect(
            rows.map(\.filter) == [
                "stable rise 8 ms, fall 12 ms", "stable rise 8 ms, fall 8 ms", "lockout 20 ms", "none",
                "stable rise 10000 ms, fall 10000 ms",
            ])
        #expect(rows.map(\.configured) == [true, false, false, false, false])
        let closures = UInt64(Self.train.closures.count)
        #expect(rows[0].count == closures && rows[1].count == closures)
        #expect(rows[1].added == 0 && rows[1].missing == 0)
        #expect(rows.allSatisfy { $0.edges == UInt64(Self.train.edges.count) })
        // Every spike counts behind a lockout, every bounce without a filter.
        #expect(rows[2].count > closures && rows[2].added == rows[2].count - closures && rows[2].missing == 0)
        #expect(rows[3].count == UInt64(Self.train.edges.filter(\.level).count))
        #expect(rows[3].added == rows[3].count - closures && rows[3].missing == 0)
        #expect(rows[4].count == 0 && rows[4].missing == closures && rows[4].first_missing.count == 5)
    }

    @Test("A person reads the table") func aPersonReadsTheTable() throws {
        let run = try tool("replay", Self.train.csv(line: "input"), "--what-if", "none,lockout=8ms+glitch=250us", format: "text")
        let lines = run.output.split(separator: "\n")
        #expect(
            lines.contains { $0.contains("filter") && $0.contains("counted") && $0.contains("change") && $0.contains("glitches") },
            "\(run.output)")
        #expect(lines.contains { $0.contains("(configured)") && $0.contains(" \(Self.train.closures.count) ") }, "\(run.output)")
        #expect(lines.contains { $0.contains("none counts what the configured filter does not: ") }, "\(run.output)")
        #expect(lines.contains { $0.contains("lockout 8 ms, glitches below 0.25 ms") })
    }

    @Test(
        "A filter that is none is 64",
        arguments: ["", "stable", "stable=1", "stable=8ms,", "kernel=5ms", "lockout=1ms/2ms", "stable=8ms+glitch=9ms", "fast=1ms"])
    func aFilterThatIsNoneIs64(_ word: String) throws {
        let run = try tool("replay", "0,input,1\n", "--what-if", word)
        #expect(run.exitCode() == 64, "\(run.output)")
        #expect(run.output == "")
        #expect(run.errors.contains("--what-if"), "\(run.errors)")
    }

    @Test("Widths are those of the trace") func widthsAreThoseOfTheTrace() throws {
        // Active 3 ms, 30 us and 700 ms; inactive 5 ms and 100 ms.
        let trace =
            "0,input,1\n3000000,input,0\n8000000,input,1\n8030000,input,0\n108030000,input,1\n808030000,input,0\n808040000,input,0\n"
        let input = try #require(try tool("histogram", trace).json(Widths.self).inputs.first)
        #expect(input.pin == "J8-13" && input.edges == 7 && input.repeated_levels == 1)
        #expect(input.active.count == 3 && input.active.shortest_us == 30 && input.active.longest_us == 700_000)
        #expect(input.active.bins.filter { $0.count > 0 }.map(\.from_us) == [20, 2_000, 500_000])
        #expect(input.inactive.count == 2 && input.inactive.bins.filter { $0.count > 0 }.map(\.from_us) == [5_000, 100_000])
        #expect(input.active.bins.reduce(0) { $0 + $1.count } == 3)
        let text = try tool("histogram", trace, format: "text").output
        #expect(text.contains("active: 3 times, 30 us to 700 ms"), "\(text)")
        #expect(text.split(separator: "\n").contains { $0.contains("2 ms to 5 ms") && $0.hasSuffix("#") }, "\(text)")
        #expect(text.contains("1 edges to a level that was there already"), "\(text)")
    }

    @Test("A filter is proposed from the bounce") func aFilterIsProposedFromTheBounce() throws {
        let trace = Self.train.csv(line: "input", isInverted: true)
        let found = try tool("suggest", trace, channel: "gate").json(Suggestion.self)
        #expect(found.finding == "plateau" && found.keep)
        #expect(found.proposed == "stable rise 8 ms, fall 8 ms")
        #expect(found.activations == UInt64(Self.train.closures.count))
        #expect(found.count == found.proposed_count && found.added == 0 && found.missing == 0)
    }

    /// A filter that is much too short counts bounces, and the proposal says how many.
    @Test("What the proposal would change is counted") func whatTheProposalWouldChangeIsCounted() throws {
        let folder = ScratchFolder()
        let configuration = configurationText().replacing("{kind: stable, time: 8ms}", with: "{kind: stable, time: 100us}")
        let arguments = [
            "pulses", "suggest", "--config", folder.write("node.yaml", configuration), "--channel", "gate",
            folder.write("a.csv", Self.train.csv(line: "input", isInverted: true)),
        ]
        let run = try ProgramRun(programPath(), arguments + ["--format", "json"])
        #expect(run.exitCode() == 0, "\(run.errors)")
        let found = try run.json(Suggestion.self)
        #expect(!found.keep)
        #expect(found.proposed_count == UInt64(Self.train.closures.count))
        let (before, after) = (try #require(found.count), try #require(found.proposed_count))
        #expect(before > after && found.missing == before - after && found.added == 0)
        let text = try ProgramRun(programPath(), arguments)
        #expect(text.exitCode() == 0)
        #expect(text.output.contains("It would count \(after) in place of \(before):"), "\(text.output)")
        #expect(text.output.contains("debounce: {kind: stable, time: "), "\(text.output)")
    }

    @Test("Too short a recording is said") func tooShortARecordingIsSaid() throws {
        let run = try tool("suggest", "0,input,1\n100000000,input,0\n", format: "text")
        #expect(run.exitCode() == 0)
        #expect(run.output.contains("too few"), "\(run.output)")
    }

    @Test("A damaged trace is said with its place", arguments: ["histogram", "suggest"]) func aDamagedTraceIsSaidWithItsPlace(
        _ name: String
    ) throws {
        let run = try tool(name, "10,input,1\n5,input,0\n")
        #expect(run.exitCode() == 65)
        #expect(run.output == "" && run.errors.contains("a.csv:2:1: time runs backwards"), "\(run.errors)")
    }
}

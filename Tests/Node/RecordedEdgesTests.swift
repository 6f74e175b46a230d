import HardwareMocks
import PulsePipeline
import SensorCore
import TestSupport
import Testing

@testable import NodeRuntime
@testable import NodeSimulation
@testable import reallabor_node

/// A stream's lines become a file that 'pulses replay' counts as the node did, whatever the input's polarity.
@Suite struct RecordedEdgesTests {
    static let cases: [(file: String, channel: String, polarity: String)] = [
        ("trace.vcd", "gate", "active-low"), ("trace.csv", "gate", "active-low"),
        ("trace.vcd", "path", "active-high"), ("trace.csv", "path", "active-high"),
    ]

    @Test("A recording replays to the same count", .startsProcesses, arguments: cases) func aRecordingReplaysToTheSameCount(
        _ file: String, _ channel: String, _ polarity: String
    ) throws {
        let folder = ScratchFolder()
        var recorded = RecordedEdges(isCSV: file.hasSuffix(".csv"))
        var text = ""
        var lines = ["input 0 input \(channel == "gate" ? "J8-11" : "J8-13") \(polarity)", "start 1000000000 0 0"]
        for closure in 1...25 as ClosedRange<Int64> {
            lines.append("\(1_000_000_000 + closure * 500_000_000) 0 1 0")
            lines.append("\(1_100_000_000 + closure * 500_000_000) 0 0 0")
        }
        for line in lines {
            let more = recorded.take(line)
            text += try #require(more, "\(line)")
        }
        text += recorded.end(at: 20_000_000_000)
        _ = folder.write(file, text)
        _ = folder.write("node.yaml", configurationText())
        let replay = try node(
            "pulses", "replay", "--config", folder.file("node.yaml"), "--channel", channel, folder.file(file), "--format", "json")
        #expect(replay.exitCode() == 0, "\(replay.errors)")
        #expect(replay.output.contains("\"count\":25"), "\(replay.output)")
        #expect(recorded.edges == 50)
    }

    @Test("A loss is counted and said in the file") func aLossIsCountedAndSaidInTheFile() throws {
        var recorded = RecordedEdges(isCSV: false)
        for line in ["input 0 input - active-high", "start 5 0 0"] { _ = recorded.take(line) }
        let mark = recorded.take("lost 12")
        #expect(mark == "1l\n")
        // It ends with the next change of a later microsecond.
        let same = recorded.take("6 0 1 1")
        let next = recorded.take("1006 0 0 2")
        #expect(same == "1!\n" && next == "#1\n0l\n0!\n")
        var rows = RecordedEdges(isCSV: true)
        for line in ["input 0 input - active-high", "start 5 0 0"] { _ = rows.take(line) }
        let comment = rows.take("lost 12")
        #expect(comment == "# 12 changes are missing here\n")
        #expect(recorded.lost == 12)
    }

    @Test("A trace of two inputs begins with both levels") func aTraceOfTwoInputsBeginsWithBothLevels() {
        var recorded = RecordedEdges(isCSV: false)
        for line in ["input 0 a J8-11 active-low", "input 1 b J8-13 active-high"] { _ = recorded.take(line) }
        let early = recorded.take("start 5 0 0")
        #expect(early == "" && !recorded.hasBegun)
        let edgeBefore = recorded.take("6 1 1 1")
        #expect(edgeBefore == nil)
        let head = recorded.take("start 6000 1 0")
        #expect(recorded.hasBegun && head?.hasSuffix("#6\n$dumpvars\n1!\n0\"\n0l\n$end\n") == true, "\(head ?? "")")
        let again = recorded.take("start 7 1 0")
        #expect(again == nil)
        let edge = recorded.take("8 1 1 1")
        #expect(edge != nil && recorded.edges == 1)
    }

    @Test("A line that is none is refused", arguments: ["", "1 2 3", "x 0 1 0", "1 9 1 0", "start 1 4 0", "lost many"])
    func aLineThatIsNoneIsRefused(_ line: String) {
        var recorded = RecordedEdges(isCSV: false)
        _ = recorded.take("input 0 input - active-high")
        _ = recorded.take("start 0 0 0")
        let text = recorded.take(line)
        #expect(text == nil)
    }
}

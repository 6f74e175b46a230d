import Recordings
import TestSupport
import Testing

@testable import NodeRuntime
@testable import NodeSimulation
@testable import reallabor_node

/// A recording is read by libsigrok, with which PulseView opens files, and comes out again as it went in.
@Suite(.startsProcesses) struct PulseViewTests {
    @Test("A recording opens in PulseView") func aRecordingOpensInPulseView() throws {
        let folder = ScratchFolder()
        var recorded = RecordedEdges(isCSV: false)
        var text = ""
        // Days after the boot, as on a pole.
        let start: Int64 = 864_000_000_000_000
        var lines = ["input 0 first J8-11 active-low", "input 1 second J8-13 active-high", "start \(start) 0 0", "start \(start) 1 0"]
        var changes: [TraceSample] = []
        for number in 1...40 as ClosedRange<Int64> {
            let (input, level) = (Int(number % 2), (number + 1) / 2 % 2 == 1)
            let instant = start + number * 17_003_000
            lines.append("\(instant) \(input) \(level ? 1 : 0) \(number)")
            changes.append(
                TraceSample(nanoseconds: number * 17_003_000, input: input, level: level != (input == 0), isInitial: false))
            if number == 20 { lines.append("lost 3") }
        }
        for line in lines {
            let more = recorded.take(line)
            text += try #require(more, "\(line)")
        }
        text += recorded.end(at: start + 900_000_000)
        let file = folder.write("trace.vcd", text)
        let run = try ProgramRun("sigrok-cli", ["-i", file, "-O", "vcd"])
        #expect(run.exitCode() == 0, "\(run.errors)")
        // It tells its sample rate before the file.
        let copy = run.output.drop { $0 != "$" }
        let inputs = ["first", "second"].enumerated().map { TraceInput(role: $1, name: ["J8-11", "J8-13"][$0]) }
        var trace = try VCDTrace(TraceBytes(Array(copy.utf8)), inputs: inputs)
        var samples: [TraceSample] = []
        while let sample = try trace.next() { samples.append(sample) }
        #expect(samples.filter { !$0.isInitial } == changes)
        #expect(samples.filter(\.isInitial).map(\.level) == [true, false])
    }
}

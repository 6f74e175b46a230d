import TestSupport
import Testing

/// `pulses replay` on files that other programs made, and text as Windows writes it.
@Suite(.startsProcesses) struct ForeignTraceTests {
    private let folder = ScratchFolder(inMemory: true)

    private struct Output: Decodable {
        var count: UInt64
    }

    private func replay(_ channel: String, _ trace: String, _ more: String...) throws -> ProgramRun {
        folder.write("node.yaml", configurationText())
        return try ProgramRun(
            programPath(),
            ["pulses", "replay", "--config", folder.file("node.yaml"), "--channel", channel, trace, "--format", "json"] + more,
            environment: ["REALLABOR_BOARDS": repository + "Boards"])
    }

    /// Two closures of 60 ms; the input is active low.
    private static let table = "Time [s],Channel 0,Channel 1\r\n0,1,0\r\n1.0,0,0\r\n1.06,1,0\r\n3.0,0,0\r\n3.06,1,0\r\n4,1,0\r\n"

    @Test("A table of two signals is read once it is said which one") func signalOption() throws {
        let trace = folder.write("saleae.csv", Self.table)
        let unsaid = try replay("gate", trace)
        #expect(unsaid.exitCode() == 65)
        #expect(
            unsaid.errors.contains(
                "1:10: no signal for input (J8-11): the file has Channel 0, Channel 1; say with --signal which one it is"),
            "\(unsaid.errors)")
        let said = try replay("gate", trace, "--signal", "channel 0")
        #expect(said.exitCode() == 0, "\(said.errors)")
        #expect(try said.json(Output.self).count == 2, "\(said.errors)")
        let wrong = try replay("gate", trace, "--signal", "D7")
        #expect(wrong.exitCode() == 65)
        #expect(wrong.errors.contains("no signal for D7: the file has Channel 0, Channel 1"), "\(wrong.errors)")
    }

    @Test("UTF-16 makes no difference") func utf16() throws {
        let bytes: [UInt8] = [0xFF, 0xFE] + Self.table.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        let run = try replay("gate", folder.write("windows.csv", bytes), "--signal", "input=Channel 0")
        #expect(run.exitCode() == 0, "\(run.errors)")
        #expect(try run.json(Output.self).count == 2, "\(run.errors)")
    }

    @Test("A trace without anything of the input counts nothing, not zero") func silence() throws {
        let header = "$timescale 1 us $end $var wire 1 ! GPIO17 $end $enddefinitions $end "
        for (name, text) in [
            ("empty.csv", ""), ("header.csv", "timestamp_ns,line,level\n"), ("empty.vcd", header), ("times.vcd", header + "#0 #5000000"),
            ("unknown.vcd", header + "#0 x! #5000000"),
        ] {
            let run = try replay("gate", folder.write(name, text))
            #expect(run.exitCode() == 65, "\(name)")
            #expect(run.output == "", "\(name): \(run.output)")
            #expect(run.errors.contains("nothing is recorded of input, not even its level"), "\(name): \(run.errors)")
        }
        let quiet = try replay("gate", folder.write("quiet.vcd", header + "#0 1! #5000000"))
        #expect(quiet.exitCode() == 0, "\(quiet.errors)")
        #expect(try quiet.json(Output.self).count == 0, "\(quiet.errors)")
    }
}

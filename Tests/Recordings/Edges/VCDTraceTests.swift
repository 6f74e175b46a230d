import Recordings
import Testing

/// As PulseView saves eight channels of a small analyser.
private let pulseView = """
    $date Fri May  1 12:00:00 2026 $end
    $version libsigrok 0.5.2 $end
    $comment
      Acquisition with 2/8 channels at 1 MHz
    $end
    $timescale 1 us $end
    $scope module libsigrok $end
    $var wire 1 ! D0 $end
    $var wire 1 " input $end
    $upscope $end
    $enddefinitions $end
    #0 1! 0"
    #5 0!
    #12 1"
    #20 0" 1!
    #40

    """

private func header(_ timescale: String = "1 ns", variables: String = "$var wire 1 ! input $end") -> String {
    "$timescale \(timescale) $end \(variables) $enddefinitions $end\n"
}

@Suite struct VCDTraceTests {
    @Test("A file of PulseView reads in pieces of any size") func aFileOfPulseViewReadsInPiecesOfAnySize() {
        let expected = TraceOutcome(
            samples: [state(0, false), change(12_000, true), change(20_000, false)], first: 0, last: 40_000)
        for pieceSize in Array(1...40) + [4096] {
            #expect(read(pulseView, as: .vcd, pieceSize: pieceSize) == expected, "pieces of \(pieceSize)")
        }
        let windows = pulseView.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
        #expect(read(windows, as: .vcd) == expected)
        #expect(read(pulseView.split(separator: "\n").joined(separator: " "), as: .vcd) == expected)
    }

    @Test(
        "Ticks become nanoseconds",
        arguments: [
            ("1 s", 1_000_000_000), ("10ms", 10_000_000), ("1us", 1_000), ("10 us", 10_000), ("100 ns", 100), ("1ns", 1),
        ] as [(String, Int64)])
    func ticksBecomeNanoseconds(timescale: String, length: Int64) {
        #expect(
            read(header(timescale) + "#0 0!\n#7 1!\n", as: .vcd)
                == TraceOutcome(samples: [state(0, false), change(7 * length, true)], first: 0, last: 7 * length))
    }

    @Test("Short ticks are rounded down", arguments: [("100 ps", 10), ("1 ps", 1_000), ("10fs", 100_000)] as [(String, Int64)])
    func shortTicksAreRoundedDown(timescale: String, perNanosecond: Int64) {
        let text = header(timescale) + "#0 0!\n#\(3 * perNanosecond - 1) 1!\n#\(3 * perNanosecond) 0!\n"
        #expect(read(text, as: .vcd).samples == [state(0, false), change(2, true), change(3, false)])
    }

    @Test(
        "Values become samples",
        arguments: [
            // $dumpvars after the first time stamp, and before any: the state at the first one.
            ("#50 $dumpvars 1! $end #60 0!", [state(50, true), change(60, false)], 50),
            ("$dumpvars 1! $end #50 #60 0!", [state(50, true), change(60, false)], 50),
            ("$dumpvars x! $end #50 1! #60 0!", [state(50, true), change(60, false)], 50),
            ("1! 0!", [state(0, false)], 0),
            // A level that is not known for a while is no change of its own.
            ("#0 0! #5 x! #9 0! #10 z! #12 1!", [state(0, false), change(12, true)], 0),
            ("#0 0! #5 0! #6 1! #7 1!", [state(0, false), change(6, true)], 0),
            ("#0 b0 ! #5 b1 ! #6 b0 !", [state(0, false), change(5, true), change(6, false)], 0),
            ("#0 0! #5 $comment 1! #9 $end 1! $dumpoff x! $end", [state(0, false), change(5, true)], 0),
        ])
    func valuesBecomeSamples(body: String, samples: [TraceSample], first: Int64) {
        let outcome = read(header() + body + "\n", as: .vcd)
        #expect(outcome.samples == samples)
        #expect(outcome.first == first)
        #expect(outcome.fault == nil)
    }

    @Test("Signals are found by role or name or because there is no other") func signalsAreFoundByRoleOrNameOrBecauseThereIsNoOther() {
        func levels(_ variables: String) -> [TraceSample] {
            read(header(variables: variables) + "#0 0! 1aa\n#5 1!\n", as: .vcd).samples
        }
        let first = [state(0, false), change(5, true)]
        let bus = "$var wire 8 aa bus [7:0] $end"
        #expect(levels("$var wire 1 ! input $end \(bus)") == first)
        #expect(levels("$var wire 1 ! J8-11 $end $var reg 1 aa other $end") == first)
        #expect(levels("\(bus) $var wire 1 ! anything [0] $end") == first)
        #expect(levels("$var wire 1 ! D0 $end $var wire 1 aa input $end") == [state(0, true)])
    }

    @Test("Several inputs are kept apart") func severalInputsAreKeptApart() {
        let inputs = [TraceInput(role: "front", name: "A"), TraceInput(role: "rear", name: "B")]
        let text = header(variables: "$var wire 1 ! B $end $var wire 1 # front $end") + "#0 0! 0# #4 1! #6 1#\n"
        #expect(
            read(text, as: .vcd, inputs: inputs).samples == [
                state(0, false, input: 1), state(0, false), change(4, true, input: 1), change(6, true),
            ])
    }

    @Test(
        "A fault in the body names its place",
        arguments: [
            ("#10 1!\n#9 0!\n", 2, 1, "time runs backwards: #9 after #10"),
            ("#10 1!\n 2!\n", 2, 2, "'2!' is neither a time nor a value change"),
            ("#10 1!\n#1o\n", 2, 1, "'#1o' is not a time: write # and a whole number"),
            ("#-1 1!\n#-2 0!", 2, 1, "time runs backwards: #-2 after #-1"),
            ("#--1\n", 1, 1, "'#--1' is not a time: write # and a whole number"),
            ("#10 1?\n", 1, 5, "'1?': the header declares no signal of code '?'"),
            ("#10 1\n", 1, 5, "'1' is a value without a signal's code"),
            ("#10 b1", 1, 7, "the file ends within a value: it is truncated"),
            ("#10 1! $comment never ends", 1, 8, "$comment has no $end: the file is truncated"),
            ("#10 1!\n\0\0\0", 2, 1, "'\0\0\0' is neither a time nor a value change"),
        ])
    func aFaultInTheBodyNamesItsPlace(body: String, line: Int, column: Int, message: String) {
        for pieceSize in [1, 5, 4096] {
            let fault = read(header() + body, as: .vcd, pieceSize: pieceSize).fault
            #expect(fault?.description == "\(line + 1):\(column): \(message)")
        }
    }

    @Test(
        "A fault in the header names its place",
        arguments: [
            ("", 1, 1, "the file ends before $enddefinitions: it is truncated or not a VCD"),
            ("PK\u{3}\u{4}", 1, 1, "'PK\u{3}\u{4}' in the header: a VCD begins with sections like $timescale and $var"),
            ("$date today", 1, 1, "$date has no $end: the file is truncated"),
            (
                "\n $timescale 2.5 ns $end", 2, 2,
                "timescale '2.5ns': only a whole number from 1 to 1000 and one of s, ms, us, ns, ps, fs can be read"
            ),
            (
                "$timescale 1 h $end", 1, 1,
                "timescale '1h': only a whole number from 1 to 1000 and one of s, ms, us, ns, ps, fs can be read"
            ),
            ("$timescale 1 ns", 1, 16, "the file ends within $timescale: it is truncated"),
            ("$var wire 1 !", 1, 14, "the file ends within $var: it is truncated"),
            ("$var wire 1 $end", 1, 13, "$var needs a type, a width, a code and a name"),
            (
                "$var wire 1 ! a $end $var wire 1 # b $end\n$enddefinitions $end", 2, 17,
                "no signal for input (J8-11): the file has a, b; say with --signal which one it is"
            ),
            ("$var wire 8 ! a $end\n$enddefinitions $end", 2, 17, "no signal for input (J8-11): the file has no one-bit signal"),
            (
                "$timescale 1 s $end $var wire 1 ! input $end $enddefinitions $end\n#9223372037 1!", 2, 1,
                "time #9223372037 is too large"
            ),
        ])
    func aFaultInTheHeaderNamesItsPlace(text: String, line: Int, column: Int, message: String) {
        #expect(read(text, as: .vcd).fault?.description == "\(line):\(column): \(message)")
    }

    @Test("Time backwards within a nanosecond is seen") func timeBackwardsWithinANanosecondIsSeen() {
        #expect(read(header("1 ps") + "#5 0! #4 1!", as: .vcd).fault?.message.description == "time runs backwards: #4 after #5")
    }

    /// Cut anywhere, a file gives a prefix of its samples, or a fault; in the header always a fault.
    @Test("A truncated file gives no wrong sample") func aTruncatedFileGivesNoWrongSample() {
        let bytes = Array(pulseView.utf8)
        let whole = read(bytes, as: .vcd).samples
        let body = bytes.firstIndex(of: UInt8(ascii: "#")) ?? 0
        for length in 0..<bytes.count {
            let cut = read(Array(bytes.prefix(length)), as: .vcd)
            if length < body - 1 { #expect(cut.fault != nil, "cut after \(length) bytes") }
            // Half a time stamp is a time too, so the last sample may be early; its level may not be wrong.
            #expect(whole.prefix(cut.samples.count).map(\.level) == cut.samples.map(\.level), "cut after \(length) bytes")
        }
    }

    @Test(
        "An endless word is a fault soon",
        arguments: [
            ("", UInt8(ascii: "a")), ("$comment ", UInt8(ascii: "a")), (header(), 0), (header(), UInt8(ascii: " ")),
            (header() + "#1", UInt8(ascii: "0")), ("", 0), ("$timescale ", UInt8(ascii: "1")),
        ] as [(String, UInt8)])
    func anEndlessWordIsAFaultSoon(beginning: String, byte: UInt8) {
        let endless = Endless(byte)
        do throws(TraceError) {
            let outcome = drain(try VCDTrace(endless.bytes(after: beginning), inputs: input))
            #expect(outcome.fault != nil)
        } catch {
            #expect(error.line >= 1)
        }
        #expect(endless.given < 200_000)
    }
}

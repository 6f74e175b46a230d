import Recordings
import Testing

@Suite struct CSVTraceTests {
    @Test(
        "Good files read the same",
        arguments: [
            "timestamp_ns,line,level\n100,input,1\n250,input,0\n", "100,input,1\n250,input,0\n", "100,input,1\n250,input,0",
            "100,J8-11,1\n250,input,0\n", "timestamp_ns,line,level\r\n100,input,1\r\n250,input,0\r\n",
            "\n\n timestamp_ns , line,\tlevel \n\n  100 , input , 1  \n\r\n250,input,0\n\n", "00100,input,1\n250,input,0\n",
        ])
    func goodFilesReadTheSame(text: String) {
        for pieceSize in [1, 2, 3, 7, 4096] {
            #expect(
                read(text, as: .csv, pieceSize: pieceSize)
                    == TraceOutcome(samples: [change(100, true), change(250, false)], first: 100, last: 250))
        }
    }

    @Test("Several inputs keep their order") func severalInputsKeepTheirOrder() {
        let inputs = [TraceInput(role: "front", name: "J8-11"), TraceInput(role: "rear", name: "J8-13")]
        #expect(
            read("5,rear,1\n5,front,1\n9,J8-13,0\n", as: .csv, inputs: inputs).samples
                == [change(5, true, input: 1), change(5, true), change(9, false, input: 1)])
    }

    @Test("A file without rows is empty", arguments: ["", "\n", "\r\n\r\n  \n", "timestamp_ns,line,level", "timestamp_ns,line,level\n"])
    func aFileWithoutRowsIsEmpty(text: String) {
        #expect(read(text, as: .csv) == TraceOutcome())
    }

    @Test(
        "A fault names its place",
        arguments: [
            ("100,input,1\n99,input,0\n", 2, 1, "time runs backwards: 99 ns after 100 ns"),
            ("100,input,1\n  99,input,0\n", 2, 3, "time runs backwards: 99 ns after 100 ns"),
            ("100,input,1\n200,gate,0\n", 2, 5, "unknown line 'gate': the channel has input (J8-11)"),
            ("100,input,2\n", 1, 11, "level '2': write 0 or 1"), ("100,input,10\n", 1, 11, "level '10': write 0 or 1"),
            ("100,input,\n", 1, 11, "level '': write 0 or 1"),
            ("100,input,1,x\n", 1, 13, "more than three columns: write timestamp_ns,line,level"),
            ("100\n200,input,1\n", 1, 1, "the row ends after its time: write timestamp_ns,line,level"),
            ("100,input\n", 1, 5, "the row ends without a level: write timestamp_ns,line,level"),
            ("1.5,input,1\n", 1, 1, "'1.5' is not a time in whole nanoseconds"),
            ("-1,input,1\n", 1, 1, "'-1' is not a time in whole nanoseconds"),
            (",input,1\n", 1, 1, "'' is not a time in whole nanoseconds"),
            ("9223372036854775808,input,1\n", 1, 1, "'9223372036854775808' is not a time in whole nanoseconds"),
            ("100,input,1\ntimestamp_ns,line,level\n", 2, 1, "'timestamp_ns' is not a time in whole nanoseconds"),
            ("timestamp_ns,level,line\n", 1, 14, "column 'level' where 'line' belongs: write timestamp_ns,line,level"),
            ("timestamp_ns\n", 1, 1, "the header ends too early: write timestamp_ns,line,level"),
            ("timestamp_ns,line,level,note\n", 1, 25, "more than three columns: write timestamp_ns,line,level"),
        ])
    func aFaultNamesItsPlace(text: String, line: Int, column: Int, message: String) {
        for pieceSize in [1, 3, 4096] {
            #expect(
                read(text, as: .csv, pieceSize: pieceSize).fault?.description == "\(line):\(column): \(message)")
        }
    }

    @Test("The latest time fits") func theLatestTimeFits() {
        #expect(read("9223372036854775807,input,1", as: .csv).samples == [change(.max, true)])
    }

    /// Cut anywhere, a file gives a prefix of its samples; a row that is not whole is a fault, not a sample.
    @Test("A truncated file gives no wrong sample") func aTruncatedFileGivesNoWrongSample() {
        let text = "timestamp_ns,line,level\n100,input,1\n250,input,0\n3000,J8-11,1\n"
        let whole = read(text, as: .csv).samples
        for length in 0..<text.utf8.count {
            let bytes = Array(text.utf8.prefix(length))
            let cut = read(bytes, as: .csv)
            #expect(Array(whole.prefix(cut.samples.count)) == cut.samples, "cut after \(length) bytes")
            let fields = (bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).last ?? [])
                .split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
                .map { String(decoding: $0, as: UTF8.self) }
            let isWhole = fields == [""] || fields.count == 3 && ["0", "1", "level"].contains(fields[2])
            #expect((cut.fault == nil) == isWhole, "cut after \(length) bytes: \(cut.fault?.description ?? "no fault")")
        }
    }

    @Test("An endless line is a fault soon", arguments: [UInt8(ascii: "7"), UInt8(ascii: " "), 0, 0xFF])
    func anEndlessLineIsAFaultSoon(byte: UInt8) {
        let endless = Endless(byte)
        let outcome = drain(CSVTrace(endless.bytes(after: "100,input,1\n"), inputs: input))
        #expect(outcome.samples == [change(100, true)])
        #expect(outcome.fault?.line == 2)
        #expect(endless.given < 100_000)
    }
}

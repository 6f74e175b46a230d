import Recordings
import HardwareMocks
import Testing

/// Whatever a file holds: samples in time order or a fault with a place in it, and the same from pieces of any size.
@Suite struct TraceFuzzTests {
    private static let seeds = [
        "timestamp_ns,line,level\n100,input,1\n250,input,0\n3000,J8-11,1\n" + (4...9).map { "\($0)000,input,\($0 % 2)\n" }.joined(),
        """
        $date x $end $timescale 10 us $end $scope module m $end $var wire 1 ! input $end
        $var wire 1 " D1 $end $upscope $end $enddefinitions $end
        $dumpvars 0! x" $end #0 1! b0 " #5 0! 1" $comment no $end #9 z! #12 1! #20
        #21
        0!
        #22 1!
        0"
        #999999999999 0! 1! #9999999999999
        0!
        """,
    ]
    private static let words = [
        "$end", "$var", "$comment", "#", "#9223372036854775807", "b", "1!", "\0", "\r", ",", "\n", "-", "input", "$",
        "99999999999999999999", "\u{FEFF}", "$enddefinitions $end", "$timescale 100 s $end",
    ]

    private func damage(_ text: String, _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = Array(text.utf8)
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
            case 1: if place < bytes.count { bytes[place] = UInt8.random(in: 0...255, using: &random) }
            case 2: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 0...9, using: &random)))
            case 3: bytes.insert(contentsOf: (Self.words.randomElement(using: &random) ?? "").utf8, at: place)
            default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 20)], at: place)
            }
        }
        return bytes
    }

    private func check(_ bytes: [UInt8], as format: TraceFormat, _ random: inout SeededGenerator, _ seed: UInt64) {
        let outcome = read(bytes, as: format)
        let again = read(bytes, as: format, pieceSize: Int.random(in: 1...5, using: &random))
        #expect(outcome == again, "seed \(seed): \(bytes)")
        for (one, next) in zip(outcome.samples, outcome.samples.dropFirst()) where next.nanoseconds < one.nanoseconds {
            Issue.record("seed \(seed): \(next) after \(one) from \(bytes)")
        }
        guard let fault = outcome.fault else { return }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let isInside =
            fault.line >= 1 && fault.line <= lines.count && fault.column >= 1
            && fault.column <= lines[fault.line - 1].count + 1
        #expect(isInside, "seed \(seed): \(fault) in \(bytes)")
        #expect(!fault.message.description.isEmpty)
    }

    @Test("Damaged files never crash a reader", arguments: 1...40 as ClosedRange<UInt64>)
    func damagedFilesNeverCrashAReader(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<20 {
            check(damage(Self.seeds[0], &random), as: .csv, &random, seed)
            check(damage(Self.seeds[1], &random), as: .vcd, &random, seed)
        }
    }

    @Test("Noise never crashes a reader", arguments: 1...20 as ClosedRange<UInt64>)
    func noiseNeverCrashesAReader(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<20 {
            let noise = (0..<Int.random(in: 0...300, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            check(noise, as: .csv, &random, seed)
            check(noise, as: .vcd, &random, seed)
        }
    }

    /// What the disk says comes through as it is.
    @Test("A refill that fails is the fault") func aRefillThatFailsIsTheFault() {
        let failure = TraceError(line: 0, column: 0, message: "input/output error")
        var isFirst = true
        let bytes = TraceBytes { buffer throws(TraceError) in
            guard isFirst else { throw failure }
            isFirst = false
            buffer.copyBytes(from: Array("100,input,1\n200,in".utf8))
            return 18
        }
        #expect(drain(CSVTrace(bytes, inputs: input)) == TraceOutcome(samples: [change(100, true)], first: 100, last: 100, fault: failure))
    }
}

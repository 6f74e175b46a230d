import Testing

@testable import Recordings

/// What is written is what is read.
@Suite struct TraceWritingTests {
    static let inputs = [TraceInput(role: "input", name: "J8-11")]
    static let changes: [(Int64, Bool)] = [(1_000_001_001, false), (1_000_002_999, true), (1_000_002_999, false), (5_000_000_000, true)]

    private func written(_ start: some EdgeTraceWriter, startsHigh: Bool, isActive: Bool) -> [UInt8] {
        var writer = start
        var text = writer.begin(at: 1_000_000_000, levels: [(startsHigh, isActive)])
        for (index, change) in Self.changes.enumerated() {
            text += writer.change(at: change.0, input: 0, isHigh: change.1)
            if index == 1 { text += writer.loss(of: 7) }
        }
        return Array((text + writer.end(at: 9_000_000_000)).utf8)
    }

    private func samples(_ start: some EdgeTrace) throws -> (samples: [TraceSample], last: Int64?) {
        var trace = start
        var samples: [TraceSample] = []
        while let sample = try trace.next() { samples.append(sample) }
        return (samples, trace.lastTimestamp)
    }

    private func expected(tick: Int64 = 1) -> [TraceSample] {
        Self.changes.map { TraceSample(nanoseconds: $0.0 / tick * tick, input: 0, level: $0.1, isInitial: false) }
    }

    @Test("A VCD is read as it was written") func aVCDIsReadAsItWasWritten() throws {
        let bytes = written(VCDTraceWriter(names: ["J8-11"]), startsHigh: true, isActive: false)
        let read = try samples(VCDTrace(TraceBytes(bytes), inputs: Self.inputs))
        let first = TraceSample(nanoseconds: 1_000_000_000, input: 0, level: true, isInitial: true)
        #expect(read.samples == [first] + expected(tick: 1_000))
        #expect(read.last == 9_000_000_000)
    }

    @Test("A CSV is read as it was written", arguments: [false, true]) func aCSVIsReadAsItWasWritten(_ isActive: Bool) throws {
        let bytes = written(CSVTraceWriter(names: ["J8-11"]), startsHigh: true, isActive: isActive)
        let read = try samples(CSVTrace(TraceBytes(bytes), inputs: Self.inputs))
        let first = TraceSample(nanoseconds: 1_000_000_000, input: 0, level: true, isInitial: false)
        #expect(read.samples == (isActive ? [] : [first]) + expected())
    }
}

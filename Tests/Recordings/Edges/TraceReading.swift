import Recordings

let input = [TraceInput(role: "input", name: "J8-11")]

/// What a reader made of a file: the samples before the first fault, and the fault.
struct TraceOutcome: Equatable {
    var samples: [TraceSample] = []
    var first: Int64?
    var last: Int64?
    var fault: TraceError?
}

enum TraceFormat { case csv, vcd }

func read(_ bytes: [UInt8], as format: TraceFormat, inputs: [TraceInput] = input, pieceSize: Int = 1 << 16) -> TraceOutcome {
    let source = TraceBytes(bytes, pieceSize: pieceSize)
    switch format {
    case .csv: return drain(CSVTrace(source, inputs: inputs))
    case .vcd:
        do throws(TraceError) {
            return drain(try VCDTrace(source, inputs: inputs))
        } catch {
            return TraceOutcome(fault: error)
        }
    }
}

func read(_ text: String, as format: TraceFormat, inputs: [TraceInput] = input, pieceSize: Int = 1 << 16) -> TraceOutcome {
    read(Array(text.utf8), as: format, inputs: inputs, pieceSize: pieceSize)
}

func drain(_ source: some EdgeTrace) -> TraceOutcome {
    var trace = source
    var outcome = TraceOutcome()
    do throws(TraceError) {
        while let sample = try trace.next() { outcome.samples.append(sample) }
    } catch {
        outcome.fault = error
    }
    outcome.first = trace.firstTimestamp
    outcome.last = trace.lastTimestamp
    return outcome
}

func state(_ nanoseconds: Int64, _ level: Bool, input: Int = 0) -> TraceSample {
    TraceSample(nanoseconds: nanoseconds, input: input, level: level, isInitial: true)
}

func change(_ nanoseconds: Int64, _ level: Bool, input: Int = 0) -> TraceSample {
    TraceSample(nanoseconds: nanoseconds, input: input, level: level, isInitial: false)
}

/// A refill that gives the same bytes for ever, and says how many it gave.
final class Endless {
    private(set) var given = 0
    private let byte: UInt8
    init(_ byte: UInt8) { self.byte = byte }

    func bytes(after beginning: String = "") -> TraceBytes {
        var rest = Array(beginning.utf8)[...]
        return TraceBytes { [self] buffer throws(TraceError) in
            // Ten megabytes are endless enough to call a reader stuck.
            if given > 10_000_000 { return 0 }
            let count = min(buffer.count, 4096)
            for index in 0..<count { buffer[index] = rest.popFirst() ?? byte }
            given += count
            return count
        }
    }
}

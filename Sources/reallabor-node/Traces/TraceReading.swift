import EdgeAnalysis
import Recordings
import HostFiles
import NodeConfiguration
import SensorCore

enum TraceReadingError: Error {
    case unreadable(FileError)
    case malformed(TraceError)
    case unknownFormat
    /// Nothing was recorded of these inputs, by role; of none of them where that is all.
    case silent([String])
    /// A time stamp, in nanoseconds, that makes the trace longer than a trace can be.
    case endless(Int64)
}

/// Reads a recorded trace of a channel once, from front to back, in memory that does not grow with it.
struct TraceReading {
    /// A trace that spans more intervals than this has a damaged time stamp: 30 days of seconds.
    private static let mostIntervals: Int64 = 2_592_000

    private let inputs: [TraceInput]
    /// Bit n: input n is active when it is low.
    private let activeLow: UInt8
    private let limit: Int64

    /// - Parameters:
    ///   - interval: of the node.
    ///   - signals: which of the trace's signals an input is, by role; others go by their names.
    init(_ channel: ChannelConfiguration, interval: TimeSpan, signals: [String: String] = [:]) {
        inputs = channel.inputs.map { input in
            TraceInput(
                role: input.role, name: input.label, otherNames: [input.lineName, "\(input.lineOffset)"].compactMap(\.self),
                signal: signals[input.role])
        }
        activeLow = channel.inputs.enumerated().reduce(0) { $0 | ($1.element.isActiveLow ? 1 << UInt8($1.offset) : 0) }
        let (span, overflow) = interval.nanoseconds.multipliedReportingOverflow(by: Self.mostIntervals)
        limit = overflow ? .max : span
    }

    func read(path: String, into consumers: any EdgeConsumer...) throws(TraceReadingError) {
        try read(path: path, into: consumers)
    }

    func read(path: String, into consumers: [any EdgeConsumer]) throws(TraceReadingError) {
        guard path.hasSuffix(".vcd") || path.hasSuffix(".csv") else { throw .unknownFormat }
        let reader: FileReader
        do throws(FileError) { reader = try FileReader(path, as: .text) } catch { throw .unreadable(error) }
        var failure: FileError?
        let bytes = TraceBytes { buffer in
            do throws(FileError) {
                return try reader.read(into: buffer)
            } catch {
                failure = error
                return 0
            }
        }
        let edges = TracedEdges(for: consumers)
        if path.hasSuffix(".vcd") {
            let trace: VCDTrace
            do throws(TraceError) { trace = try VCDTrace(bytes, inputs: inputs) } catch { throw .malformed(error) }
            try hand(trace, to: edges)
        } else {
            try hand(CSVTrace(bytes, inputs: inputs), to: edges)
        }
        if let failure { throw .unreadable(failure) }
    }

    private func hand(_ source: some EdgeTrace, to consumer: consuming TracedEdges) throws(TraceReadingError) {
        var trace = source
        var edges = consumer
        var start: Int64?
        var seen: UInt8 = 0
        while let sample = try next(of: &trace) {
            let begin = start ?? trace.firstTimestamp ?? sample.nanoseconds
            start = begin
            seen |= 1 << UInt8(truncatingIfNeeded: sample.input)
            let (sinceStart, overflow) = sample.nanoseconds.subtractingReportingOverflow(begin)
            guard !overflow, sinceStart < limit else { throw .endless(sample.nanoseconds) }
            let isLow = activeLow & (1 << UInt8(truncatingIfNeeded: sample.input)) != 0
            edges.take(
                level: sample.level != isLow, input: sample.input, isInitial: sample.isInitial,
                at: MonotonicInstant(nanoseconds: sinceStart))
        }
        let unseen = inputs.indices.filter { seen & (1 << UInt8($0)) == 0 }
        guard seen != 0, unseen.isEmpty || !trace.givesEveryLevel else { throw .silent(unseen.map { inputs[$0].role }) }
        let last = trace.lastTimestamp ?? 0
        let (length, overflow) = last.subtractingReportingOverflow(trace.firstTimestamp ?? 0)
        guard !overflow, length < limit else { throw .endless(last) }
        edges.finish(at: MonotonicInstant(nanoseconds: length))
    }

    @inline(__always)
    private func next(of trace: inout some EdgeTrace) throws(TraceReadingError) -> TraceSample? {
        do throws(TraceError) { return try trace.next() } catch { throw .malformed(error) }
    }
}

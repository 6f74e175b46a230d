import EdgeTraces
import NodeConfiguration
import PulsePipeline
import SensorCore

enum ReplayError: Error {
    case unreadable(FileError)
    case malformed(TraceError)
    case unknownFormat
    /// A time stamp, in nanoseconds, that makes the trace longer than a trace can be.
    case endless(Int64)
}

/// Runs a channel's pipeline on a recorded trace, the same code that counts in the street.
///
/// Time runs from the first time stamp of the trace; its end is a quiet line, so the last edge is decided too.
struct PulseReplay {
    /// A trace that spans more intervals than this has a damaged time stamp: 30 days of seconds.
    private static let mostIntervals: Int64 = 2_592_000

    let channel: ChannelConfiguration
    let interval: TimeSpan

    func run(path: String) throws(ReplayError) -> ReplayReport {
        guard path.hasSuffix(".vcd") || path.hasSuffix(".csv") else { throw .unknownFormat }
        let reader: FileReader
        do throws(FileError) { reader = try FileReader(path) } catch { throw .unreadable(error) }
        var failure: FileError?
        let bytes = TraceBytes { buffer in
            do throws(FileError) {
                return try reader.read(into: buffer)
            } catch {
                failure = error
                return 0
            }
        }
        let inputs = channel.inputs.map { TraceInput(role: $0.role, name: $0.pinName) }
        let report: ReplayReport
        if path.hasSuffix(".vcd") {
            let trace: VCDTrace
            do throws(TraceError) { trace = try VCDTrace(bytes, inputs: inputs) } catch { throw .malformed(error) }
            report = try replay(trace)
        } else {
            report = try replay(CSVTrace(bytes, inputs: inputs))
        }
        if let failure { throw .unreadable(failure) }
        return report
    }

    private func replay(_ source: some EdgeTrace) throws(ReplayError) -> ReplayReport {
        var trace = source
        let settings = ChannelSettings(channel)
        var counter = ReplayedChannel(settings, interval: interval)
        while true {
            let next: TraceSample?
            do throws(TraceError) { next = try trace.next() } catch { throw .malformed(error) }
            guard let sample = next else { break }
            let sinceStart = sample.nanoseconds - (trace.firstTimestamp ?? sample.nanoseconds)
            guard sinceStart / interval.nanoseconds < Self.mostIntervals else { throw .endless(sample.nanoseconds) }
            counter.take(
                level: sample.level != channel.inputs[sample.input].isActiveLow, input: sample.input,
                isInitial: sample.isInitial, at: MonotonicInstant(nanoseconds: sinceStart))
        }
        let length = (trace.lastTimestamp ?? 0) - (trace.firstTimestamp ?? 0)
        guard length / interval.nanoseconds < Self.mostIntervals else { throw .endless(trace.lastTimestamp ?? 0) }
        counter.finish(at: MonotonicInstant(nanoseconds: length))
        return ReplayReport(
            channel: channel.name, detector: channel.detector.kind, meaning: channel.detector.meaning,
            directions: channel.directions, filter: settings.filter.text, passages: counter.passages,
            intervals: counter.intervals)
    }
}

/// One interval of a replay; times count from the first time stamp of the trace.
struct ReplayedInterval {
    var start: MonotonicInstant
    var end: MonotonicInstant
    var tally: ChannelTally
    var flows: FlowSummary
    /// In counts per second; see `GustMeter`.
    var gust: Double?
}

/// A channel fed from a trace instead of a counting thread.
struct ReplayedChannel: ~Copyable {
    private let settings: ChannelSettings
    private let interval: TimeSpan
    private var pipeline: ChannelPipeline?
    /// What the recording said each input was when it began; bit n is input n.
    private var initialLevels: UInt8 = 0
    /// The inputs that the recording has said something about, as bits.
    private var known: UInt8 = 0
    private var start = MonotonicInstant(nanoseconds: 0)
    private var flows = IntervalFlows()
    private let gusts = GustMeter(from: MonotonicInstant(nanoseconds: 0))
    private var decided = PassageBuffer(capacity: 16)
    private(set) var passages: [Passage] = []
    private(set) var intervals: [ReplayedInterval] = []

    init(_ settings: ChannelSettings, interval: TimeSpan) {
        self.settings = settings
        self.interval = interval
    }

    /// - Parameter input: its index within the channel.
    mutating func take(level: Bool, input: Int = 0, isInitial: Bool, at instant: MonotonicInstant) {
        let bit = UInt8(1) << UInt8(input)
        let isFirst = known & bit == 0
        known |= bit
        if isFirst {
            // A trace of edges begins with an edge: before it was the other level. Inactive is no news on a quiet line.
            if !level { return }
            if isInitial, pipeline == nil {
                initialLevels |= bit
                return
            }
        }
        if pipeline == nil { begin() }
        feed(EdgeEvent(instant: instant, input: UInt8(input), level: level))
    }

    private mutating func begin() { pipeline = ChannelPipeline(settings, levels: initialLevels, at: start) }

    /// Closes what is open; the line stays as the last edge left it.
    mutating func finish(at end: MonotonicInstant) {
        if pipeline == nil { begin() }
        // Whatever is pending is decided by time alone, as on a quiet line.
        while let deadline = pipeline?.deadline {
            pipeline?.advance(to: max(end, deadline), boundary: start + interval, passages: &decided)
        }
        keepPassages()
        while start + interval <= end { close(at: start + interval) }
        if end > start || intervals.isEmpty { close(at: end) }
    }

    private mutating func feed(_ edge: EdgeEvent) {
        withUnsafePointer(to: edge) { pointer in
            let edges = UnsafeBufferPointer(start: pointer, count: 1)
            while pipeline?.ingest(edges, boundary: start + interval, passages: &decided) == 0 {
                keepPassages()
                close(at: start + interval)
            }
        }
        keepPassages()
    }

    private mutating func keepPassages() {
        for index in 0..<decided.count {
            let passage = decided[index]
            passages.append(passage)
            let isNext = passage.instant >= start + interval
            gusts.take(passage.instant, isNext: isNext)
            flows.take(ChannelPassage(channel: 0, interval: UInt64(intervals.count + (isNext ? 1 : 0)), passage: passage))
        }
        decided.removeAll()
    }

    private mutating func close(at end: MonotonicInstant) {
        let tally = pipeline?.closeInterval(at: end) ?? ChannelTally()
        let summary = flows.close(
            through: UInt64(intervals.count), end: end, count: tally.passages, wasObserved: tally.unobserved == .zero)
        intervals.append(ReplayedInterval(start: start, end: end, tally: tally, flows: summary, gust: gusts.close(at: end, wasObserved: tally.isComplete)))
        start = end
    }
}

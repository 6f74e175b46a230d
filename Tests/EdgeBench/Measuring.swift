import HostFiles
import Glibc
import LinuxHardware
import PipedLines
import PulsePipeline
import SensorCore

/// How long after its edge something was done, in bins an eighth of an octave wide. Allocates when it is made.
struct LatencyHistogram {
    private var counts = [UInt64](repeating: 0, count: 8 * 40)
    private(set) var count: UInt64 = 0
    private(set) var longest: Int64 = 0

    mutating func add(_ nanoseconds: Int64) {
        counts[max(0, min(counts.count - 1, Int(log2(Double(max(1, nanoseconds))) * 8)))] += 1
        count += 1
        longest = max(longest, nanoseconds)
    }

    /// In microseconds, the upper end of the bin.
    func quantile(_ share: Double) -> Double {
        var rest = share * Double(count)
        for (place, number) in counts.enumerated() {
            rest -= Double(number)
            if rest <= 0 { return exp2(Double(place + 1) / 8) / 1e3 }
        }
        return Double(longest) / 1e3
    }

    /// One bar per octave.
    var bars: [String] {
        let octaves = (0..<40).map { octave in counts[octave * 8..<octave * 8 + 8].reduce(0, +) }
        guard let first = octaves.firstIndex(where: { $0 > 0 }), let last = octaves.lastIndex(where: { $0 > 0 }) else { return [] }
        let most = octaves.max() ?? 1
        return (first...last).map { octave in
            let bar = octaves[octave] == 0 ? 0 : max(1, Int(octaves[octave] * 40 / most))
            let bound = (exp2(Double(octave + 1)) / 100).rounded() / 10
            return "    up to \(bound) us  \(octaves[octave])  " + String(repeating: "#", count: bar)
        }
    }
}

/// Notes, for each edge of a batch, how late it was when the counting loop came back for more: then it was counted.
/// Belongs to the counting thread while that runs.
final class TimedEdgeSource: EdgeSource, @unchecked Sendable {
    private let source: GPIOEdgeSource
    private let taken = UnsafeMutableBufferPointer<Int64>.allocate(capacity: 1024)
    private var count = 0
    private var lastLevel = false
    var latencies = LatencyHistogram()

    init(_ source: GPIOEdgeSource) { self.source = source }
    deinit { taken.deallocate() }

    var capabilities: EdgeCapabilities { source.capabilities }

    func wait(until deadline: MonotonicInstant) throws(EdgeSourceError) {
        note()
        try source.wait(until: deadline)
    }

    func read(into buffer: UnsafeMutableBufferPointer<EdgeEvent>) throws(EdgeSourceError) -> EdgeBatch? {
        note()
        guard let batch = try source.read(into: buffer) else { return nil }
        for index in 0..<batch.count { taken[index] = buffer[index].instant.nanoseconds }
        if batch.count > 0 { lastLevel = buffer[batch.count - 1].level }
        count = batch.count
        return batch
    }

    /// A pipe has no level of its own: that of the last edge, as a line's would be, also when the feeder had to wait.
    func level(channel: Int, input: Int) throws(EdgeSourceError) -> Bool { lastLevel }
    func arm(channel: Int) throws(EdgeSourceError) { try source.arm(channel: channel) }

    private func note() {
        guard count > 0 else { return }
        let now = nanoseconds()
        for index in 0..<count { latencies.add(now - taken[index]) }
        count = 0
    }
}

struct Measured {
    /// Of one core, 0 to 1.
    var share: Double
    var latencies: LatencyHistogram
    var counted: UInt64
    var edges: UInt64
    var lost: UInt64
}

/// Counts `rate` edges a second for some seconds on a thread as in a box, beside `busyCores` cores that do nothing else.
func count(rate: Int64, seconds: Int64, kernelKeeps events: Int, busyCores: Int, isRealTime: Bool) throws -> Measured {
    let lines = PipeLineSource()
    let wake = try WakeEvent()
    let request = GPIOChannelRequest(name: "bench", inputs: [GPIOInput(lineOffset: 17, bias: .asIs, isActiveLow: false)])
    let source = TimedEdgeSource(
        GPIOEdgeSource(
            channels: [request], wake: wake, lineSource: lines, gatherTime: GPIOEdgeSource.gatherTime(bufferedEvents: events)))
    let clock = try SystemClock(assumeSynchronised: true)
    let closed = BoundedQueue<ClosedCount>(capacity: 1024)
    let loop = CountingLoop(
        source: source, clock: clock, settings: [.contact(.none)], interval: .seconds(1), closed: closed, wakeReader: {})
    let thread = try NodeThread(
        name: "counting", stackSize: 128 * 1024, scheduling: isRealTime ? .realTime(priority: 40) : .ordinary
    ) { loop.run() }
    if isRealTime, let fault = thread.schedulingFault { print("  \(fault)") }
    while !loop.isArmed { usleep(1_000) }
    guard let writer = lines.lines["bench"]?.writers.first else { exit(70) }
    let burners = (0..<busyCores).map { _ in spawn(["burn", "\(seconds + 2)"]) }
    let before = processTime()
    let begin = nanoseconds()
    let feeder = spawn(["feed", "\(writer)", "17", "\(rate)", "\(seconds)"])
    var status: Int32 = 0
    waitpid(feeder, &status, 0)
    let share = Double(processTime() - before) / Double(nanoseconds() - begin)
    usleep(100_000)
    loop.stop()
    wake.signal()
    _ = thread.join(timeout: .seconds(10))
    for burner in burners {
        kill(burner, SIGTERM)
        waitpid(burner, nil, 0)
    }
    var sum = ChannelTally()
    while let count = closed.pop() { sum += count.tally }
    for count in loop.undelivered { sum += count.tally }
    return Measured(share: share, latencies: source.latencies, counted: sum.passages, edges: sum.edges, lost: sum.lostEdges)
}

/// Of all threads of this process, in nanoseconds.
private func processTime() -> Int64 { nanoseconds(CLOCK_PROCESS_CPUTIME_ID) }

func measure(seconds: Int64) throws {
    let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    print("records of uAPI v2 through a pipe to the real reader, \(cores) cores")
    var hasLost = false
    for (interface, events) in [("GPIO uAPI v2", 1024), ("GPIO uAPI v1", 16)] {
        print(" as with \(interface), whose kernel keeps \(events) edges")
        for rate in [100, 1_000, 5_000, 20_000] as [Int64] {
            let found = try count(rate: rate, seconds: seconds, kernelKeeps: events, busyCores: 0, isRealTime: true)
            let share = (found.share * 10_000).rounded() / 100
            print(
                "  \(rate) edges/s for \(seconds) s: \(share) % of a core; \(found.edges) edges, \(found.lost) lost, \(found.counted) counted"
            )
            if found.counted * 2 != UInt64(rate * seconds) || found.lost != 0 { hasLost = true }
        }
        for isRealTime in [true, false] {
            let busy = max(1, cores - 1)
            let found = try count(rate: 5_000, seconds: seconds, kernelKeeps: events, busyCores: busy, isRealTime: isRealTime)
            let quantiles = [0.5, 0.99, 0.999].map { "p\($0 * 100) \((found.latencies.quantile($0) * 10).rounded() / 10) us" }
            print(
                "  edge to counted, \(isRealTime ? "real-time" : "ordinary") thread, \(busy) core(s) kept busy: "
                    + quantiles.joined(separator: ", ")
                    + ", longest \(Double(found.latencies.longest) / 1e3) us, \(found.latencies.count) edges")
            found.latencies.bars.forEach { print($0) }
            if found.counted != UInt64(5_000 * seconds / 2) { hasLost = true }
        }
    }
    if hasLost {
        print("edges were lost")
        exit(1)
    }
}

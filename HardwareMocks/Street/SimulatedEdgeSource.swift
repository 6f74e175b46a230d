import Glibc
public import SensorCore

func naturalLogarithm(_ value: Double) -> Double { log(value) }

/// Contacts at a simulated street, as a source of edges under any clock.
///
/// Edges appear when the clock has reached them, so a slow reader finds them waiting, as with a kernel buffer without
/// limit. Belongs to one thread while that runs; read the truth before or after.
public final class SimulatedEdgeSource: EdgeSource {
    public let capabilities = EdgeCapabilities(
        backend: "simulated street", hasSequenceNumbers: true, hasKernelDebounce: false, bufferedEvents: .max)

    private let clock: any NodeClock
    private var traffic: [ContactTraffic]

    /// One stream of traffic per channel, in the order of the configuration.
    public init(traffic: [ContactTraffic], clock: any NodeClock) {
        self.traffic = traffic
        self.clock = clock
    }

    /// Closures made so far on a channel: what it should have counted.
    public func trueCount(channel: Int) -> UInt64 { traffic[channel].closures }

    public func wait(until deadline: MonotonicInstant) throws(EdgeSourceError) {
        var next = deadline
        for index in traffic.indices {
            if let instant = traffic[index].nextInstant(), instant < next { next = instant }
        }
        clock.sleep(until: next)
    }

    public func read(into buffer: UnsafeMutableBufferPointer<EdgeEvent>) throws(EdgeSourceError) -> EdgeBatch? {
        let now = clock.now()
        for index in traffic.indices {
            var count = 0
            while count < buffer.count, let instant = traffic[index].nextInstant(), instant <= now,
                let edge = traffic[index].next()
            {
                buffer[count] = edge
                count += 1
            }
            if count > 0 { return EdgeBatch(channel: index, count: count, mayHaveOverflowed: false) }
        }
        return nil
    }

    public func level(channel: Int, input: Int) throws(EdgeSourceError) -> Bool {
        traffic[channel].level(at: clock.now())
    }
}

import Glibc
public import SensorCore

func naturalLogarithm(_ value: Double) -> Double { log(value) }

/// What makes the edges of a simulated channel.
public enum SimulatedTraffic: Sendable {
    case contact(ContactTraffic)
    case street(StreetTraffic)
    case radar(RadarStreet)

    mutating func nextInstant() -> MonotonicInstant? {
        switch self {
        case .contact(var traffic):
            defer { self = .contact(traffic) }
            return traffic.nextInstant()
        case .street(var traffic):
            defer { self = .street(traffic) }
            return traffic.nextInstant()
        case .radar(var street):
            defer { self = .radar(street) }
            return street.nextInstant()
        }
    }

    mutating func next() -> EdgeEvent? {
        switch self {
        case .contact(var traffic):
            defer { self = .contact(traffic) }
            return traffic.next()
        case .street(var traffic):
            defer { self = .street(traffic) }
            return traffic.next()
        case .radar(var street):
            defer { self = .radar(street) }
            return street.next()
        }
    }

    var passed: UInt64 {
        switch self {
        case .contact(let traffic): traffic.closures
        case .street(let traffic): traffic.passed
        case .radar(let street): street.passed
        }
    }
}

/// Sensors at a simulated street, as a source of edges under any clock.
///
/// Edges appear when the clock has reached them, so a slow reader finds them waiting, as with a kernel buffer without
/// limit. Belongs to one thread while that runs; read the truth before or after.
public final class SimulatedEdgeSource: EdgeSource {
    public let capabilities = EdgeCapabilities(
        backend: "simulated street", hasSequenceNumbers: true, hasKernelDebounce: false, bufferedEvents: .max)

    private let clock: any NodeClock
    private var traffic: [SimulatedTraffic]

    /// One stream of traffic per channel, in the order of the configuration.
    public init(traffic: [SimulatedTraffic], clock: any NodeClock) {
        self.traffic = traffic
        self.clock = clock
    }

    /// Closures or passages made so far on a channel: what it should have counted.
    public func trueCount(channel: Int) -> UInt64 { traffic[channel].passed }

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
        switch traffic[channel] {
        case .contact(var contact):
            defer { traffic[channel] = .contact(contact) }
            return contact.level(at: clock.now())
        case .street(let street): return street.level(input: input)
        case .radar(let street): return street.level(input: input)
        }
    }
}

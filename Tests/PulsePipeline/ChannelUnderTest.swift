import PulsePipeline
import SensorCore

/// Milliseconds of monotonic time.
func at(_ milliseconds: Double) -> MonotonicInstant {
    MonotonicInstant(nanoseconds: Int64((milliseconds * 1e6).rounded()))
}

/// A rise and a fall per pair, numbered from 1.
func closures(_ times: [(Double, Double)]) -> [EdgeEvent] {
    var edges: [EdgeEvent] = []
    for (rise, fall) in times {
        let number = UInt32(edges.count)
        edges += [edge(rise, true, number + 1), edge(fall, false, number + 2)]
    }
    return edges
}

/// An edge every 2 ms, an even number of them.
func chatter(from begin: Double, edges count: Int) -> [EdgeEvent] {
    var edges: [EdgeEvent] = []
    for index in 0..<count {
        let time: Double = begin + Double(2 * index)
        edges.append(edge(time, index % 2 == 0, UInt32(index + 1)))
    }
    return edges
}

func edge(_ milliseconds: Double, _ level: Bool, _ number: UInt32 = 0) -> EdgeEvent {
    EdgeEvent(instant: at(milliseconds), input: 0, level: level, lineSequence: number)
}

/// A channel with an owner that closes intervals of one length, as the counting loop and the replay do.
struct ChannelUnderTest: ~Copyable {
    let channel: HeldChannel<ContactChannel>
    let interval: TimeSpan
    private(set) var start = MonotonicInstant(nanoseconds: 0)
    private(set) var tallies: [ChannelTally] = []
    /// Passages by the interval that was open when they were decided.
    private(set) var passages: [[Passage]] = [[]]
    var buffer = PassageBuffer(capacity: 64)

    init(
        _ filter: PulseFilter = .stable(rise: .milliseconds(8), fall: .milliseconds(8)), level: Bool = false,
        interval: TimeSpan = .seconds(60)
    ) {
        channel = HeldChannel(ContactChannel(filter: filter, level: level, at: MonotonicInstant(nanoseconds: 0)))
        self.interval = interval
    }

    mutating func ingest(_ edges: [EdgeEvent]) {
        var rest = edges[...]
        while !rest.isEmpty {
            let boundary = start + interval
            let taken = rest.withUnsafeBufferPointer {
                channel.ingest($0, boundary: boundary, passages: &buffer)
            }
            keepPassages()
            rest = rest.dropFirst(taken)
            if !rest.isEmpty { close() }
        }
    }

    /// Time passes on a quiet line; intervals that are decided by then are closed.
    mutating func advance(to now: MonotonicInstant) {
        channel.advance(to: now, boundary: start + interval, passages: &buffer)
        keepPassages()
        while channel.isDecided(before: start + interval, at: now) { close() }
    }

    mutating func resynchronise(level: Bool, at now: MonotonicInstant) {
        channel.resynchronise(levels: level ? 1 : 0, at: now, passages: &buffer)
        keepPassages()
    }

    /// Closes the open interval before its end, as a stop does.
    mutating func finish(at end: MonotonicInstant) {
        advance(to: end)
        if end > start { tallies.append(channel.closeInterval(at: end)) }
        start = end
    }

    private mutating func close() {
        tallies.append(channel.closeInterval(at: start + interval))
        passages.append([])
        start = start + interval
    }

    private mutating func keepPassages() {
        for index in 0..<buffer.count { passages[passages.count - 1].append(buffer[index]) }
        buffer.removeAll()
    }

    var total: ChannelTally { tallies.reduce(into: ChannelTally()) { $0 += $1 } }
    var counts: [UInt64] { tallies.map(\.passages) }
    var unobserved: [TimeSpan] { tallies.map(\.unobserved) }
}

import SensorCore

/// An edge source that plays a script under a clock: edges, faults and stalls, each when its time has come.
///
/// Belongs to the thread that counts while that runs. What has not been played by the end is in `rest`.
final class ScriptedEdgeSource: EdgeSource {
    enum Act {
        /// Edges of one channel, in the kernel's buffer from now on.
        case edges([EdgeEvent], channel: Int = 0, overflowed: Bool = false)
        /// The hardware's level, changed without an edge that anybody will see.
        case level(Bool, channel: Int = 0)
        case failRead(EdgeSourceError)
        case failWait(EdgeSourceError)
        /// Edges that come while the level is read the next time; it is `shown` what they led to, or what was before.
        case edgesDuringLevel([EdgeEvent], shown: Bool)
        /// The next reading of a level fails.
        case failLevel(EdgeSourceError, channel: Int = 0)
        /// The thread gets no time until then.
        case stall(until: MonotonicInstant)
    }

    let capabilities = EdgeCapabilities(
        backend: "script", hasSequenceNumbers: true, hasKernelDebounce: false, bufferedEvents: 16)
    private let clock: any NodeClock
    private(set) var rest: [(instant: MonotonicInstant, act: Act)]
    private var levels: [Bool]
    private var levelFaults: [EdgeSourceError?]
    private(set) var armings: [Int]

    init(channels: Int = 1, levels: [Bool]? = nil, clock: any NodeClock, _ script: [(MonotonicInstant, Act)]) {
        self.clock = clock
        self.levels = levels ?? Array(repeating: false, count: channels)
        levelFaults = Array(repeating: nil, count: channels)
        armings = Array(repeating: 0, count: channels)
        rest = script.map { (instant: $0.0, act: $0.1) }
    }

    func arm(channel: Int) throws(EdgeSourceError) { armings[channel] += 1 }

    func wait(until deadline: MonotonicInstant) throws(EdgeSourceError) {
        clock.sleep(until: min(deadline, rest.first?.instant ?? deadline))
        guard let due = nextDue() else { return }
        switch due {
        case .stall(let end):
            rest.removeFirst()
            clock.sleep(until: end)
        case .failWait(let error):
            rest.removeFirst()
            throw error
        default: return
        }
    }

    func read(into buffer: UnsafeMutableBufferPointer<EdgeEvent>) throws(EdgeSourceError) -> EdgeBatch? {
        settle()
        switch nextDue() {
        case .edges(let edges, let channel, let overflowed):
            rest.removeFirst()
            for (index, edge) in edges.enumerated() { buffer[index] = edge }
            if let last = edges.last { levels[channel] = last.level }
            return EdgeBatch(channel: channel, count: edges.count, mayHaveOverflowed: overflowed)
        case .failRead(let error):
            rest.removeFirst()
            throw error
        default: return nil
        }
    }

    /// Edges that wait have happened: the hardware shows the level they led to.
    func level(channel: Int, input: Int) throws(EdgeSourceError) -> Bool {
        settle()
        if let fault = levelFaults[channel] {
            levelFaults[channel] = nil
            throw fault
        }
        if case .edgesDuringLevel(let edges, let shown) = nextDue() {
            let before = levels[channel]
            rest[0].act = .edges(edges, channel: channel)
            return shown ? edges.last?.level ?? before : before
        }
        var level = levels[channel]
        let now = clock.now()
        for (instant, act) in rest where instant <= now {
            if case .edges(let edges, let of, _) = act, of == channel, let last = edges.last { level = last.level }
            if case .level(let found, let of) = act, of == channel { level = found }
        }
        return level
    }

    private func nextDue() -> Act? {
        guard let first = rest.first, first.instant <= clock.now() else { return nil }
        return first.act
    }

    /// Plays what needs no reader.
    private func settle() {
        while let due = nextDue() {
            switch due {
            case .level(let level, let channel): levels[channel] = level
            case .failLevel(let error, let channel): levelFaults[channel] = error
            default: return
            }
            rest.removeFirst()
        }
    }
}

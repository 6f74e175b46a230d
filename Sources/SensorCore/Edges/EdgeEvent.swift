/// One change of a digital input, with the kernel's own timestamp.
///
/// `level` is logical: true is "active", so an active-low contact that closes gives true.
public struct EdgeEvent: BitwiseCopyable, Hashable, Sendable {
    /// CLOCK_MONOTONIC at the interrupt, resolution 1 ns; never the time it was read.
    public var instant: MonotonicInstant
    /// The kernel's per-line sequence number, starting at 1; 0 where the backend has none (uAPI v1).
    public var lineSequence: UInt32
    /// Index of the input within its channel, in the order of the configuration.
    public var input: UInt8
    /// The level after the edge; true is active.
    public var level: Bool

    @inlinable
    public init(instant: MonotonicInstant, input: UInt8, level: Bool, lineSequence: UInt32 = 0) {
        self.instant = instant
        self.lineSequence = lineSequence
        self.input = input
        self.level = level
    }
}

/// What a source of edges can and cannot do; stated by each backend, never assumed.
public struct EdgeCapabilities: Hashable, Sendable {
    /// The backend by name and version, for messages: "libgpiod 1.6.3 (GPIO uAPI v1)".
    public var backend: String
    /// Each edge carries a line sequence number, so that a dropped edge shows as a gap.
    public var hasSequenceNumbers: Bool
    /// The kernel can debounce a line before it makes events.
    public var hasKernelDebounce: Bool
    /// Events the kernel holds per request before it drops some.
    public var bufferedEvents: Int

    public init(backend: String, hasSequenceNumbers: Bool, hasKernelDebounce: Bool, bufferedEvents: Int) {
        self.backend = backend
        self.hasSequenceNumbers = hasSequenceNumbers
        self.hasKernelDebounce = hasKernelDebounce
        self.bufferedEvents = bufferedEvents
    }
}

/// What one `EdgeSource.read` brought.
public struct EdgeBatch: BitwiseCopyable, Hashable, Sendable {
    /// Index of the channel all edges of the batch belong to.
    public var channel: Int
    /// Edges written to the start of the caller's buffer, oldest first.
    public var count: Int
    /// The kernel's buffer was full, so edges may have been dropped that nothing else shows.
    public var mayHaveOverflowed: Bool

    @inlinable
    public init(channel: Int, count: Int, mayHaveOverflowed: Bool) {
        self.channel = channel
        self.count = count
        self.mayHaveOverflowed = mayHaveOverflowed
    }
}

/// Why edges can't be had.
public struct EdgeSourceError: Error, Hashable, Sendable, SentenceConvertible {
    /// What was tried, on what: "request lines 17, 27 of gpiochip0 (pinctrl-bcm2711)".
    public var operation: Sentence
    /// `errno`, or 0 where there is none.
    public var code: Int32
    /// What the person at the box can do about it.
    public var advice: Sentence
    /// Index of the one channel that has failed while the others go on; nil when it concerns the whole source.
    public var channel: Int?

    public init(operation: Sentence, code: Int32, advice: Sentence, channel: Int? = nil) {
        self.operation = operation
        self.code = code
        self.advice = advice
        self.channel = channel
    }

    public var sentence: Sentence {
        code == 0 ? "\(operation) failed: \(advice)" : "\(operation) failed (errno \(code)): \(advice)"
    }
}

/// Where edges come from: GPIO lines, a recorded trace, or a simulated street.
///
/// Used by one thread only. `wait` and `read` never allocate. Edges of one channel come in the order of their
/// timestamps; between channels there is no order.
public protocol EdgeSource: AnyObject {
    var capabilities: EdgeCapabilities { get }
    /// Blocks until an edge is there, `deadline` has passed or `wake` was called.
    func wait(until deadline: MonotonicInstant) throws(EdgeSourceError)
    /// Takes edges of one channel that are already there; nil when there are none. Does not block.
    func read(into buffer: UnsafeMutableBufferPointer<EdgeEvent>) throws(EdgeSourceError) -> EdgeBatch?
    /// The present logical level of an input, read from the hardware.
    func level(channel: Int, input: Int) throws(EdgeSourceError) -> Bool
    /// Tries to get the inputs of a channel that has failed; no effect on one that works. May allocate.
    func arm(channel: Int) throws(EdgeSourceError)
}

extension EdgeSource {
    /// For sources whose channels cannot fail.
    public func arm(channel: Int) throws(EdgeSourceError) {}
}

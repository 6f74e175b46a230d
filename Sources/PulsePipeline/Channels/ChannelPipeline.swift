public import SensorCore

/// What a channel's edges go through.
public struct ChannelSettings: Hashable, Sendable {
    public enum Detector: Hashable, Sendable {
        case contact
    }

    public var detector: Detector
    public var filter: PulseFilter

    public init(detector: Detector, filter: PulseFilter) {
        self.detector = detector
        self.filter = filter
    }

    public static func contact(_ filter: PulseFilter) -> ChannelSettings { ChannelSettings(detector: .contact, filter: filter) }

    /// How many inputs the detector has.
    public var inputs: Int {
        switch detector {
        case .contact: 1
        }
    }
}

/// The pipeline of one channel, whatever its detector: see `ContactChannel` and `DetectorChannel`.
public enum ChannelPipeline: Sendable {
    /// A contact with a plain debouncer, the most frequent case, in the shortest way.
    case contact(ContactChannel)
    case filteredContact(DetectorChannel<ContactDetector>)

    /// - Parameters:
    ///   - levels: the logical levels when the inputs were armed, bit n for input n.
    ///   - previousSequences: see `LostEdgeDetector`, one per input.
    public init(
        _ settings: ChannelSettings, levels: UInt8, at instant: MonotonicInstant,
        previousSequences: (UInt32?, UInt32?) = (0, 0)
    ) {
        switch settings.detector {
        case .contact:
            if case .lockout = settings.filter.kind {} else if settings.filter.glitchTime == .zero {
                self = .contact(
                    ContactChannel(
                        filter: settings.filter, level: levels & 1 != 0, at: instant, previousSequence: previousSequences.0))
                return
            }
            self = .filteredContact(
                DetectorChannel(
                    detector: ContactDetector(), filter: settings.filter, inputs: 1, levels: levels, at: instant,
                    previousSequences: previousSequences))
        }
    }

    public var deadline: MonotonicInstant? {
        switch self {
        case .contact(let channel): channel.deadline
        case .filteredContact(let channel): channel.deadline
        }
    }

    public var isBlind: Bool {
        switch self {
        case .contact(let channel): channel.isBlind
        case .filteredContact(let channel): channel.isBlind
        }
    }

    /// See `ContactChannel.ingest`.
    public mutating func ingest(
        _ edges: UnsafeBufferPointer<EdgeEvent>, boundary: MonotonicInstant, passages: inout PassageBuffer
    ) -> Int {
        switch self {
        case .contact(var channel):
            let taken = channel.ingest(edges, boundary: boundary, passages: &passages)
            self = .contact(channel)
            return taken
        case .filteredContact(var channel):
            let taken = channel.ingest(edges, boundary: boundary, passages: &passages)
            self = .filteredContact(channel)
            return taken
        }
    }

    /// Decides what time alone has decided by `now`. What began at or after `boundary` counts for the next interval.
    public mutating func advance(to now: MonotonicInstant, boundary: MonotonicInstant, passages: inout PassageBuffer) {
        switch self {
        case .contact(var channel):
            channel.advance(to: now, passages: &passages)
            self = .contact(channel)
        case .filteredContact(var channel):
            channel.advance(to: now, boundary: boundary, passages: &passages)
            self = .filteredContact(channel)
        }
    }

    public mutating func noteOverflow() {
        switch self {
        case .contact(var channel):
            channel.noteOverflow()
            self = .contact(channel)
        case .filteredContact(var channel):
            channel.noteOverflow()
            self = .filteredContact(channel)
        }
    }

    /// See `DetectorChannel.resynchronise`.
    public mutating func resynchronise(levels: UInt8, at now: MonotonicInstant, passages: inout PassageBuffer) {
        switch self {
        case .contact(var channel):
            channel.resynchronise(level: levels & 1 != 0, at: now, passages: &passages)
            self = .contact(channel)
        case .filteredContact(var channel):
            channel.resynchronise(levels: levels, at: now, passages: &passages)
            self = .filteredContact(channel)
        }
    }

    public func isDecided(before boundary: MonotonicInstant, at now: MonotonicInstant) -> Bool {
        switch self {
        case .contact(let channel): channel.isDecided(before: boundary, at: now)
        case .filteredContact(let channel): channel.isDecided(before: boundary, at: now)
        }
    }

    public mutating func closeInterval(at boundary: MonotonicInstant) -> ChannelTally {
        switch self {
        case .contact(var channel):
            let tally = channel.closeInterval(at: boundary)
            self = .contact(channel)
            return tally
        case .filteredContact(var channel):
            let tally = channel.closeInterval(at: boundary)
            self = .filteredContact(channel)
            return tally
        }
    }
}

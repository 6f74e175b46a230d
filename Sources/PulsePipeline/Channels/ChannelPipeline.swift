public import SensorCore

/// The pipeline of one channel, whatever its detector: see `ContactChannel` and `DetectorChannel`.
public enum ChannelPipeline: Sendable {
    /// A contact with a plain debouncer, the most frequent case, in the shortest way.
    case contact(ContactChannel)
    case filteredContact(DetectorChannel<ContactDetector>)
    case presence(DetectorChannel<PresenceDetector>)
    case beamPair(DetectorChannel<BeamPairDetector>)
    case axlePair(DetectorChannel<AxlePairDetector>)

    /// - Parameters:
    ///   - levels: the logical levels when the inputs were armed, bit n for input n.
    ///   - previousSequences: see `LostEdgeDetector`, one per input.
    public init(
        _ settings: ChannelSettings, levels: UInt8, at instant: MonotonicInstant,
        previousSequences: (UInt32?, UInt32?) = (0, 0)
    ) {
        func channel<Detector>(_ detector: Detector) -> DetectorChannel<Detector> {
            DetectorChannel(
                detector: detector, filter: settings.filter, inputs: settings.inputs, levels: levels, at: instant,
                previousSequences: previousSequences, mostPerSecond: settings.mostPerSecond)
        }
        switch settings.detector {
        case .contact:
            if case .lockout = settings.filter.kind {} else if settings.filter.glitchTime == .zero {
                self = .contact(
                    ContactChannel(
                        filter: settings.filter, level: levels & 1 != 0, at: instant, previousSequence: previousSequences.0,
                        mostPerSecond: settings.mostPerSecond))
                return
            }
            self = .filteredContact(channel(ContactDetector()))
        case .presence(let hold, let stallLimit):
            self = .presence(channel(PresenceDetector(hold: hold, stallLimit: stallLimit)))
        case .beamPair(let geometry):
            self = .beamPair(channel(BeamPairDetector(geometry)))
        case .axlePair(let geometry):
            self = .axlePair(channel(AxlePairDetector(geometry)))
        }
    }

    public var deadline: MonotonicInstant? {
        switch self {
        case .contact(let channel): channel.deadline
        case .filteredContact(let channel): channel.deadline
        case .presence(let channel): channel.deadline
        case .beamPair(let channel): channel.deadline
        case .axlePair(let channel): channel.deadline
        }
    }

    public var isBlind: Bool {
        switch self {
        case .contact(let channel): channel.isBlind
        case .filteredContact(let channel): channel.isBlind
        case .presence(let channel): channel.isBlind
        case .beamPair(let channel): channel.isBlind
        case .axlePair(let channel): channel.isBlind
        }
    }

    /// See `ContactChannel.ingest`.
    public mutating func ingest(
        _ edges: UnsafeBufferPointer<EdgeEvent>, boundary: MonotonicInstant, passages: inout PassageBuffer
    ) -> Int {
        switch self {
        case .contact(var channel):
            let result = channel.ingest(edges, boundary: boundary, passages: &passages)
            self = .contact(channel)
            return result
        case .filteredContact(var channel):
            let result = channel.ingest(edges, boundary: boundary, passages: &passages)
            self = .filteredContact(channel)
            return result
        case .presence(var channel):
            let result = channel.ingest(edges, boundary: boundary, passages: &passages)
            self = .presence(channel)
            return result
        case .beamPair(var channel):
            let result = channel.ingest(edges, boundary: boundary, passages: &passages)
            self = .beamPair(channel)
            return result
        case .axlePair(var channel):
            let result = channel.ingest(edges, boundary: boundary, passages: &passages)
            self = .axlePair(channel)
            return result
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
        case .presence(var channel):
            channel.advance(to: now, boundary: boundary, passages: &passages)
            self = .presence(channel)
        case .beamPair(var channel):
            channel.advance(to: now, boundary: boundary, passages: &passages)
            self = .beamPair(channel)
        case .axlePair(var channel):
            channel.advance(to: now, boundary: boundary, passages: &passages)
            self = .axlePair(channel)
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
        case .presence(var channel):
            channel.noteOverflow()
            self = .presence(channel)
        case .beamPair(var channel):
            channel.noteOverflow()
            self = .beamPair(channel)
        case .axlePair(var channel):
            channel.noteOverflow()
            self = .axlePair(channel)
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
        case .presence(var channel):
            channel.resynchronise(levels: levels, at: now, passages: &passages)
            self = .presence(channel)
        case .beamPair(var channel):
            channel.resynchronise(levels: levels, at: now, passages: &passages)
            self = .beamPair(channel)
        case .axlePair(var channel):
            channel.resynchronise(levels: levels, at: now, passages: &passages)
            self = .axlePair(channel)
        }
    }

    public func isDecided(before boundary: MonotonicInstant, at now: MonotonicInstant) -> Bool {
        switch self {
        case .contact(let channel): channel.isDecided(before: boundary, at: now)
        case .filteredContact(let channel): channel.isDecided(before: boundary, at: now)
        case .presence(let channel): channel.isDecided(before: boundary, at: now)
        case .beamPair(let channel): channel.isDecided(before: boundary, at: now)
        case .axlePair(let channel): channel.isDecided(before: boundary, at: now)
        }
    }

    public mutating func closeInterval(at boundary: MonotonicInstant) -> ChannelTally {
        switch self {
        case .contact(var channel):
            let result = channel.closeInterval(at: boundary)
            self = .contact(channel)
            return result
        case .filteredContact(var channel):
            let result = channel.closeInterval(at: boundary)
            self = .filteredContact(channel)
            return result
        case .presence(var channel):
            let result = channel.closeInterval(at: boundary)
            self = .presence(channel)
            return result
        case .beamPair(var channel):
            let result = channel.closeInterval(at: boundary)
            self = .beamPair(channel)
            return result
        case .axlePair(var channel):
            let result = channel.closeInterval(at: boundary)
            self = .axlePair(channel)
            return result
        }
    }
}

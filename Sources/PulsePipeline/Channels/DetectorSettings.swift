public import SensorCore

extension ChannelSettings {
    /// A detector with what the place it stands at tells it.
    public enum Detector: Hashable, Sendable {
        case contact
        /// Activations closer than `hold` are one passage; one that lasts for `stallLimit` is the sensor, not a road user.
        case presence(hold: TimeSpan, stallLimit: TimeSpan)
        case beamPair(BeamGeometry)
        case axlePair(AxleGeometry)
        /// With two inputs where the setup says which of them leads.
        case doppler(RadarSetup)

        public var kind: DetectorKind {
            switch self {
            case .contact: .contact
            case .presence: .presence
            case .beamPair: .beamPair
            case .axlePair: .axlePair
            case .doppler(let setup): setup.quadrature == nil ? .doppler : .dopplerIQ
            }
        }

        /// The measures of its place, by the configuration's keys.
        package var geometry: [GeometryFact] {
            switch self {
            case .contact, .presence: []
            case .beamPair(let beams): [GeometryFact(name: "spacing", value: beams.spacing, unit: "m")]
            case .axlePair(let tubes): [GeometryFact(name: "spacing", value: tubes.spacing, unit: "m")]
            case .doppler(let radar):
                [
                    GeometryFact(name: "carrier", value: radar.carrier, unit: "Hz"),
                    GeometryFact(name: "height", value: radar.height, unit: "m"),
                    GeometryFact(name: "azimuth", value: radar.azimuth, unit: "deg"),
                ] + radar.lanes.map { GeometryFact(name: "lane", value: $0, unit: "m") }
            }
        }

        /// Of a contact that counts activations; see `ChannelSettings.stimulus`.
        var stimulus: Stimulus {
            switch self {
            case .contact: .closures(countsEach: 1)
            case .presence(let hold, _): .presence(hold: hold)
            case .beamPair(let geometry): .beams(spacing: geometry.spacing)
            case .axlePair(let geometry): .tubes(spacing: geometry.spacing)
            case .doppler(let setup): .radar(setup)
            }
        }
    }

    /// What stands at the inputs of a detector.
    public enum Stimulus: Hashable, Sendable {
        /// A switch that closes and opens again; the detector counts each closure so many times.
        case closures(countsEach: UInt64)
        /// An output that is active while somebody is near, and for a time after.
        case presence(hold: TimeSpan)
        /// Two light beams, this far apart in m.
        case beams(spacing: Double)
        /// Two tubes across the road, this far apart in m.
        case tubes(spacing: Double)
        case radar(RadarSetup)
    }

    /// Makes the channel. Allocates, which the channel itself does not, see `CountingChannel`.
    ///
    /// - Parameters:
    ///   - levels: the logical levels when the inputs were armed, bit n for input n.
    ///   - previousSequences: see `LostEdgeDetector`, one per input.
    ///   - slices: where a radar's condensed pulses go; nil tracks them here, which allocates.
    package func makeChannel(
        levels: UInt8, at instant: MonotonicInstant, previousSequences: (UInt32?, UInt32?) = (0, 0), slices: SliceQueue? = nil
    ) -> any CountingChannel {
        func channel<Found: PassageDetector & ~Copyable>(_ detector: consuming Found) -> any CountingChannel {
            HeldChannel(
                DetectorChannel(
                    detector: detector, filter: filter, inputs: inputs, levels: levels, at: instant,
                    previousSequences: previousSequences, mostPerSecond: mostPerSecond))
        }
        switch detector {
        case .contact where filter.isPlain:
            return HeldChannel(
                ContactChannel(
                    filter: filter, level: levels & 1 != 0, at: instant, previousSequence: previousSequences.0,
                    mostPerSecond: mostPerSecond, countsBoth: countsBothEdges))
        case .contact: return channel(ContactDetector(countsBoth: countsBothEdges))
        case .presence(let hold, let stallLimit): return channel(PresenceDetector(hold: hold, stallLimit: stallLimit))
        case .beamPair(let geometry): return channel(BeamPairDetector(geometry))
        case .axlePair(let geometry): return channel(AxlePairDetector(geometry))
        case .doppler(let setup):
            return HeldChannel(
                RadarChannel(setup, levels: levels, at: instant, previousSequences: previousSequences, slices: slices))
        }
    }
}

extension PulseFilter {
    /// One stage that decides by stability: the most frequent filter, which `ContactChannel` takes the shortest way with.
    fileprivate var isPlain: Bool {
        if case .lockout = kind { false } else { glitchTime == .zero }
    }
}

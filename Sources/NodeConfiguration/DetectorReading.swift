import PulsePipeline
import SensorCore

extension DetectorKind {
    /// The keys that only this kind of detector has.
    fileprivate var ownKeys: [String] {
        switch self {
        case .contact: ["measures", "edges"]
        case .presence: ["hold", "stall"]
        case .beamPair: ["spacing", "detection-length", "stall", "directions"]
        case .axlePair: ["spacing", "limits", "directions"]
        case .doppler: ["carrier", "lanes", "height", "azimuth", "directions"]
        case .dopplerIQ: ["carrier", "lanes", "height", "azimuth", "approach-leads", "directions"]
        }
    }

    var keys: [String] { inputRoles + ownKeys }
}

/// Which changes of a contact count.
private enum CountedEdges: String, CaseIterable {
    case active
    case both
}

/// What the keys of a detector say.
struct DetectorKeys {
    var detector: ChannelSettings.Detector
    /// What a count stands for, where it is no road user.
    var meaning: CountMeaning?

    init(_ detector: ChannelSettings.Detector, meaning: CountMeaning? = nil) {
        self.detector = detector
        self.meaning = meaning
    }

    /// In counts per second over 10 s, where nobody says otherwise: more than the heaviest rain and the strongest wind.
    var plausibleRate: Double? { meaning?.mostPerSecond }
    /// See `ChannelSettings`.
    var countsBothEdges = false
}

/// Reads what the detector of a channel needs to know about its place.
struct DetectorReading {
    let channel: MappingReader
    let faults: FaultCollector

    private static var stall: ScalarForm<TimeSpan> { .time(in: .seconds(1)...(.seconds(3600))) }

    func read(_ kind: DetectorKind) -> DetectorKeys? {
        switch kind {
        case .contact:
            let edges =
                channel.has("edges")
                ? channel.optional("edges", as: ScalarForm<CountedEdges>.oneOf(called: "choices of edges")) : CountedEdges.active
            guard let edges else { return nil }
            var keys = DetectorKeys(.contact)
            keys.countsBothEdges = edges == .both
            guard channel.has("measures") else { return keys }
            guard let meaning = meaning() else { return nil }
            keys.meaning = meaning
            return keys
        case .presence:
            let hold = channel.required("hold", as: .time(in: .milliseconds(1)...(.seconds(600))), example: "hold: 3s")
            let stall = channel.optional("stall", as: Self.stall, default: .seconds(600))
            guard let hold, let stall else { return nil }
            return DetectorKeys(.presence(hold: hold, stallLimit: stall))
        case .beamPair:
            let spacing = channel.required("spacing", as: .spacing, example: "spacing: 500mm")
            let length = channel.optional("detection-length", as: .length(in: 0...1_000), default: 0, shown: "0mm")
            let stall = channel.optional("stall", as: Self.stall, default: .seconds(10))
            guard let spacing, let length, let stall else { return nil }
            return DetectorKeys(.beamPair(BeamGeometry(spacing: spacing, detectionLength: length, stallLimit: stall.seconds)))
        case .axlePair:
            let spacing = channel.required("spacing", as: .spacing, example: "spacing: 1m")
            let limits = limits()
            guard let spacing, let limits else { return nil }
            return DetectorKeys(.axlePair(AxleGeometry(spacing: spacing, limits: limits)))
        case .doppler:
            return RadarReading(channel: channel, faults: faults).setup().map { DetectorKeys(.doppler($0)) }
        case .dopplerIQ:
            let setup = RadarReading(channel: channel, faults: faults).setup()
            let leads = channel.required(
                "approach-leads", as: ScalarForm<RadarSetup.Quadrature>.oneOf(called: "inputs"), example: "approach-leads: first")
            guard var setup, let leads else { return nil }
            setup.quadrature = leads
            return DetectorKeys(.doppler(setup))
        }
    }

    private func meaning() -> CountMeaning? {
        guard let node = channel.node("measures"),
            let reader = MappingReader(
                node, title: "'measures' of \(channel.title)", keys: ["rain", "wind"], example: "{rain: 0.2794mm}", faults: faults)
        else { return nil }
        switch (reader.has("rain"), reader.has("wind")) {
        case (true, false):
            return reader.required("rain", as: .rainPerCount, example: "rain: 0.2794mm").map { .rain(perCount: $0) }
        case (false, true):
            return reader.required("wind", as: .windPerHertz, example: "wind: 2.4km/h").map { .wind(perCount: $0) }
        default:
            // A key that is neither has been named already.
            guard reader.isEmpty || reader.has("rain") else { return nil }
            faults.add(
                at: node.position,
                """
                \(reader.title) needs one of 'rain' (per count) and 'wind' (the speed at one count per second); write for \
                example {rain: 0.2794mm} or {wind: 2.4km/h}
                """)
            return nil
        }
    }

    private func limits() -> WheelbaseLimits? {
        let usual = WheelbaseLimits()
        guard channel.has("limits") else {
            channel.assume("limits", "{bike: \(usual.bike)m, car: \(usual.car)m, van: \(usual.van)m}")
            return usual
        }
        guard let node = channel.node("limits"),
            let reader = MappingReader(
                node, title: "'limits' of \(channel.title)", keys: ["bike", "car", "van"],
                example: "{bike: 1.83m, car: 3.08m, van: 3.96m}", faults: faults)
        else { return nil }
        let form = ScalarForm.length(in: 500...15_000)
        let bike = reader.optional("bike", as: form, default: usual.bike, shown: "\(usual.bike)m")
        let car = reader.optional("car", as: form, default: usual.car, shown: "\(usual.car)m")
        let van = reader.optional("van", as: form, default: usual.van, shown: "\(usual.van)m")
        guard let bike, let car, let van else { return nil }
        guard bike < car, car < van else {
            faults.add(
                at: node.position,
                """
                the wheelbases in \(reader.title) must rise: bike \(bike) m, car \(car) m, van \(van) m; write for example \
                {bike: 1.83m, car: 3.08m, van: 3.96m}
                """)
            return nil
        }
        return WheelbaseLimits(bike: bike, car: car, van: van)
    }

    func directions(of kind: DetectorKind?) -> DirectionNames? {
        let isRadar = kind?.isRadar ?? false
        let usual = isRadar ? DirectionNames(forward: "approaching", backward: "receding") : DirectionNames()
        let names = isRadar ? ("approaching", "receding") : ("forward", "backward")
        guard channel.has("directions") else {
            if kind?.traits.tells.contains(.direction) == true {
                channel.assume("directions", "{\(names.0): \(usual.forward), \(names.1): \(usual.backward)}")
            }
            return usual
        }
        guard let node = channel.node("directions"),
            let reader = MappingReader(
                node, title: "'directions' of \(channel.title)", keys: [names.0, names.1],
                example: "{\(names.0): inbound, \(names.1): outbound}", faults: faults)
        else { return nil }
        let forward = reader.optional(names.0, as: .text, default: usual.forward)
        let backward = reader.optional(names.1, as: .text, default: usual.backward)
        guard let forward, let backward else { return nil }
        guard forward != backward else {
            faults.add(at: node.position, "both directions of \(channel.title) are called \(quoted(forward)); give each its own name")
            return nil
        }
        return DirectionNames(forward: forward, backward: backward)
    }

    /// A filter that cannot pass the pulses at the end of the range would say calm in a storm.
    func checkRange(of settings: ChannelSettings) {
        guard let meaning = settings.meaning, let rangeEnd = meaning.perSecondAtRangeEnd, let node = channel.node("debounce") else {
            return
        }
        let perSecond = channel.has("max-rate") ? min(rangeEnd, settings.mostPerSecond ?? rangeEnd) : rangeEnd
        let period = (settings.countsBothEdges ? 2 : 1) * 1e9 / perSecond
        let filter = settings.filter
        guard Double(filter.shortestPeriod.nanoseconds) >= period else { return }
        let isLockout = if case .lockout = filter.kind { true } else { false }
        // A magnet closes for a quarter of a turn or more; half of that leaves room.
        let fitting = MeasuredForm.time.text(Self.round(isLockout ? period / 2 : period / 8))
        let advice: Sentence = isLockout ? "{kind: lockout, time: \(fitting)}" : "{kind: stable, time: \(fitting)}"
        let speed = min(CountMeaning.windRange, CountMeaning.windRange * perSecond / rangeEnd).rounded(toPlaces: 1)
        faults.doubt(
            at: node.position,
            """
            the filter of \(channel.title) needs \(MeasuredForm.time.text(filter.shortestPeriod.nanoseconds)) for a pulse and its pause, \
            and at \(speed) m/s one comes every \(MeasuredForm.time.text(Int64(period / 1000) * 1000)): in a storm it would say calm; write \
            for example debounce: \(advice), or 'max-rate' where the wind is never so strong
            """)
    }

    /// Down to 1, 2 or 5 of a decade, from 1 µs on.
    private static func round(_ nanoseconds: Double) -> Int64 {
        var decade: Int64 = 1_000
        while Double(decade) * 10 <= nanoseconds { decade *= 10 }
        return [5, 2, 1].map { $0 * decade }.first { Double($0) <= nanoseconds } ?? 1_000
    }

    /// A debouncer that spoils the times a detector needs is refused.
    func check(_ filter: PulseFilter, of kind: DetectorKind) {
        if kind.isRadar, filter != .none, let node = channel.node("debounce") {
            faults.add(
                at: node.position,
                "\(kind.rawValue) measures the phase of each pulse, which a debouncer shifts; remove 'debounce' from \(channel.title)")
            return
        }
        guard kind.traits.comparesInputs, case .kernel(let period) = filter.kind, let node = channel.node("debounce") else { return }
        let advice: Sentence =
            kind == .beamPair
            ? "'{kind: stable, rise: 1ms, fall: 2ms}'" : "'{kind: lockout, time: 5ms}'"
        faults.add(
            at: node.position,
            """
            \(kind.rawValue) measures speed, and the kernel's debounce of \(MeasuredForm.time.text(period.nanoseconds)) rounds \
            times to its own ticks and gives the end of the bouncing; write for example \(advice)
            """)
    }
}

extension ScalarForm where Value == Double {
    /// From one input to the other, in m.
    fileprivate static var spacing: Self {
        Self { text throws(ScalarFault) in Double(try MeasuredForm.spacing.read(text, in: 20...20_000)) / 1_000 }
    }

    /// In mm per count: gauges tip at 0.1 to 0.5 mm, drop counters at less.
    fileprivate static var rainPerCount: Self {
        Self { text throws(ScalarFault) in Double(try MeasuredForm.rain.read(text, in: 1_000...10_000_000)) / 1_000_000 }
    }

    /// In m/s at one count per second.
    fileprivate static var windPerHertz: Self {
        Self { text throws(ScalarFault) in Double(try MeasuredForm.speed.read(text, in: 36_000...36_000_000)) / 3_600_000 }
    }

    /// In m; the range is in mm.
    fileprivate static func length(in range: ClosedRange<Int64>) -> Self {
        Self { text throws(ScalarFault) in Double(try MeasuredForm.length.read(text, in: range)) / 1_000 }
    }
}

public import SensorCore

/// One part the node can read: what it is, how its driver is made, and how it is recognised.
struct ClimatePart: Sendable {
    var description: PartDescription
    /// As printed on the part: "BME280".
    var printedName: String
    /// The kernel's driver through which a part that it holds can be read all the same; nil where a held part is out of
    /// reach.
    var kernelDriver: String?
    var makeDriver: @Sendable (PartSettings) -> any ClimateDriver
    /// The harmless command that `identify` reads the answer of some ms later; nothing for parts with registers.
    var ask: @Sendable (PartLink) throws(SensorError) -> Void = { _ throws(SensorError) in }
    /// Looks whether this part is there, with no more than a register pointer and a read; nil when it is certainly another
    /// one. Throws when nobody answers in the way of this part.
    var identify: @Sendable (PartLink) throws(SensorError) -> PartIdentity?
}

/// The values of a part's options for one sensor, by name; what is missing has its usual value.
public struct PartSettings: Hashable, Sendable {
    private var values: [String: PartOption.Value]

    /// - Parameter values: each of its option's form, as a configuration that was checked has it.
    public init(_ values: [String: PartOption.Value] = [:]) { self.values = values }

    func value(of option: PartOption) -> PartOption.Value { values[option.name] ?? option.usual }

    /// Of a flag.
    func isOn(_ option: PartOption) -> Bool { value(of: option) == .flag(true) }

    /// Of a time; zero for an option of another form.
    func time(_ option: PartOption) -> TimeSpan { if case .time(let time) = value(of: option) { time } else { .zero } }

    /// Of a resistance in ohms or a number in its unit; not a number for an option of another form.
    func number(_ option: PartOption) -> Double {
        switch value(of: option) {
        case .resistance(let number), .number(let number): number
        case .flag, .time, .choice: .nan
        }
    }

    /// Of a choice; nil for an option of another form.
    func choice(_ option: PartOption) -> String? { if case .choice(let word) = value(of: option) { word } else { nil } }
}

/// What a scan found out about who answers at an address.
public struct PartIdentity: Hashable, Sendable {
    public enum Certainty: String, Hashable, Sendable {
        /// It said its name: a chip id or product number of its own.
        case certain
        /// It answers as only parts of its family do.
        case likely
        /// Somebody answers at an address this part can have.
        case possible
    }
    public var certainty: Certainty
    /// "chip id 0x60".
    public var evidence: String

    public init(_ certainty: Certainty, _ evidence: String) {
        self.certainty = certainty
        self.evidence = evidence
    }
}

extension PartDescription {
    /// What the part measures with these settings: some quantities have to be asked for.
    func with(_ settings: PartSettings) -> PartDescription {
        var part = self
        part.specifications = specifications.filter { specification in
            guard let name = specification.onlyWith, let option = options.first(where: { $0.name == name }) else { return true }
            return settings.isOn(option)
        }
        part.quantities = part.specifications.map(\.quantity)
        return part
    }
}

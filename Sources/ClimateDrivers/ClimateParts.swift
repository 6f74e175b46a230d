public import SensorCore

/// One part the node can read: what it is, how its driver is made, and how it is recognised.
struct ClimatePart: Sendable {
    var description: PartDescription
    /// As printed on the part: "BME280".
    var printedName: String
    var makeDriver: @Sendable (PartSettings) -> any ClimateDriver
    /// The harmless command that `identify` reads the answer of some ms later; nothing for parts with registers.
    var ask: @Sendable (PartLink) throws(SensorError) -> Void = { _ throws(SensorError) in }
    /// Looks whether this part is there, with no more than a register pointer and a read; nil when it is certainly another
    /// one. Throws when nobody answers in the way of this part.
    var identify: @Sendable (PartLink) throws(SensorError) -> PartIdentity?
}

/// The parts the node can read. A new family is one folder and one line here.
public enum ClimateParts {
    static let families: [[ClimatePart]] = [
        BMx280.parts, BME680.parts, SHT3x.parts, SHT4x.parts, SCD4x.parts, TMP117.parts, BH1750.parts, SPS30.parts,
        INA219.parts, DS3231.parts,
    ]

    static let parts = families.flatMap { $0 }

    /// Every part, in the order of the families.
    public static let all: [PartDescription] = parts.map(\.description)

    /// The part of that name, as the configuration writes it: "bme280"; nil when there is none.
    public static func description(of name: String) -> PartDescription? { all.first { $0.name == name } }

    static func part(named name: String) -> ClimatePart? { parts.first { $0.description.name == name } }
}

/// The values of a part's options for one sensor, by name; what is missing has its usual value.
public struct PartSettings: Hashable, Sendable {
    private var values: [String: Double]

    public init(_ values: [String: Double] = [:]) { self.values = values }

    func value(of option: PartOption) -> Double { values[option.name] ?? option.usual }
    func isOn(_ option: PartOption) -> Bool { value(of: option) != 0 }
    func time(_ option: PartOption) -> TimeSpan { .seconds(Int64(value(of: option))) }
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

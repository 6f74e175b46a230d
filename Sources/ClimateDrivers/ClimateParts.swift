public import SensorCore

/// The parts the node can read. A new family is one folder in `Parts` and one line here.
public enum ClimateParts {
    static let families: [[ClimatePart]] = [
        BMx280.parts, BME680.parts, SHT3x.parts, SHT4x.parts, SCD4x.parts, TMP117.parts, TMP102.parts, BH1750.parts, SPS30.parts,
        INA219.parts, DS3231.parts,
    ]

    static let parts = families.flatMap { $0 }

    /// Every part, in the order of the families.
    public static let all: [PartDescription] = parts.map(\.description)

    /// The part of that name, as the configuration writes it: "bme280"; nil when there is none.
    public static func description(of name: String) -> PartDescription? { all.first { $0.name == name } }

    static func part(named name: String) -> ClimatePart? { parts.first { $0.description.name == name } }
}

public import SensorCore

/// One part the node can read: what it is, and how its driver is made.
struct ClimatePart: Sendable {
    var description: PartDescription
    var makeDriver: @Sendable (I2CAddress) -> any ClimateDriver
}

/// The parts the node can read. A new family is one folder and one line here.
public enum ClimateParts {
    private static let families: [[ClimatePart]] = [
        BMx280.parts,
        SHT4x.parts,
    ]

    private static let parts = families.flatMap { $0 }

    /// Every part, in the order of the families.
    public static let all: [PartDescription] = parts.map(\.description)

    /// The part of that name, as the configuration writes it: "bme280"; nil when there is none.
    public static func description(of name: String) -> PartDescription? { all.first { $0.name == name } }

    /// A driver that was not started yet; nil when no part has that name.
    public static func driver(for name: String, at address: I2CAddress) -> (any ClimateDriver)? {
        parts.first { $0.description.name == name }?.makeDriver(address)
    }
}

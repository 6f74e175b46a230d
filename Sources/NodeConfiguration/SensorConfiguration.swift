public import SensorCore

/// One climate sensor.
public struct SensorConfiguration: Hashable, Sendable {
    /// 1 to 63 of a-z, 0-9 and '-'.
    public let name: String
    /// A part of the context, complete.
    public let part: PartDescription
    public let bus: BoardDescription.Bus
    public let address: I2CAddress
    /// The channel of a TCA9548A on the bus that it is behind; nil when it is on the bus itself.
    public let multiplexer: MultiplexerPort?
    /// How often it is read, from the part's shortest period to the interval's length.
    public let period: TimeSpan
    /// What is derived from its readings; the part gives what each needs.
    public let derived: [Quantity]
    /// The values of the part's options by name, each of its form; what the file lacks has its usual value.
    public let options: [String: PartOption.Value]
    /// The sensors that tell it the air's pressure and humidity where its part must know them: those that are named, else
    /// the first that measures it. nil when there is none.
    public internal(set) var pressureFrom: String?
    public internal(set) var humidityFrom: String?
    /// At most one per quantity.
    public let corrections: [CorrectionConfiguration]
}

/// How a quantity's values are corrected: `corrected = gain × measured + offset`.
public struct CorrectionConfiguration: Hashable, Sendable {
    public let quantity: Quantity
    /// In the quantity's unit.
    public let offset: Double
    /// More than 0; 1 leaves the scale as it is.
    public let gain: Double
    /// What it was compared with: "Testo 625, serial 1234".
    public let reference: String
    /// The day of the comparison, a day of the Gregorian calendar as YYYY-MM-DD.
    public let date: String
}

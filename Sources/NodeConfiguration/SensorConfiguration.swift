public import SensorCore

/// One climate sensor.
public struct SensorConfiguration: Hashable, Sendable {
    /// 1 to 63 of a-z, 0-9 and '-'.
    public let name: String
    /// A part of the context, complete.
    public let part: PartDescription
    public let bus: BoardDescription.Bus
    public let address: I2CAddress
    /// How often it is read, 1 s to the interval's length.
    public let period: TimeSpan
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

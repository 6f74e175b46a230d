/// What the rest of the node needs to know about a climate part without knowing its driver.
public struct PartDescription: Hashable, Sendable {
    /// As the configuration names it: "bme280".
    public var name: String
    /// The addresses the part can have, the usual one first.
    public var addresses: [I2CAddress]
    /// What it measures, in the order it is published.
    public var quantities: [Quantity]

    public init(name: String, addresses: [I2CAddress], quantities: [Quantity]) {
        self.name = name
        self.addresses = addresses
        self.quantities = quantities
    }
}

public import SensorCore

/// What one reading of a part gave: each of its quantities is either given or withheld with its own reason, never both.
///
/// Kept and filled again and again, so that a reading allocates nothing.
public struct PartReading: Hashable, Sendable {
    /// In the order of the part's quantities; what is derived stands behind them.
    public private(set) var given: [Measurement] = []
    public private(set) var withheld: [WithheldQuantity] = []

    public init() {
        // No part has more quantities, those derived from them included.
        given.reserveCapacity(16)
    }

    /// A reading in which all was well.
    public init(_ given: [Measurement]) { self.given = given }

    public func withholds(_ quantity: Quantity) -> Bool { withheld.contains { $0.quantity == quantity } }

    /// Keeps its room.
    public mutating func clear() {
        given.removeAll(keepingCapacity: true)
        withheld.removeAll(keepingCapacity: true)
    }

    public mutating func give(_ measurement: Measurement) { given.append(measurement) }

    /// Of a given quantity.
    mutating func flag(_ quantity: Quantity, _ flags: MeasurementFlags) {
        for place in given.indices where given[place].quantity == quantity { given[place].flags.formUnion(flags) }
    }

    /// The quantity is not given, also where it was already.
    public mutating func withhold(_ quantity: Quantity, _ error: SensorError) {
        given.removeAll { $0.quantity == quantity }
        if !withholds(quantity) { withheld.append(WithheldQuantity(quantity, error)) }
    }

    /// Becomes what `other` is, each given measurement as `correct` makes it. Keeps its room.
    mutating func take(_ other: PartReading, _ correct: (Measurement) -> Measurement) {
        clear()
        for measurement in other.given { given.append(correct(measurement)) }
        withheld.append(contentsOf: other.withheld)
    }

    /// Withholds what `part` compensates with a quantity that is withheld.
    mutating func withholdDependents(of part: PartDescription) {
        guard !withheld.isEmpty else { return }
        var hasChanged = true
        while hasChanged {
            hasChanged = false
            for specification in part.specifications where !withholds(specification.quantity) {
                guard let cause = withheld.first(where: { specification.dependsOn.contains($0.quantity) }) else { continue }
                withhold(
                    specification.quantity,
                    SensorError(
                        cause.error.kind,
                        "it is compensated with the \(cause.quantity.rawValue), which is withheld: \(cause.error.detail)"))
                hasChanged = true
            }
        }
    }
}

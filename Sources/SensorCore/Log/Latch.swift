/// A state that is spoken of when it changes, and only then: what goes on failing is said once.
public struct Latch<Value: Equatable> {
    public private(set) var value: Value

    public init(_ value: Value) { self.value = value }

    /// Takes the present state; true when it is another than the last.
    public mutating func changed(to present: Value) -> Bool {
        guard present != value else { return false }
        value = present
        return true
    }
}

extension Latch: Sendable where Value: Sendable {}

public import SensorCore

/// A default that holds because the file does not say otherwise.
public struct AssumedValue: Hashable, Sendable {
    /// As in messages: "mqtt", "channel 'gate'"; nil for the file itself.
    public let place: Sentence?
    public let key: String
    /// As it would be written in the file: "60s".
    public let value: String
}

/// How a default is written in a file; nil for none.
func written(_ value: some Any) -> String? {
    switch value {
    case let value as any OptionalValue: value.wrappedValue.flatMap { written($0) }
    case let span as TimeSpan: MeasuredForm.time.text(span.nanoseconds)
    case let name as any RawRepresentable<String>: name.rawValue
    default: "\(value)"
    }
}

private protocol OptionalValue {
    var wrappedValue: Any? { get }
}

extension Optional: OptionalValue {
    fileprivate var wrappedValue: Any? { self.map { $0 as Any } }
}

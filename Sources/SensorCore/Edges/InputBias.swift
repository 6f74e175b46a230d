/// The resistor that holds an input while nothing drives it. The raw value is its name in configurations.
public enum InputBias: String, Hashable, Sendable, CaseIterable {
    case pullUp = "pull-up"
    case pullDown = "pull-down"
    /// Both resistors off.
    case none
    /// As the system left it.
    case asIs = "as-is"
}

import SensorCore

/// Which pins and buses a board has, from its file.
public struct BoardDescription: Hashable, Sendable {
    /// The file's base name: "raspberry-pi-4".
    public let name: String
    /// As people call it: "Raspberry Pi 4 Model B".
    public let model: String
    /// The label of the GPIO chip the pins are lines of: "pinctrl-bcm2711".
    public let chipLabel: String
    /// Pins that can be inputs, in the order of the file.
    public let pins: [Pin]
    /// Pins of the same header that can't, and what they are: "J8-1", "3.3 V supply".
    public let otherPins: [OtherPin]
    public let buses: [Bus]
    /// What a line is called besides its pin, in front of its number: "GPIO" for GPIO17. nil when it has no such name.
    package let linePrefix: String?

    public struct Pin: Hashable, Sendable {
        /// "J8-11".
        public let name: String
        /// The line's number within the chip.
        public let lineOffset: UInt32
    }

    public struct OtherPin: Hashable, Sendable {
        public let name: String
        public let use: String
    }

    public struct Bus: Hashable, Sendable {
        /// "i2c-1".
        public let name: String
        /// "/dev/i2c-1".
        public let device: String
        /// The pins it takes when it is used, by name.
        public let pins: [String]
    }

    /// The pin of that name, header (`J8-11`) or line (`GPIO17`).
    public func pin(named name: String) -> Pin? {
        pins.first { $0.name == name || lineName($0) == name }
    }

    public func bus(named name: String) -> Bus? { buses.first { $0.name == name } }

    func lineName(_ pin: Pin) -> String? { linePrefix.map { "\($0)\(pin.lineOffset)" } }

    /// "J8-11 (GPIO17)", or only its name where the line has none.
    func fullName(_ pin: Pin) -> String { lineName(pin).map { "\(pin.name) (\($0))" } ?? pin.name }

    /// Why there is no pin of that name, and which there are.
    func faultForPin(_ name: String) -> Sentence {
        let example = pins.last?.name ?? ""
        if let other = otherPins.first(where: { $0.name == name }) {
            return "\(name) of \(model) is \(other.use), not an input; write a GPIO pin, for example \(example)"
        }
        let all = pins.flatMap { [$0.name, lineName($0)].compactMap { $0 } }
        // Neighbouring pin numbers look alike and are all valid, so only another spelling of the same counts as near.
        if let meant = all.first(where: { spelling($0) == spelling(name) }) {
            return "\(model) has no pin \(quoted(name)); did you mean '\(meant)'?"
        }
        // The number alone may be either, and both may exist.
        let digits = name.drop { !$0.isNumber }
        if !digits.isEmpty, digits.allSatisfy(\.isNumber) {
            let byLine = pins.first { lineName($0) == "GPIO\(digits)" }
            let byPlace = pins.first { $0.name.hasSuffix("-\(digits)") }
            switch (byLine, byPlace) {
            case (let line?, let place?) where line.name != place.name:
                return "\(model) has no pin \(quoted(name)); did you mean \(fullName(line)) or \(fullName(place))?"
            case (let pin?, _), (nil, let pin?):
                return "\(model) has no pin \(quoted(name)); did you mean \(fullName(pin))?"
            default: break
            }
        }
        return "\(model) has no pin \(quoted(name)); its inputs are \(pins.map(fullName).joined(separator: ", "))"
    }

    private func spelling(_ name: String) -> String { name.lowercased().filter { $0.isLetter || $0.isNumber } }
}

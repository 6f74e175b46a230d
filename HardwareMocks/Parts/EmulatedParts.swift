public import SensorCore

/// One way an emulated part can be met.
public struct EmulatedVariant: Sendable {
    /// The part, as the configuration names it.
    public var part: String
    /// Empty for a part as it usually is, with its usual options.
    public var variant: String
    /// The sensor's options with which it gives all that the emulator tells.
    public var options: [String: PartOption.Value]
    public var device: any EmulatedI2CDevice

    public init(
        _ part: String, variant: String = "", options: [String: PartOption.Value] = [:], _ device: any EmulatedI2CDevice
    ) {
        self.part = part
        self.variant = variant
        self.options = options
        self.device = device
    }
}

/// The emulated parts. A new family is one folder and one line here.
public enum EmulatedParts {
    private static let families: [[EmulatedVariant]] = [
        EmulatedBME280.parts, EmulatedBME680.parts, EmulatedSHT3x.parts, EmulatedSHT4x.parts, EmulatedSCD4x.parts,
        EmulatedTMP117.parts, EmulatedTMP102.parts, EmulatedBH1750.parts, EmulatedSPS30.parts, EmulatedINA219.parts,
        EmulatedDS3231.parts, EmulatedTCA9548A.parts,
    ]

    /// All there are of a part, the usual one first; empty when there is no emulator of it.
    public static func variants(of part: String) -> [EmulatedVariant] {
        families.flatMap { $0 }.filter { $0.part == part }
    }

    /// A part as it comes from the factory; nil when there is no emulator of it.
    public static func part(named name: String) -> (any EmulatedI2CDevice)? { variants(of: name).first?.device }
}

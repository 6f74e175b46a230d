public import SensorCore

/// A part as the wire sees it: bytes and time in, bytes out. The physics are settable; the bytes follow the datasheet.
public protocol EmulatedI2CDevice: Sendable {
    /// The part gets power: everything volatile is as the datasheet says for power-on.
    mutating func powerUp(at now: MonotonicInstant)
    /// The bytes after the address, up to STOP or repeated START. False when the part does not acknowledge.
    mutating func write(_ bytes: [UInt8], at now: MonotonicInstant) -> Bool
    /// The bytes the part drives for a read of `count`; nil when it does not acknowledge its address. Fewer than
    /// `count` when it stops driving the line, which the controller then reads as 0xFF.
    mutating func read(_ count: Int, at now: MonotonicInstant) -> [UInt8]?

    /// What the part is exposed to from now on, in the quantity's unit; the next measurement converts it to what its
    /// converter would have delivered. What it does not measure leaves it as it is.
    mutating func feel(_ quantity: Quantity, _ value: Double)
    /// Its time for one measurement; nil is the datasheet's maximum.
    var conversionTime: TimeSpan? { get set }
}

/// The emulated parts by name: a new one is one file and one line here.
public enum EmulatedParts {
    /// A part as it comes from the factory; nil when there is no emulator of it.
    public static func part(named name: String) -> (any EmulatedI2CDevice)? {
        switch name {
        case "bme280": EmulatedBME280()
        case "bmp280": EmulatedBME280(chip: .bmp280)
        case "bme680": EmulatedBME680()
        case "sht30", "sht31", "sht35": EmulatedSHT3x()
        case "sht40", "sht41", "sht45": EmulatedSHT4x()
        case "scd40": EmulatedSCD4x(model: .scd40)
        case "scd41": EmulatedSCD4x(model: .scd41)
        case "tmp117": EmulatedTMP117()
        case "bh1750": EmulatedBH1750()
        case "sps30": EmulatedSPS30()
        case "ina219": EmulatedINA219()
        case "ds3231": EmulatedDS3231()
        case "tca9548a": EmulatedTCA9548A()
        default: nil
        }
    }
}

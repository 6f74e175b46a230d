import SensorCore

/// Rohm BH1750FVI: illuminance (technical note 11046EDT01, "Digital 16bit Serial Output Type Ambient Light Sensor IC").
///
/// It has no register that says who it is and sends no checksum. A dark night and a data line that reads 0x00 look the
/// same; a line that is really held low fails every transfer before that.
enum BH1750 {
    static let parts = [
        ClimatePart(
            description: PartDescription(
                name: "bh1750", addresses: addresses,
                specifications: [
                    QuantitySpecification(
                        .illuminance, in: 0...54_612, accuracy: "×0.96 to ×1.44 (typical ×1.2)",
                        source: "BH1750FVI technical note, \"Electrical characteristics\"")
                ]),
            printedName: "BH1750",
            makeDriver: { _ in BH1750Driver() },
            identify: { part throws(SensorError) in
                _ = try part.read(2)
                return PartIdentity(.possible, "somebody answers; the part has no id")
            })
    ]

    /// ADDR low, ADDR high ("Slave address").
    static let addresses = [0x23, 0x5C].compactMap { I2CAddress($0) }

    /// "Instruction set architecture".
    enum Command {
        static let powerOn: UInt8 = 0x01
        static let reset: UInt8 = 0x07
        /// 1 lx resolution, one time; powers down afterwards.
        static let measureHighResolution: UInt8 = 0x20
    }

    /// H-resolution mode, maximum ("Electrical characteristics").
    static let measurementTime = TimeSpan.milliseconds(180)
    /// A count of 0 is asked for again this often, this long apart, before it is darkness.
    static let polls = 2
    static let pollInterval = TimeSpan.milliseconds(30)
    /// The converter at its stop.
    static let saturated: UInt16 = .max
}

/// Counts are 1.2 per lx at the usual measuring time. Worked value ("Measurement sequence example"): 0x8390 is 28067 lx.
struct BH1750Conversion: Hashable, Sendable {
    /// lx.
    var illuminance: Double

    init(word: UInt16) { illuminance = Double(word) / 1.2 }
}

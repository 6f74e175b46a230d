import SensorCore

/// What Bosch's register parts have in common.
extension PartLink {
    /// Another chip id than the configured part has.
    func wrongPart(named name: String?, id: UInt8) -> SensorError {
        let found =
            if let name {
                "found a \(name) where \(self.name) is configured"
            } else if id == 0x00 || id == 0xFF {
                "nobody answers, the data line seems stuck: check the wiring"
            } else {
                "found an unknown part where \(self.name) is configured"
            }
        return error(.wrongPart, "\(found) (chip id 0x\(hexadecimal(id)))")
    }

    /// 0x00 and 0xFF all over are what a part without its coefficients, or a dead data line, reads as.
    func checkNotBlank(_ block: I2CFrame, at register: UInt8) throws(SensorError) {
        for value: UInt8 in [0x00, 0xFF] where block.isFilled(with: value) {
            throw error(
                .notReady, "its coefficients are blank: all bytes from 0x\(hexadecimal(register)) on read 0x\(hexadecimal(value))")
        }
    }
}

/// What makes a coefficient one that no sound part has. A block that was not copied, a dead data line or a worn memory reads as
/// zeros or ones; every formula gives a number of them all the same.
enum BoschCoefficient {
    /// 0 or −1: of those that are far from both in every part.
    static func isVoid(_ value: some FixedWidthInteger) -> Bool { value == 0 || ~value == 0 }

    /// Its upper byte is zeros or ones: of those that are more than 20 000 in every part.
    static func isSmall(_ value: UInt16) -> Bool { isVoid(UInt8(value >> 8)) }
}

/// Why a quantity cannot be had of a part with these coefficients.
struct CoefficientFault: Hashable, Sendable {
    var quantity: Quantity
    /// "T1 is 0"
    var detail: String
}

/// One of the Bosch converters' outputs.
enum BoschOutput {
    /// What the registers hold for a quantity that was not measured, BME280 §5.4.7 to §5.4.9. It would convert to a
    /// plausible value, so it has to be caught here.
    static let skipped20: UInt32 = 0x80000
    static let skipped16: UInt16 = 0x8000

    enum State {
        case sound
        case skipped
        /// The converter at its stop: its lowest or highest number. With 16 bits of resolution the lower four are 0.
        case stopped
    }

    /// Of temperature and pressure, 20 bits.
    static func state(_ value: UInt32) -> State {
        if value == skipped20 { return .skipped }
        return value <= 0xF || value >= 0xFFFF0 ? .stopped : .sound
    }

    /// Of humidity.
    static func state(_ value: UInt16) -> State {
        if value == skipped16 { return .skipped }
        return value == 0 || value == .max ? .stopped : .sound
    }
}

extension PartReading {
    /// Gives or withholds one quantity of a Bosch part: `coefficients` says what is wrong with those of the part, `output` what
    /// its converter delivered.
    mutating func take(
        _ measurement: Measurement, _ output: BoschOutput.State, _ coefficients: [CoefficientFault], _ part: PartLink
    ) {
        let quantity = measurement.quantity
        if let fault = coefficients.first(where: { $0.quantity == quantity }) {
            return withhold(quantity, part.error(.notReady, "its coefficients are impossible, read twice: \(fault.detail)"))
        }
        switch output {
        case .sound: give(measurement)
        case .skipped: withhold(quantity, part.error(.notReady, "did not measure the \(quantity.rawValue)"))
        case .stopped: withhold(quantity, part.error(.outOfRange, "the \(quantity.rawValue) converter is at its stop"))
        }
    }
}

public import SensorCore

/// A Texas Instruments TMP117 (SNOSD82D): one-shot and continuous conversions with averaging, data-ready flag, device id.
public struct EmulatedTMP117: EmulatedI2CDevice {
    static let parts = [
        EmulatedVariant("tmp117", EmulatedTMP117())
    ]

    /// °C, as far as ±256 can be sent.
    public var temperature = 20.0
    public var deviceID: UInt16 = 0x0117
    public var conversionTime: TimeSpan?

    private var registers = RegisterWords()
    private var configuration: UInt16 = 0x0220
    private var result: UInt16 = 0x8000
    private var conversion: (ready: MonotonicInstant, word: UInt16)?

    public init() {}

    public mutating func powerUp(at now: MonotonicInstant) {
        registers = RegisterWords()
        result = 0x8000
        configure(0x0220, at: now)
    }

    public mutating func feel(_ quantity: Quantity, _ value: Double) {
        if quantity == .temperature { temperature = value }
    }

    public func value(of quantity: Quantity) -> Double? {
        quantity == .temperature ? temperature : nil
    }

    public func span(of quantity: Quantity) -> EmulatedSpan? {
        quantity == .temperature ? EmulatedSpan(-255.9...255.9, step: 0.0078125) : nil
    }

    public var longestConversion: TimeSpan { .milliseconds(160) }

    public mutating func write(_ bytes: [UInt8], at now: MonotonicInstant) -> Bool {
        settle(at: now)
        guard let (register, word) = registers.take(bytes), register == 0x01 else { return true }
        if word & 0x02 != 0 {
            powerUp(at: now)
            registers.pointer = register
        } else {
            configure(word, at: now)
        }
        return true
    }

    public mutating func read(_ count: Int, at now: MonotonicInstant) -> [UInt8]? {
        settle(at: now)
        let word: UInt16
        switch registers.pointer {
        case 0x00:
            word = result
            configuration &= ~0x2000
        case 0x01:
            word = configuration
            configuration &= ~0x2000
        case 0x0F: word = deviceID
        default: word = 0
        }
        return RegisterWords.bytes(word, count: count)
    }

    private mutating func configure(_ word: UInt16, at now: MonotonicInstant) {
        configuration = word & 0x0FFC
        // Mode 01 is shut down.
        conversion = word >> 10 & 0b11 == 0b01 ? nil : (now + time, converted)
    }

    /// Conversions averaged: 1, 8, 32 or 64, 17.5 ms each at most.
    private var time: TimeSpan {
        conversionTime ?? .microseconds(17_500) * [1, 8, 32, 64][Int(configuration >> 5 & 0b11)]
    }

    private var converted: UInt16 {
        UInt16(bitPattern: Int16(max(-32_768, min(32_767, (temperature / 0.0078125).rounded()))))
    }

    private mutating func settle(at now: MonotonicInstant) {
        guard let finished = conversion, now >= finished.ready else { return }
        result = finished.word
        configuration |= 0x2000
        if configuration >> 10 & 0b11 == 0b11 {
            // A one-shot ends shut down.
            configuration = configuration & ~0x0C00 | 0x0400
            conversion = nil
        } else {
            conversion = (now + time, converted)
        }
    }
}

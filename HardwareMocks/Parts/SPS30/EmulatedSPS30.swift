public import SensorCore

/// A Sensirion SPS30 (datasheet version 1.0 D1): measuring mode with float values, status, fan cleaning.
///
/// Commands it does not know, and those of another mode, are not acknowledged; nor is a read without an answer.
public struct EmulatedSPS30: EmulatedI2CDevice {
    static let parts = [
        EmulatedVariant("sps30", EmulatedSPS30())
    ]

    /// ug/m3
    public var pm1 = 5.0
    public var pm2_5 = 8.0
    public var pm4 = 9.0
    public var pm10 = 10.0
    /// Of the product type; another one for a part that shares the address.
    public var productType = "00080000"
    public var isFanBlocked = false
    public var conversionTime: TimeSpan?
    public private(set) var cleanings = 0
    /// Seconds; kept without power.
    public private(set) var autoCleaningInterval: UInt32 = 604_800

    private var nextData: MonotonicInstant?
    private var hasData = false
    private var answer: (ready: MonotonicInstant, bytes: [UInt8])?
    private var awake = MonotonicInstant(nanoseconds: 0)

    public init() {}

    public mutating func powerUp(at now: MonotonicInstant) {
        nextData = nil
        hasData = false
        answer = nil
        awake = now + .milliseconds(100)
    }

    /// The larger sizes are raised to what is set, since they hold the smaller ones; what is no amount is sent as it is.
    public mutating func feel(_ quantity: Quantity, _ value: Double) {
        switch quantity {
        case .pm1: pm1 = value
        case .pm2_5: pm2_5 = value
        case .pm4: pm4 = value
        case .pm10: pm10 = value
        default: return
        }
        guard value.isFinite else { return }
        if quantity == .pm1 { pm2_5 = max(pm2_5, value) }
        if quantity == .pm1 || quantity == .pm2_5 { pm4 = max(pm4, value) }
        pm10 = max(pm10, value)
    }

    public func value(of quantity: Quantity) -> Double? {
        switch quantity {
        case .pm1: pm1
        case .pm2_5: pm2_5
        case .pm4: pm4
        case .pm10: pm10
        default: nil
        }
    }

    public func span(of quantity: Quantity) -> EmulatedSpan? {
        // A mass holds the smaller sizes too.
        switch quantity {
        case .pm1: EmulatedSpan(0...1000, step: 1e-4)
        case .pm2_5: EmulatedSpan(pm1...max(pm1, 1000), step: 1e-4)
        case .pm4: EmulatedSpan(pm2_5...max(pm2_5, 1000), step: 1e-4)
        case .pm10: EmulatedSpan(pm4...max(pm4, 1000), step: 1e-4)
        default: nil
        }
    }

    public var longestConversion: TimeSpan { .milliseconds(1_800) }

    public mutating func write(_ bytes: [UInt8], at now: MonotonicInstant) -> Bool {
        settle(at: now)
        guard now >= awake else { return false }
        if bytes.count == 1 { return true }
        let command = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
        // Acknowledged as it comes, judged afterwards.
        guard let words = SensirionBytes.words(bytes[2...]) else { return true }
        answer = nil
        func give(_ words: [UInt16]) { answer = (now + .milliseconds(20), SensirionBytes.frame(words)) }
        switch (command, words.count) {
        case (0xD304, 0): powerUp(at: now)
        case (0xD002, 0), (0xD033, 0):
            let text = Array(productType.utf8) + [UInt8](repeating: 0, count: max(0, 8 - productType.utf8.count))
            give(stride(from: 0, to: 8, by: 2).map { UInt16(text[$0]) << 8 | UInt16(text[$0 + 1]) })
        case (0xD100, 0): give([0x0203])
        case (0xD206, 0): give([0, isFanBlocked ? 1 << 4 : 0])
        case (0x8004, 0): give([UInt16(autoCleaningInterval >> 16), UInt16(truncatingIfNeeded: autoCleaningInterval)])
        case (0x8004, 2): autoCleaningInterval = UInt32(words[0]) << 16 | UInt32(words[1])
        case (0x0010, 1) where nextData == nil && words[0] == 0x0300: nextData = now + interval
        case (0x0104, 0):
            nextData = nil
            hasData = false
        case (0x5607, 0) where nextData != nil: cleanings += 1
        case (0x0202, 0) where nextData != nil: give([hasData ? 1 : 0])
        case (0x0300, 0) where nextData != nil:
            give(measured)
            hasData = false
        default: return false
        }
        return true
    }

    public mutating func read(_ count: Int, at now: MonotonicInstant) -> [UInt8]? {
        settle(at: now)
        guard let answer, now >= answer.ready else { return nil }
        self.answer = nil
        return Array(answer.bytes.prefix(count))
    }

    private var interval: TimeSpan { conversionTime ?? .seconds(1) }

    private mutating func settle(at now: MonotonicInstant) {
        guard let next = nextData, now >= next else { return }
        hasData = true
        nextData = next + interval * ((now - next).nanoseconds / interval.nanoseconds + 1)
    }

    /// Four masses, five numbers and the typical size; of the last two only whether there are any is true.
    private var measured: [UInt16] {
        let others = pm10 == 0 ? [0, 0, 0, 0, 0, 0] : [10, 11, 12, 13, 14, 0.5]
        return ([pm1, pm2_5, pm4, pm10] + others).flatMap { value -> [UInt16] in
            let bits = Float(value).bitPattern
            return [UInt16(bits >> 16), UInt16(truncatingIfNeeded: bits)]
        }
    }
}

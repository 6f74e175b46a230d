public import SensorCore

/// A Sensirion SCD40, SCD41 or SCD43 (datasheet "SCD4x", version 1.7): periodic modes, single shots (all but the SCD40), data-ready status,
/// settings.
///
/// While it measures, all commands but those the datasheet allows are not acknowledged; nor is a read without an answer,
/// a word with a wrong CRC, or the wake-up.
public struct EmulatedSCD4x: EmulatedI2CDevice {
    static let parts = [
        EmulatedVariant("scd40", EmulatedSCD4x(model: .scd40)), EmulatedVariant("scd41", EmulatedSCD4x(model: .scd41)),
        EmulatedVariant("scd43", EmulatedSCD4x(model: .scd43)),
    ]

    public enum Model: UInt16, Sendable {
        case scd40 = 0x0440
        case scd41 = 0x1440
        case scd43 = 0x5441
    }

    public let model: Model
    /// ppm at 101 300 Pa, as far as 0 to 65535 can be sent. The part is told the pressure, so what it says does not
    /// depend on it.
    public var co2 = 420.0
    /// °C, as far as −45 to 130 can be sent.
    public var temperature = 20.0
    /// %RH
    public var humidity = 50.0
    public var conversionTime: TimeSpan?
    /// What it was told last, in 100 Pa; nil since power-up.
    public private(set) var ambientPressure: UInt16?
    public private(set) var calibratesItself = true
    /// Measurements that were taken out.
    public private(set) var readings = 0

    private enum Activity {
        case idle
        case periodic(next: MonotonicInstant, interval: TimeSpan)
        case single(done: MonotonicInstant)
    }
    private var activity = Activity.idle
    private var hasData = false
    private var answer: (ready: MonotonicInstant, bytes: [UInt8])?
    private var busyUntil = MonotonicInstant(nanoseconds: 0)

    public init(model: Model) { self.model = model }

    public mutating func powerUp(at now: MonotonicInstant) {
        activity = .idle
        hasData = false
        answer = nil
        ambientPressure = nil
        calibratesItself = true
        busyUntil = now + .milliseconds(30)
    }

    public mutating func feel(_ quantity: Quantity, _ value: Double) {
        switch quantity {
        case .co2: co2 = value
        case .temperature: temperature = value
        case .humidity: humidity = value
        default: break
        }
    }

    public func value(of quantity: Quantity) -> Double? {
        switch quantity {
        case .co2: co2
        case .temperature: temperature
        case .humidity: humidity
        default: nil
        }
    }

    public func span(of quantity: Quantity) -> EmulatedSpan? {
        switch quantity {
        case .co2: EmulatedSpan(0...65_535, step: 1)
        case .temperature: EmulatedSpan(-45...130, step: 175.0 / 65_535)
        case .humidity: EmulatedSpan(0...100, step: 100.0 / 65_535)
        default: nil
        }
    }

    public var longestConversion: TimeSpan { model == .scd40 ? .seconds(33) : .milliseconds(5_300) }

    public mutating func write(_ bytes: [UInt8], at now: MonotonicInstant) -> Bool {
        settle(at: now)
        guard now >= busyUntil else { return false }
        // Half a command is forgotten with the STOP.
        if bytes.count == 1 { return true }
        let command = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
        guard let words = SensirionBytes.words(bytes[2...]) else {
            // The bytes are acknowledged as they come; the checksum is judged afterwards, and the setting not taken.
            return true
        }
        answer = nil
        switch (command, words.count) {
        case (0x3F86, 0):
            activity = .idle
            hasData = false
            busyUntil = now + .milliseconds(500)
        case (0xE4B8, 0): answer = (now + .milliseconds(1), SensirionBytes.frame([hasData ? 0x8006 : 0x8000]))
        case (0xEC05, 0):
            guard hasData else { break }
            answer = (now + .milliseconds(1), measured)
            hasData = false
            readings += 1
        case (0xE000, 1): ambientPressure = words[0]
        default: return isIdle && idle(command, words, at: now)
        }
        return true
    }

    public mutating func read(_ count: Int, at now: MonotonicInstant) -> [UInt8]? {
        settle(at: now)
        guard let answer, now >= answer.ready else { return nil }
        self.answer = nil
        return Array(answer.bytes.prefix(count))
    }

    private var isIdle: Bool {
        if case .idle = activity { return true }
        return false
    }

    private mutating func idle(_ command: UInt16, _ words: [UInt16], at now: MonotonicInstant) -> Bool {
        switch (command, words.count) {
        case (0x21B1, 0): start(every: .seconds(5), at: now)
        case (0x21AC, 0): start(every: .seconds(30), at: now)
        case (0x219D, 0) where model != .scd40:
            hasData = false
            activity = .single(done: now + (conversionTime ?? .seconds(5)))
        case (0x3646, 0): powerUp(at: now)
        case (0x202F, 0): answer = (now + .milliseconds(1), SensirionBytes.frame([model.rawValue]))
        case (0x3682, 0): answer = (now + .milliseconds(1), SensirionBytes.frame([0xF896, 0x9F07, 0x3BBE]))
        case (0x2313, 0): answer = (now + .milliseconds(1), SensirionBytes.frame([calibratesItself ? 1 : 0]))
        case (0x2416, 1): calibratesItself = words[0] == 1
        default: return false
        }
        return true
    }

    private mutating func start(every interval: TimeSpan, at now: MonotonicInstant) {
        let interval = conversionTime ?? interval
        activity = .periodic(next: now + interval, interval: interval)
        hasData = false
    }

    private mutating func settle(at now: MonotonicInstant) {
        switch activity {
        case .idle: break
        case .single(let done):
            guard now >= done else {
                busyUntil = done
                return
            }
            activity = .idle
            hasData = true
        case .periodic(let next, let interval):
            guard now >= next else { return }
            hasData = true
            activity = .periodic(next: next + interval * ((now - next).nanoseconds / interval.nanoseconds + 1), interval: interval)
        }
    }

    private var measured: [UInt8] {
        SensirionBytes.frame([
            UInt16(max(0, min(65_535, co2)).rounded()), SensirionBytes.word((temperature + 45) / 175),
            SensirionBytes.word(humidity / 100),
        ])
    }
}

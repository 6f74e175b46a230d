public import SensorCore

/// One calibration of one quantity of one sensor: what corrects it, by what reference, since when.
public struct CalibrationRecord: Hashable, Sendable {
    /// Travels with every corrected value: "box7-bme280-temperature-2026-05-01".
    public let id: String
    public let quantity: Quantity
    public let correction: Correction
    /// What it was compared with: "Testo 610, no. 12345".
    public let reference: String
    /// The day it was done: "2026-05-01".
    public let performedOn: String

    /// Refuses a record that must not be applied.
    public init(
        id: String, quantity: Quantity, correction: LinearCorrection, reference: String, performedOn: String
    ) throws(CalibrationRecordError) {
        if id.isEmpty { throw .noID }
        if reference.isEmpty { throw .noReference(id: id) }
        if !Self.isDate(performedOn) { throw .noDate(id: id, text: performedOn) }
        if !correction.offset.isFinite || !correction.gain.isFinite || correction.gain <= 0 {
            throw .noCorrection(id: id, correction)
        }
        self.id = id
        self.quantity = quantity
        self.correction = .linear(correction)
        self.reference = reference
        self.performedOn = performedOn
    }

    /// What a dated file says; its entry is checked already.
    init(_ entry: CalibrationEntry, _ correction: Correction) {
        id = entry.id
        quantity = entry.quantity
        self.correction = correction
        reference = entry.reference
        performedOn = String(entry.performedAt.rfc3339.prefix(10))
    }

    /// The measurement corrected; `raw` stays what the part's formula gave, and a humidity that the correction puts
    /// beyond 0 or 100 is clipped and flagged anew. A measurement of another quantity comes back as it is.
    ///
    /// The correction starts from `raw`, so that what was clipped before is not corrected from the bound, and
    /// applying twice is applying once.
    public func apply(to measurement: Measurement) -> Measurement {
        guard measurement.quantity == quantity else { return measurement }
        var corrected = Measurement(
            clipping: correction.corrected(measurement.raw), of: quantity, raw: measurement.raw)
        corrected.flags.formUnion(measurement.flags.subtracting(.clippedToRange))
        return corrected
    }

    /// A day of the Gregorian calendar, YYYY-MM-DD.
    private static func isDate(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.map(\.count) == [4, 2, 2] else { return false }
        var numbers: [Int] = []
        for part in parts {
            guard part.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return false }
            numbers.append(part.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) })
        }
        let (year, month, day) = (numbers[0], numbers[1], numbers[2])
        guard (1...12).contains(month) else { return false }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
        return (1...days).contains(day)
    }
}

/// What is wrong with a calibration record, by its id.
public enum CalibrationRecordError: Error, Hashable, Sendable, SentenceConvertible {
    case noID
    case noReference(id: String)
    case noDate(id: String, text: String)
    case noCorrection(id: String, LinearCorrection)

    public var sentence: Sentence {
        switch self {
        case .noID: "a calibration record needs an id: published values name it"
        case .noReference(let id): "calibration \(id): say what it was compared with in `reference`"
        case .noDate(let id, let text): "calibration \(id): \"\(text)\" is no date; write the day as YYYY-MM-DD"
        case .noCorrection(let id, let correction):
            """
            calibration \(id): gain \(correction.gain) and offset \(correction.offset) cannot be applied; both must be finite, and the \
            gain above 0
            """
        }
    }
}

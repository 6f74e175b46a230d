import SensorCore
import Testing

@testable import Calibration

@Suite struct CalibrationTests {
    /// Expected values by `numpy.polyfit(raw, reference, 1)`.
    @Test(
        "Fit agrees with NumPy",
        arguments: [
            ([(1, 6), (2, 5), (3, 7), (4, 10)], 1.4, 3.5),
            ([(0.4, 0), (50.9, 50)], 0.9900990099009901, -0.396039603960396),
            ([(10, 10), (20, 20), (30, 30)], 1, 0),
            ([(99_950, 100_000), (100_960, 101_000), (95_900, 96_000)], 0.9880026588450772, 1250.3102760642844),
            ([(19.8, 20), (20.1, 20), (19.9, 20.1), (30.2, 30)], 0.9701643489254111, 0.6963021491782491),
        ] as [([(Double, Double)], Double, Double)])
    func fitAgreesWithNumPy(_ points: [(Double, Double)], gain: Double, offset: Double) throws {
        let fit = try LinearCorrection(fitting: points.map { ReferencePair(raw: $0.0, reference: $0.1) })
        #expect(abs(fit.gain - gain) < 1e-9)
        #expect(abs(fit.offset - offset) < 1e-6)
    }

    @Test(
        "Refuses points without a line",
        arguments: [
            ([], .tooFewPoints(0)), ([(1, 1)], .tooFewPoints(1)), ([(1, 1), (1, 2), (1, 3)], .equalPoints(raw: 1)),
            ([(1, 1), (.nan, 2)], .notFinite(point: 2)), ([(1, .infinity), (2, 2)], .notFinite(point: 1)),
            ([(1, 2), (2, 1)], .fallingLine(gain: -1)), ([(1, 2), (2, 2)], .fallingLine(gain: 0)),
        ] as [([(Double, Double)], FitError)])
    func refusesPointsWithoutALine(_ points: [(Double, Double)], _ error: FitError) {
        #expect(throws: error) {
            try LinearCorrection(fitting: points.map { ReferencePair(raw: $0.0, reference: $0.1) })
        }
        #expect(!error.description.isEmpty)
    }

    static func record(
        _ quantity: Quantity, offset: Double, gain: Double = 1, id: String = "r", reference: String = "Testo 610",
        on day: String = "2026-05-01"
    ) throws(CalibrationRecordError) -> CalibrationRecord {
        try CalibrationRecord(
            id: id, quantity: quantity, correction: LinearCorrection(offset: offset, gain: gain), reference: reference,
            performedOn: day)
    }

    @Test("Corrects and keeps the raw value") func correctsAndKeepsTheRawValue() throws {
        let record = try Self.record(.temperature, offset: -1.5, gain: 1.02)
        let corrected = record.apply(to: Measurement(.temperature, 25))
        #expect(abs(corrected.value - 24) < 1e-12)
        #expect(corrected.raw == 25)
        #expect(corrected.flags == [])
        #expect(record.apply(to: corrected) == corrected)
    }

    @Test(
        "Humidity is clipped anew",
        arguments: [
            (99, 3, 100, true), (1, -3, 0, true), (103, -5, 98, false), (-2, 3, 1, false), (103, 1, 100, true),
            (50, 3, 53, false), (97, 3, 100, false),
        ] as [(Double, Double, Double, Bool)])
    func humidityIsClippedAnew(_ raw: Double, _ offset: Double, _ value: Double, _ clipped: Bool) throws {
        let corrected = try Self.record(.humidity, offset: offset)
            .apply(to: Measurement(clipping: raw, of: .humidity, raw: raw))
        #expect(corrected.value == value)
        #expect(corrected.raw == raw)
        #expect(corrected.flags == (clipped ? .clippedToRange : []))
    }

    @Test("Other quantities are left alone") func otherQuantitiesAreLeftAlone() throws {
        let measurement = Measurement(.pressure, 100_000)
        #expect(try Self.record(.temperature, offset: 1).apply(to: measurement) == measurement)
    }

    @Test("Takes a day", arguments: ["2026-05-01", "2024-02-29", "2000-02-29", "1999-12-31"]) func takesADay(_ day: String) throws {
        #expect(try Self.record(.temperature, offset: 0, on: day).performedOn == day)
    }

    @Test(
        "Refuses what is no day",
        arguments: [
            "", "2026-5-1", "2026-13-01", "2026-00-01", "2026-04-31", "2026-02-29", "1900-02-29", "2026-05-00",
            "01.05.2026",
            "2026-05-01 ", "2026-05-0x", "٢٠٢٦-05-01",
        ])
    func refusesWhatIsNoDay(_ day: String) {
        #expect(throws: CalibrationRecordError.noDate(id: "r", text: day)) {
            try Self.record(.temperature, offset: 0, on: day)
        }
    }

    @Test("Refuses a record that must not be applied") func refusesARecordThatMustNotBeApplied() {
        #expect(throws: CalibrationRecordError.noID) { try Self.record(.temperature, offset: 0, id: "") }
        #expect(throws: CalibrationRecordError.noReference(id: "r")) {
            try Self.record(.temperature, offset: 0, reference: "")
        }
        for (offset, gain) in [(0, 0), (0, -1), (.nan, 1), (0, .infinity)] as [(Double, Double)] {
            #expect(throws: CalibrationRecordError.self) { try Self.record(.temperature, offset: offset, gain: gain) }
        }
    }
}

import SensorCore
import Testing

@testable import Calibration

@Suite struct ClimateCalibrationTests {
    static let limits = CalibrationLimits(largestDifference: 10, leastDistance: 10)

    static func point(_ raw: Double, _ reference: Double, _ uncertainty: Double = 0.01) -> CalibrationPoint {
        CalibrationPoint(raw: raw, uncertainty: uncertainty, reference: reference)
    }

    @Test("One point is an offset") func onePointIsAnOffset() throws {
        let result = try ClimateCalibration([Self.point(21.9, 21.4, 0.02)], of: .temperature, limits: Self.limits)
        #expect(result.correction.gain == 1)
        #expect(abs(result.correction.offset + 0.5) < 1e-12)
        #expect(result.uncertainty == 0.02)
    }

    /// Ice and warm water: 0.4 reads as 0, 50.9 as 50; gain 50/50.5, offset −0.4 × gain.
    @Test("Two points are a line") func twoPointsAreALine() throws {
        let result = try ClimateCalibration(
            [Self.point(0.4, 0, 0.01), Self.point(50.9, 50, 0.03)], of: .temperature, limits: Self.limits)
        #expect(abs(result.correction.gain - 50 / 50.5) < 1e-12)
        #expect(abs(result.correction.offset + 0.4 * 50 / 50.5) < 1e-12)
        #expect(result.uncertainty == 0.03)
    }

    static let refused: [(points: [CalibrationPoint], words: String)] = [
        ([point(21, 31.5)], "point 1: reference and sensor are 10.5 Cel apart"),
        ([point(20, 20), point(40, 52)], "point 2: reference and sensor are 12.0 Cel apart"),
        ([point(20, 20), point(29, 29)], "the two points are 9.0 Cel apart; they must be at least 10.0 Cel"),
        ([point(20, 24), point(30, 23)], "must rise with its reference"),
        ([point(20, .nan)], "must be a number"),
    ]

    @Test("Refuses what would harm", arguments: refused)
    func refusesWhatWouldHarm(_ row: (points: [CalibrationPoint], words: String)) {
        do throws(CalibrationRefusal) {
            let result = try ClimateCalibration(row.points, of: .temperature, limits: Self.limits)
            Issue.record("gave \(result.correction)")
        } catch {
            #expect("\(error)".contains(row.words), "\(error)")
        }
    }

    /// At the very bounds it is taken.
    @Test("Bounds are included") func boundsAreIncluded() throws {
        _ = try ClimateCalibration([Self.point(20, 30)], of: .temperature, limits: Self.limits)
        _ = try ClimateCalibration([Self.point(20, 20), Self.point(30, 30)], of: .temperature, limits: Self.limits)
    }

    @Test("Every calibrated quantity has all limits") func everyCalibratedQuantityHasAllLimits() {
        for quantity in Quantity.allCases {
            #expect((CalibrationLimits.usual(for: quantity) == nil) == (StabilityLimits.usual(for: quantity) == nil))
        }
    }
}

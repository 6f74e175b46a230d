import SensorCore
import Testing

@Suite struct ClimateSumTests {
    static func span(_ minute: Int64, length: Int64 = 1) -> IntervalSpan {
        let start = MonotonicInstant(nanoseconds: minute * 60_000_000_000)
        let utc = WallClockTime(secondsSince1970: 1_780_000_020 + minute * 60)
        return IntervalSpan(
            start: start, end: start + .seconds(60 * length), utc: .init(start: utc, end: utc + .seconds(60 * length)),
            isPartial: false)
    }

    static func statistics(_ values: [Double]) -> SampleStatistics {
        let mean = values.reduce(0, +) / Double(values.count)
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return SampleStatistics(
            count: UInt32(values.count), mean: mean, minimum: values.min()!, maximum: values.max()!, last: values.last!,
            standardDeviation: values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : nil)
    }

    static func interval(
        _ minute: Int64, _ values: [Double], calibration: String? = nil, errors: UInt32 = 0
    ) -> ClimateInterval {
        ClimateInterval(
            span: span(minute), sensor: "mast", part: "sht4x",
            quantities: [
                QuantityInterval(
                    quantity: .temperature, statistics: values.isEmpty ? nil : statistics(values),
                    rawMean: values.isEmpty ? nil : values.reduce(0, +) / Double(values.count) + 0.5, calibration: calibration)
            ],
            errors: errors > 0 ? [.init(kind: .crc, count: errors)] : [])
    }

    /// Also of a quantity that one of the two intervals never gave.
    @Test("What was withheld adds up by kind") func whatWasWithheldAddsUpByKind() throws {
        var (first, second) = (Self.interval(0, []), Self.interval(1, [4]))
        first.quantities[0].withheld = [.init(kind: .notReady, count: 2), .init(kind: .outOfRange, count: 1)]
        second.quantities[0].withheld = [.init(kind: .crc, count: 3), .init(kind: .outOfRange, count: 4)]
        let sum = try #require(first.joined(with: second).quantities.first)
        #expect(sum.withheld == [.init(kind: .crc, count: 3), .init(kind: .notReady, count: 2), .init(kind: .outOfRange, count: 5)])
        #expect(sum.statistics?.count == 1)
    }

    /// The docstring's value by hand.
    @Test("Deviations of unequal parts") func deviationsOfUnequalParts() {
        let sum = Self.statistics([1, 2, 3]).joined(with: Self.statistics([6]))
        #expect(sum.count == 4 && sum.mean == 3 && sum.minimum == 1 && sum.maximum == 6 && sum.last == 6)
        #expect(abs(sum.standardDeviation! - (14.0 / 3).squareRoot()) < 1e-12)
        #expect(Self.statistics([4]).joined(with: Self.statistics([6])).standardDeviation == 2.0.squareRoot())
    }

    /// A day joined minute by minute is the day taken at once, also far from zero, where sums of squares cancel.
    @Test("A day is the sum of its minutes", arguments: [0.0, 101_325.0]) func aDayIsTheSumOfItsMinutes(offset: Double) {
        var state: UInt64 = 9
        var all: [Double] = []
        var sum: SampleStatistics?
        for _ in 0..<1440 {
            let values = (0..<6).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return offset + Double(state >> 40) / Double(1 << 22)
            }
            all += values
            sum = sum.map { $0.joined(with: Self.statistics(values)) } ?? Self.statistics(values)
        }
        let whole = Self.statistics(all)
        #expect(sum?.count == whole.count && sum?.minimum == whole.minimum && sum?.maximum == whole.maximum)
        #expect(abs(sum!.mean - whole.mean) <= 1e-12 * max(1, offset))
        #expect(abs(sum!.standardDeviation! / whole.standardDeviation! - 1) < 1e-9)
    }

    @Test("Minutes without readings add nothing") func minutesWithoutReadingsAddNothing() {
        let sum = Self.interval(0, []).joined(with: Self.interval(1, [20, 22], errors: 2)).joined(with: Self.interval(2, [], errors: 1))
        #expect(
            sum.span
                == IntervalSpan(
                    start: Self.span(0).start, end: Self.span(2).end,
                    utc: .init(start: Self.span(0).utc!.start, end: Self.span(2).utc!.end), isPartial: true))
        #expect(sum.quantities[0].statistics == Self.statistics([20, 22]))
        #expect(sum.quantities[0].rawMean == 21.5)
        #expect(sum.errors == [.init(kind: .crc, count: 3)])
        #expect(Self.interval(0, []).joined(with: Self.interval(1, [])).quantities[0].statistics == nil)
    }

    @Test("Raw means are weighted") func rawMeansAreWeighted() {
        let sum = Self.interval(0, [10, 10, 10]).joined(with: Self.interval(1, [20]))
        #expect(sum.quantities[0].rawMean == 13)
        #expect(sum.quantities[0].statistics?.mean == 12.5)
    }

    @Test("Different calibrations are not joined") func differentCalibrationsAreNotJoined() {
        let one = Self.interval(0, [20], calibration: "spring")
        #expect(one.isJoinable(with: Self.interval(1, [20], calibration: "spring")))
        #expect(!one.isJoinable(with: Self.interval(1, [20], calibration: "summer")))
        #expect(!one.isJoinable(with: Self.interval(1, [20])))
        #expect(one.isJoinable(with: Self.interval(1, [])), "nothing measured, nothing corrected")
        #expect(!one.isJoinable(with: Self.interval(2, [20], calibration: "spring")), "a minute lies between")
    }

    @Test("Directions are not joined") func directionsAreNotJoined() {
        var (one, next) = (Self.interval(0, [350]), Self.interval(1, [10]))
        one.quantities[0].quantity = .windDirection
        next.quantities[0].quantity = .windDirection
        #expect(!one.isJoinable(with: next))
        next.quantities[0].statistics = nil
        #expect(one.isJoinable(with: next))
    }

    @Test("Places are whole multiples") func placesAreWholeMultiples() {
        let quarter = TimeSpan.seconds(900)
        // 1,780,000,020 s is 12 minutes past a multiple of 15.
        #expect(Self.span(2).place(among: quarter) != Self.span(3).place(among: quarter))
        #expect(Self.span(3).place(among: quarter) == Self.span(17).place(among: quarter))
        #expect(Self.span(2, length: 2).place(among: quarter) == nil, "in two of them")
        var unsynchronised = Self.span(3)
        unsynchronised.utc = nil
        #expect(unsynchronised.place(among: quarter).map { $0.isUTC == false && $0.index == 0 } == true)
    }
}

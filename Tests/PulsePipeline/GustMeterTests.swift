import SensorCore
import Testing

@testable import PulsePipeline

@Suite struct GustMeterTests {
    private static func at(_ milliseconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: milliseconds * 1_000_000) }

    /// Counts every `step` ms from `begin` until `end`.
    private static func turn(_ meter: GustMeter, every step: Int64, from begin: Int64, until end: Int64, boundary: Int64 = .max) {
        for time in stride(from: begin, to: end, by: Int64.Stride(step)) { meter.take(at(time), isNext: time >= boundary) }
    }

    private static func isNear(_ value: Double?, _ expected: Double) -> Bool {
        guard let value else { return false }
        return (value - expected).magnitude < 1e-9
    }

    /// 2 per second, and for 3 s 20 per second: the gust is those 3 s, wherever a clock's seconds fall.
    @Test("The fastest three seconds") func theFastestThreeSeconds() {
        let meter = GustMeter(from: Self.at(0))
        Self.turn(meter, every: 500, from: 250, until: 20_250)
        Self.turn(meter, every: 50, from: 20_250, until: 23_250)
        Self.turn(meter, every: 500, from: 23_250, until: 60_000)
        let gust = meter.close(at: Self.at(60_000), wasObserved: true)
        #expect(Self.isNear(gust, 20))
    }

    /// A gust of 1 s counts with the 2 s of calm around it.
    @Test("A shorter gust is spread") func aShorterGustIsSpread() {
        let meter = GustMeter(from: Self.at(0))
        Self.turn(meter, every: 1000, from: 0, until: 10_000)
        Self.turn(meter, every: 100, from: 10_000, until: 11_001)
        let gust = meter.close(at: Self.at(11_500), wasObserved: true)
        #expect(Self.isNear(gust, 12.0 / 3))
    }

    /// One turn in 4 s is a quarter per second, not a third or nothing.
    @Test("Slow turns are not rounded") func slowTurnsAreNotRounded() {
        let meter = GustMeter(from: Self.at(0))
        Self.turn(meter, every: 4000, from: 1000, until: 60_000)
        let gust = meter.close(at: Self.at(60_000), wasObserved: true)
        #expect(Self.isNear(gust, 0.25))
    }

    /// The window that ends after the boundary belongs to the next interval, though it began before.
    @Test("A gust belongs where its window ends") func aGustBelongsWhereItsWindowEnds() {
        let meter = GustMeter(from: Self.at(0))
        Self.turn(meter, every: 500, from: 0, until: 58_000)
        Self.turn(meter, every: 100, from: 58_000, until: 61_001, boundary: 60_000)
        let first = meter.close(at: Self.at(60_000), wasObserved: true)
        Self.turn(meter, every: 500, from: 61_500, until: 120_000)
        let second = meter.close(at: Self.at(120_000), wasObserved: true)
        // 59.9 s: 19 fast turns and the 2.2 slow ones before.
        #expect(Self.isNear(first, (19 + 2.2) / 3))
        #expect(Self.isNear(second, 10))
    }

    @Test("Nothing counted is calm") func nothingCountedIsCalm() {
        let meter = GustMeter(from: Self.at(0))
        #expect(meter.close(at: Self.at(60_000), wasObserved: true) == 0)
        #expect(meter.close(at: Self.at(120_000), wasObserved: true) == 0)
    }

    @Test("Counts of the first seconds are no calm") func countsOfTheFirstSecondsAreNoCalm() {
        let meter = GustMeter(from: Self.at(0))
        Self.turn(meter, every: 250, from: 0, until: 1500)
        let first = meter.close(at: Self.at(60_000), wasObserved: true)
        #expect(Self.isNear(first, 2))
        #expect(meter.close(at: Self.at(120_000), wasObserved: true) == 0)
    }

    @Test("Less than a window says nothing") func lessThanAWindowSaysNothing() {
        let meter = GustMeter(from: Self.at(0))
        Self.turn(meter, every: 100, from: 0, until: 2900)
        #expect(meter.close(at: Self.at(2900), wasObserved: true) == nil)
    }

    /// Where something was not observed nothing is said, and the next interval's windows do not reach back.
    @Test("Unobserved time is no calm and no gust") func unobservedTimeIsNoCalmAndNoGust() {
        let meter = GustMeter(from: Self.at(0))
        Self.turn(meter, every: 100, from: 0, until: 60_000)
        #expect(meter.close(at: Self.at(60_000), wasObserved: false) == nil)
        Self.turn(meter, every: 1000, from: 60_500, until: 120_000)
        let next = meter.close(at: Self.at(120_000), wasObserved: true)
        #expect(Self.isNear(next, 1))
    }

    /// A switch that rattles a thousand times a second is no anemometer.
    @Test("More than can be held is unknown") func moreThanCanBeHeldIsUnknown() {
        let meter = GustMeter(from: Self.at(0))
        Self.turn(meter, every: 1, from: 0, until: 10_000)
        #expect(meter.close(at: Self.at(10_000), wasObserved: true) == nil)
        Self.turn(meter, every: 500, from: 10_000, until: 60_000)
        let next = meter.close(at: Self.at(60_000), wasObserved: true)
        #expect(Self.isNear(next, 2))
    }

    /// Argent: 2.4 km/h per turn and second; 180 km/h is 75 turns a second.
    @Test("What counts mean") func whatCountsMean() {
        let wind = CountMeaning.wind(perCount: 2.4 / 3.6)
        #expect(wind.amount(of: 4500, gust: 75) == .wind(run: 4500 * (2.4 / 3.6), gust: 75 * (2.4 / 3.6)))
        #expect(wind.amount(of: 0, gust: nil) == .wind(run: 0, gust: nil))
        #expect(CountMeaning.rain(perCount: 0.2794).amount(of: 5, gust: nil) == .rain(millimetres: 5 * 0.2794))
    }
}

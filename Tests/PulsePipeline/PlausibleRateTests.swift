import SensorCore
import Testing

@testable import PulsePipeline

@Suite struct PlausibleRateTests {
    /// What a channel made of closures at these ms, each held for 20 ms, in intervals of 60 s.
    private static func run(
        _ detector: ChannelSettings.Detector = .contact, glitch: TimeSpan = .zero, most: Double?, _ times: [Double], seconds: Double = 120
    ) -> [ChannelTally] {
        let filter = PulseFilter(.stable(rise: .milliseconds(5), fall: .milliseconds(5)), glitchTime: glitch)
        let channel = ChannelSettings(detector: detector, filter: filter, mostPerSecond: most).makeChannel(levels: 0, at: at(0))
        var passages = PassageBuffer(capacity: 4096)
        var tallies: [ChannelTally] = []
        var boundary = at(60_000)
        for edge in closures(times.map { ($0, $0 + 20) }) {
            while withUnsafePointer(
                to: edge, { channel.ingest(UnsafeBufferPointer(start: $0, count: 1), boundary: boundary, passages: &passages) }) == 0
            {
                tallies.append(channel.closeInterval(at: boundary))
                boundary = boundary + .seconds(60)
            }
        }
        while boundary <= at(seconds * 1000) {
            channel.advance(to: boundary + .seconds(1), boundary: boundary, passages: &passages)
            tallies.append(channel.closeInterval(at: boundary))
            boundary = boundary + .seconds(60)
        }
        #expect(passages.count == tallies.reduce(0) { $0 + Int($1.passages) })
        return tallies
    }

    /// 20 per second for 30 s where 5 are plausible: 50 are counted before it shows, then nothing until a window of 10 s has no more
    /// than 50, and those windows are not observed.
    private static let hum = (0..<600).map { 1000 + 50 * Double($0) }

    @Test(
        "A humming relay is not counted",
        arguments: [ChannelSettings.Detector.contact, .presence(hold: .milliseconds(1), stallLimit: .seconds(600))], [0, 100])
    func aHummingRelayIsNotCounted(_ detector: ChannelSettings.Detector, glitchMicroseconds: Int64) {
        let tallies = Self.run(detector, glitch: .microseconds(glitchMicroseconds), most: 5, Self.hum)
        #expect(tallies.map(\.passages) == [50, 0])
        #expect(tallies.map(\.rejectedPassages) == [550, 0])
        // From the 51st on, at 3.5 s, to the end of the third window, at 31 s.
        #expect(tallies.map { $0.unobserved.seconds } == [27.5, 0])
    }

    @Test("Without a limit everything is believed") func withoutALimitEverythingIsBelieved() {
        #expect(Self.run(most: nil, Self.hum).map(\.passages) == [600, 0])
    }

    /// The rain goes on: after a window that is plausible again it counts.
    @Test("It comes back by itself") func itComesBackByItself() {
        let rain = stride(from: 40_000.0, to: 110_000, by: 2000)
        let tallies = Self.run(most: 5, Self.hum + rain)
        // Of the first window after the hum nobody knows: it shows only at its end that it was plausible.
        #expect(tallies.map(\.passages) == [55, 25])
        #expect(tallies.map(\.rejectedPassages) == [555, 0])
    }

    @Test("After rest it is believed at once") func afterRestItIsBelievedAtOnce() {
        let tallies = Self.run(most: 5, Self.hum + [42_000, 45_000])
        #expect(tallies.map(\.passages) == [52, 0])
    }

    @Test("Exactly the limit is plausible") func exactlyTheLimitIsPlausible() {
        let steady = (0..<250).map { 1000 + 200 * Double($0) }
        #expect(Self.run(most: 5, steady).map(\.passages) == [250, 0])
        let bit = (0..<260).map { 1000 + 190 * Double($0) }
        #expect(Self.run(most: 5, bit)[0].rejectedPassages > 0)
    }

    /// What is not observed of the next interval is said there.
    @Test("The unobserved window reaches into the next interval") func theUnobservedWindowReachesIntoTheNextInterval() {
        let late = (0..<100).map { 55_000 + 45 * Double($0) }
        let tallies = Self.run(most: 5, late)
        #expect(tallies.map(\.passages) == [50, 0])
        // The 51st at 57.25 s, the window's end at 65 s.
        #expect(tallies.map { $0.unobserved.seconds } == [2.75, 5])
    }
}

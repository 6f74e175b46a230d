import SensorCore
import Testing

@testable import PulsePipeline

/// What no rain, no wind and no calm can have made is never taken for one.
@Suite struct PlausibleCountTests {
    private static func channel(_ meaning: CountMeaning?, _ filter: PulseFilter, both: Bool = false) -> RecordedChannel {
        RecordedChannel(
            name: "n",
            settings: ChannelSettings(
                detector: .contact, filter: filter, meaning: meaning, mostPerSecond: meaning?.mostPerSecond, countsBothEdges: both))
    }

    /// A minute of closures, as its record.
    private static func minute(_ recorded: RecordedChannel, _ edges: [EdgeEvent]) -> TrafficInterval {
        let channel = recorded.settings.makeChannel(levels: 0, at: at(0))
        var passages = PassageBuffer(capacity: 8192)
        var taken = 0
        while taken < edges.count {
            let batch = edges[taken..<min(edges.count, taken + 16)]
            let count = batch.withUnsafeBufferPointer { channel.ingest($0, boundary: at(60_000), passages: &passages) }
            taken += count
            if count < batch.count { break }
        }
        channel.advance(to: at(62_000), boundary: at(60_000), passages: &passages)
        var records = CountRecords([recorded], totals: [:])
        return records.interval(
            ClosedCount(
                channel: 0, start: at(0), end: at(60_000), startUTC: nil, endUTC: nil, isPartial: false,
                tally: channel.closeInterval(at: at(60_000)), faultCode: 0))
    }

    /// Every so many ms a closure of so many.
    private static func closures(every period: Double, for length: Double) -> [EdgeEvent] {
        PulsePipelineTests.closures(stride(from: 5, to: 59_900, by: period).map { ($0, $0 + length) })
    }

    /// The heaviest minute on record is rain, whatever a tip is worth; 80 mm a minute are a loose wire.
    @Test("Rain has a limit in mm", arguments: [0.1, 0.2, 0.2794, 0.5, 1, 2] as [Double])
    func rainHasALimitInMillimetres(_ tip: Double) {
        let recorded = Self.channel(.rain(perCount: tip), .stable(rise: .milliseconds(8), fall: .milliseconds(8)))
        let heavy = Self.minute(recorded, Self.closures(every: 60_000 * tip / 31.2, for: 50))
        #expect(heavy.observed == .seconds(60) && heavy.fault == nil)
        guard case .rain(let millimetres) = heavy.measured else {
            Issue.record("no rain: \(String(describing: heavy.measured))")
            return
        }
        #expect(abs(millimetres - 31.2) <= tip)
        let loose = Self.minute(recorded, Self.closures(every: 60_000 * tip / 80, for: 50))
        #expect(loose.observed < .seconds(45))
        #expect(loose.quality.rejectedPassages > 0)
        #expect(loose.faultMessage?.code == "rate_implausible")
    }

    @Test("Wind has a limit in m/s", arguments: [0.05, 0.667, 1] as [Double]) func windHasALimitInMetresPerSecond(_ perCount: Double) {
        let recorded = Self.channel(.wind(perCount: perCount), .none)
        let storm = Self.minute(recorded, Self.closures(every: 1000 * perCount / 110, for: 0.1))
        #expect(storm.observed == .seconds(60) && storm.fault == nil)
        let hum = Self.minute(recorded, Self.closures(every: 1000 * perCount / 130, for: 0.1))
        #expect(hum.observed < .seconds(60))
        #expect(hum.faultMessage?.code == "rate_implausible")
    }

    /// 60 turns a second, closed for a quarter of each: 40 m/s. A filter of 8 ms takes none of them for one.
    @Test(
        "A storm behind a slow filter is no calm",
        arguments: [
            PulseFilter.stable(rise: .milliseconds(8), fall: .milliseconds(8)),
            PulseFilter(.stable(rise: .milliseconds(8), fall: .milliseconds(8)), glitchTime: .microseconds(100)),
        ])
    func aStormBehindASlowFilterIsNoCalm(_ filter: PulseFilter) {
        let storm = Self.minute(Self.channel(.wind(perCount: 0.667), filter), Self.closures(every: 1000.0 / 60, for: 1000.0 / 240))
        #expect(storm.quality.confidence == 0)
        #expect(storm.quality.uncertain > 3_000)
        #expect(storm.faultMessage?.code == "pulses_too_short")
        #expect(storm.fault?.contains("shorten 'debounce'") == true)
    }

    /// Whoever sees nothing but spikes does not know that nobody came.
    @Test("Glitches alone are no certain zero", arguments: [1, 2, 40]) func glitchesAloneAreNoCertainZero(_ count: Int) {
        let recorded = Self.channel(nil, .stable(rise: .milliseconds(8), fall: .milliseconds(8)))
        var spikes: [EdgeEvent] = []
        for number in 1...count {
            let moment = 1000 * Double(number)
            spikes += [edge(moment, true), edge(moment + 0.05, false)]
        }
        let interval = Self.minute(recorded, spikes)
        #expect(interval.flows == [TrafficFlow(count: 0)])
        #expect(interval.quality.confidence == 1 / Double(count + 1))
        #expect(interval.quality.uncertain == 0 && interval.fault == nil)
        let beside = Self.minute(recorded, spikes + [edge(50_000, true), edge(50_100, false)])
        #expect(beside.flows == [TrafficFlow(count: 1)])
        #expect(beside.quality.confidence == 1)
    }

    /// A gauge that opens or closes its contact at each tip, bouncing for 2 ms.
    @Test(
        "Both edges count through every filter",
        arguments: [
            PulseFilter.stable(rise: .milliseconds(8), fall: .milliseconds(8)), .lockout(.milliseconds(20)),
            PulseFilter(.stable(rise: .milliseconds(8), fall: .milliseconds(8)), glitchTime: .microseconds(50)),
            PulseFilter(.lockout(.milliseconds(20)), glitchTime: .microseconds(50)),
        ])
    func bothEdgesCountThroughEveryFilter(_ filter: PulseFilter) {
        var edges: [EdgeEvent] = []
        for tip in 0..<21 {
            let level = tip % 2 == 0
            for (place, moment) in [0, 0.7, 2].enumerated() {
                let instant = 100 + 2_500 * Double(tip) + moment
                edges.append(edge(instant, level == (place % 2 == 0), UInt32(edges.count + 1)))
            }
        }
        let both = Self.minute(Self.channel(.rain(perCount: 0.5), filter, both: true), edges)
        #expect(both.flows == [TrafficFlow(count: 21)])
        #expect(both.measured == .rain(millimetres: 10.5))
        #expect(both.quality.confidence == 1)
        #expect(Self.minute(Self.channel(.rain(perCount: 0.5), filter), edges).flows == [TrafficFlow(count: 11)])
    }

    @Test("Both edges count without a filter", arguments: [PulseFilter.none, .kernel(period: .milliseconds(5))])
    func bothEdgesCountWithoutAFilter(_ filter: PulseFilter) {
        var edges: [EdgeEvent] = []
        for tip in 0..<21 {
            let moment = 100 + 2_500 * Double(tip)
            edges.append(edge(moment, tip % 2 == 0, UInt32(tip + 1)))
        }
        #expect(Self.minute(Self.channel(nil, filter, both: true), edges).flows == [TrafficFlow(count: 21)])
    }
}

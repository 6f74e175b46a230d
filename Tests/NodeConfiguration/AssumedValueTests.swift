import NodeConfiguration
import SensorCore
import Testing

@Suite struct AssumedValueTests {
    private static func assumed(_ text: String) throws -> [String] {
        try parse(text).assumed.map { "\($0.place.map { "\($0.description): " } ?? "")\($0.key) \($0.value)" }
    }

    @Test("Each default that the file leaves to the program is told, as it would be written") func defaults() throws {
        let told = try Self.assumed(
            """
            node: n
            board: raspberry-pi-4
            channels:
              - {name: gate, detector: contact, input: J8-11, debounce: {kind: stable, time: 8ms}}
              - {name: tubes, detector: axle_pair, first: J8-13, second: J8-15, spacing: 1m, debounce: {kind: stable, time: 1ms}}
            journal: {path: j.sqlite}
            mqtt: {host: broker.example.org}

            """)
        #expect(
            told == [
                "interval 1min", "channel 'tubes': directions {forward: forward, backward: backward}",
                "channel 'tubes': limits {bike: 1.83m, car: 3.08m, van: 3.96m}",
                "journal: budget 512MB", "journal: commit-interval 700ms", "mqtt: port 1883", "mqtt: protocol 5",
                "mqtt: client-id reallabor-n", "mqtt: topic reallabor/n", "mqtt: keepalive 30s", "mqtt: window 20",
                "mqtt: backfill-rate 500", "mqtt: confirm broker",
            ], "\(told)")
    }

    @Test("What the file says is not told") func written() throws {
        let told = try Self.assumed(
            """
            node: n
            board: raspberry-pi-4
            interval: 30s
            channels:
              - {name: gate, detector: contact, input: J8-11, debounce: {kind: stable, time: 8ms}}
            journal: {path: j.sqlite, budget: 64MB, commit-interval: 1s}
            destinations: []

            """)
        #expect(told == [], "\(told)")
    }

    /// A default that is written out is the same configuration.
    @Test("Written out, the defaults change nothing") func sameWhenWritten() throws {
        let short = """
            node: n
            board: raspberry-pi-4
            channels:
              - {name: gate, detector: contact, input: J8-11, debounce: {kind: stable, time: 8ms}}
            journal: {path: j.sqlite
            """
        let brief = try parse("\(short)}\ndestinations: []\n")
        var long = short
        for value in brief.assumed where value.place != nil { long += ", \(value.key): \(value.value)" }
        long += "}\ndestinations: []\n"
        for value in brief.assumed where value.place == nil { long += "\(value.key): \(value.value)\n" }
        let full = try parse(long)
        #expect(full.assumed == [])
        #expect(full.journal == brief.journal && full.interval == brief.interval)
    }
}

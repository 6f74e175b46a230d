import NodeConfiguration
import SensorCore
import Testing

private let north = "{name: north, detector: contact, input: J8-11, debounce: "

private func counts(_ settings: String) -> String {
    "{name: n, detector: contact, input: J8-11, \(settings), debounce: {kind: none}}"
}

private func beams(_ settings: String) -> String {
    "{name: n, detector: beam_pair, first: J8-11, second: J8-13, \(settings), debounce: {kind: none}}"
}
private func tubes(_ settings: String) -> String {
    "{name: n, detector: axle_pair, first: J8-11, second: J8-13, \(settings), debounce: {kind: none}}"
}

private func radar(_ settings: String) -> String {
    "{name: n, detector: doppler, input: J8-11, \(settings)}"
}

@Suite struct ValueFaults {
    static let cases: [FaultCase] = [
        // Times.
        FaultCase("no unit", smallest + "interval: ▶60\n", "interval", "'60' has no unit", "for example 8ms or 60s"),
        FaultCase("wrong unit", channel(north + "{kind: stable, time: ▶8 mm}}"), "'mm'", "us, ms, s, min, h", "8ms"),
        FaultCase("two spaces", channel(north + "{kind: stable, time: ▶8  ms}}"), "' ms'", "unit of time"),
        FaultCase("comma", smallest + "interval: ▶1,5s\n", "comma", "point"),
        FaultCase("negative", smallest + "interval: ▶-60s\n", "'-60s' is negative"),
        FaultCase("not a number", smallest + "interval: ▶.nan\n", "not a time"),
        FaultCase("infinite", smallest + "interval: ▶inf\n", "not a time"),
        FaultCase("no digits behind the point", smallest + "interval: ▶1.s\n", "not a time"),
        FaultCase("exponent", smallest + "interval: ▶1e3s\n", "'e3s'"),
        FaultCase("overflow", smallest + "interval: ▶99999999999h\n", "too large"),
        FaultCase("overflow before the unit", smallest + "interval: ▶99999999999999999999s\n", "too large"),
        FaultCase("finer than 1 ns", channel(north + "{kind: stable, time: ▶1.00000001ms}}"), "finer"),
        FaultCase("finer than 64 bits", smallest + "interval: ▶1.0000000000000000001s\n", "finer"),
        FaultCase("part of a byte", replacing("journal", by: "journal: {path: j, budget: ▶1500.0001kB}"), "finer"),
        FaultCase("overflow by the decimals", smallest + "interval: ▶9223372036.9s\n", "too large"),
        FaultCase("other digits", smallest + "interval: ▶6٠s\n", "'٠s'"),
        FaultCase("interval too short", smallest + "interval: ▶500ms\n", "out of range", "1s to 1h"),
        FaultCase("interval too long", smallest + "interval: ▶2h\n", "out of range", "1s to 1h"),
        FaultCase("interval divides no hour", smallest + "interval: ▶7min\n", "does not divide one hour", "6min"),
        FaultCase("zero debounce", channel(north + "{kind: stable, time: ▶0ms}}"), "out of range", "1us to 10s"),
        FaultCase(
            "period over the interval", sensor("{name: x, part: sht40, bus: i2c-1, period: ▶2min}"), "period", "1s to 1min"),
        FaultCase("keepalive", replacing("mqtt", by: "mqtt: {host: h, keepalive: ▶4s}"), "5s to 18h"),
        FaultCase("keepalive in parts", replacing("mqtt", by: "mqtt: {host: h, keepalive: ▶5.5s}"), "whole seconds"),
        // Sizes and lengths.
        FaultCase("commits too far apart", replacing("journal", by: "journal: {path: j, commit-interval: ▶2h}"), "1h"),
        FaultCase("size without unit", replacing("journal", by: "journal: {path: j, budget: ▶512}"), "512MB"),
        FaultCase("size in time", replacing("journal", by: "journal: {path: j, budget: ▶512ms}"), "unit of size", "MiB"),
        FaultCase("size too small", replacing("journal", by: "journal: {path: j, budget: ▶1kB}"), "1MB to 1000GB"),
        FaultCase("height without unit", smallest + "site: {height: ▶118}\n", "write a length with its unit", "118m"),
        FaultCase("height in the sky", smallest + "site: {height: ▶10km}\n", "-500m to 9km"),
        FaultCase("sum of no whole intervals", smallest + "interval: 4min\nsums: [▶10min]\n", "no multiple", "4min"),
        FaultCase("sum of one interval", smallest + "sums: [15min, ▶1min]\n", "no multiple of the interval of 1min"),
        FaultCase("sum twice", smallest + "sums: [15min, ▶900s]\n", "twice"),
        FaultCase("sum over the hour", smallest + "sums: [▶2h]\n", "out of range"),
        FaultCase("sums in one value", smallest + "sums: ▶15min\n", "must be a list", "[15min]"),
        // Geometry.
        FaultCase("no rain", channel(counts("measures: {rain: ▶0mm}")), "out of range", "0.001mm to 10mm"),
        FaultCase("rain without unit", channel(counts("measures: {rain: ▶0.2794}")), "no unit", "0.2794mm"),
        FaultCase("rain in litres", channel(counts("measures: {rain: ▶0.2l}")), "not a unit of rain (mm, in)"),
        FaultCase("rate without unit", channel(counts("max-rate: ▶5")), "no unit", "5/s"),
        FaultCase("rate of none", channel(counts("max-rate: ▶0/h")), "out of range", "1/h to 10000/s"),
        FaultCase("rate in hertz", channel(counts("max-rate: ▶5Hz")), "not a unit of rate (/h, /min, /s)"),
        FaultCase("stormy", channel(counts("measures: {wind: ▶11m/s}")), "out of range", "0.01m/s to 10m/s"),
        FaultCase("bare version", "version: ▶2\n" + smallest, "out of range; write 1"),
        FaultCase(
            "bare spacing", channel("{name: n, detector: beam_pair, first: J8-11, second: J8-13, spacing: ▶50, debounce: {kind: none}}"),
            "no unit", "50cm"),
        FaultCase("TLS by name", replacing("mqtt", by: "mqtt: {host: h, ▶tls: true}"), "TLS is on when 'ca-file'"),
        FaultCase(
            "hexadecimal without 0x", sensor("{name: x, part: bme280, bus: i2c-1, address: ▶76}"), "0x4c", "76 in decimal", "write 0x76"),
        FaultCase(
            "bare pin number", channel("{name: n, detector: contact, input: ▶17, debounce: {kind: none}}"), "did you mean", "GPIO17"),
        FaultCase("edges of a kind", channel(counts("edges: ▶all")), "'all'", "active", "both"),
        FaultCase("both edges of a pair", channel(beams("spacing: 1m, ▶edges: both")), "edges"),
        FaultCase("two meanings", channel(counts("measures: ▶{rain: 0.2mm, wind: 1m/s}")), "one of 'rain'", "one count per second"),
        FaultCase("no meaning", channel(counts("measures: ▶{}")), "'rain'", "{rain: 0.2794mm}"),
        FaultCase("unknown meaning", channel(counts("measures: {▶snow: 1mm}")), "snow"),
        FaultCase(
            "meaning of a pair", channel(beams("spacing: 1m, ▶measures: {rain: 0.2mm}")), "measures"),
        FaultCase("spacing 0", channel(beams("spacing: ▶0m")), "spacing", "out of range", "2cm to 20m"),
        FaultCase("spacing of no beams", channel(beams("spacing: ▶1km")), "out of range"),
        FaultCase("spacing without unit", channel(beams("spacing: ▶0.5")), "no unit"),
        FaultCase("negative spacing", channel(beams("spacing: ▶-1m")), "negative"),
        FaultCase("detection length", channel(beams("spacing: 1m, detection-length: ▶2m")), "0mm to 1m"),
        FaultCase(
            "wheelbases that fall", channel(tubes("spacing: 1m, limits: ▶{car: 4m}")), "must rise", "car 4.0 m, van 3.96 m"),
        FaultCase("carrier in Hz", channel(radar("carrier: ▶24125000000, lanes: 4m, azimuth: 30deg")), "no unit", "24.125GHz"),
        FaultCase("carrier of a radio station", channel(radar("carrier: ▶98.5MHz, lanes: 4m, azimuth: 30deg")), "1GHz to 81GHz"),
        FaultCase("lane under the radar", channel(radar("carrier: 24.125GHz, lanes: ▶0m, azimuth: 30deg")), "out of range", "50cm to 30m"),
        FaultCase("second lane", channel(radar("carrier: 24.125GHz, lanes: [4m, ▶-7m], azimuth: 30deg")), "negative"),
        FaultCase("no lane", channel(radar("carrier: 24.125GHz, lanes: ▶[], azimuth: 30deg")), "1 to 4", "[3.5m, 7m]"),
        FaultCase("azimuth backwards", channel(radar("carrier: 24.125GHz, lanes: 4m, azimuth: ▶120deg")), "0deg to 90deg"),
        FaultCase("azimuth without unit", channel(radar("carrier: 24.125GHz, lanes: 4m, azimuth: ▶30")), "no unit", "30deg"),
        FaultCase(
            "debounced radar", channel(radar("carrier: 24.125GHz, lanes: 4m, azimuth: 30deg, debounce: ▶{kind: stable, time: 1ms}")),
            "phase of each pulse", "remove 'debounce'"),
        FaultCase(
            "quadrature of nothing",
            channel(
                "{name: n, detector: doppler_iq, first: J8-11, second: J8-13, carrier: 24.125GHz, lanes: 4m, azimuth: 30deg, approach-leads: ▶third}"
            ),
            "'third' is not known", "first"),
        FaultCase(
            "directions of a pair at a radar",
            channel(radar("carrier: 24.125GHz, lanes: 4m, azimuth: 30deg, directions: {▶forward: inbound}")), "unknown key 'forward'",
            "approaching"),
        FaultCase("same directions", channel(tubes("spacing: 1m, directions: ▶{forward: backward}")), "both directions"),
        FaultCase(
            "hold", channel("{name: n, detector: presence, input: J8-11, hold: ▶0s, debounce: {kind: none}}"), "1ms to 10min"),
        FaultCase(
            "kernel debounce before beams",
            channel("{name: n, detector: beam_pair, first: J8-11, second: J8-13, spacing: 1m, debounce: ▶{kind: kernel, time: 5ms}}"),
            "beam_pair measures speed", "5ms", "kind: stable"),
        FaultCase(
            "kernel debounce before tubes",
            channel("{name: n, detector: axle_pair, first: J8-11, second: J8-13, spacing: 1m, debounce: ▶{kind: kernel, time: 5ms}}"),
            "axle_pair measures speed", "kind: lockout"),
        // Numbers.
        FaultCase("latitude", smallest + "site: {latitude: ▶91, longitude: 10}\n", "latitude", "-90 to 90"),
        FaultCase("longitude", smallest + "site:\n  latitude: 1\n  longitude: ▶10,5\n", "comma", "point"),
        FaultCase("nan", smallest + "site: {latitude: ▶nan, longitude: 10}\n", "not a number", "53.5503"),
        FaultCase("hexadecimal float", smallest + "site: {latitude: ▶0x1p3, longitude: 10}\n", "not a number"),
        FaultCase("half a place", smallest + "site: ▶{latitude: 53}\n", "lacks 'longitude'"),
        FaultCase("port", replacing("mqtt", by: "mqtt: {host: h, port: ▶65536}"), "1 to 65535", "1883"),
        FaultCase("port in words", replacing("mqtt", by: "mqtt: {host: h, port: ▶mqtt}"), "whole number"),
        FaultCase("huge port", replacing("mqtt", by: "mqtt: {host: h, port: ▶99999999999999999999}"), "out of range"),
        FaultCase("window", replacing("mqtt", by: "mqtt: {host: h, window: ▶0}"), "1 to 1000", "20"),
        FaultCase("version", smallest + "version: ▶2\n", "version", "'2'", "1"),
        // Names and texts.
        FaultCase("node id", replacing("node", by: "node: ▶Main_Street"), "'Main_Street'", "a-z, 0-9 and '-'"),
        FaultCase("node begins with a hyphen", replacing("node", by: "node: ▶-a"), "beginning with a letter or digit"),
        FaultCase("node too long", replacing("node", by: "node: ▶" + String(repeating: "a", count: 64)), "1 to 63"),
        FaultCase("text on two lines", smallest + "site:\n  name: ▶\"a\\nb\"\n", "one line", "a\\nb"),
        FaultCase("rate", replacing("mqtt", by: "mqtt: {host: h, backfill-rate: ▶0}"), "1 to 100000", "unlimited"),
        FaultCase("confirm", replacing("mqtt", by: "mqtt: {host: h, confirm: ▶server}"), "broker, receiver"),
        FaultCase("receipts nobody wants", replacing("mqtt", by: "mqtt: ▶{host: h, receipt-topic: a}"), "confirm: receiver"),
        FaultCase("credential", replacing("mqtt", by: "mqtt: {host: h, ca-file: ▶'credential:a/b'}"), "credential:mqtt-password"),
        FaultCase("fallback", replacing("mqtt", by: "mqtt: {host: h, fallbacks: [▶{port: 1}]}"), "a fallback lacks 'host'"),
        FaultCase("empty text", replacing("mqtt", by: "mqtt: {host: ▶''}"), "empty text"),
        FaultCase("host is a URL", replacing("mqtt", by: "mqtt: {host: ▶'mqtt://b'}"), "only the name"),
        FaultCase("host with port", replacing("mqtt", by: "mqtt: {host: ▶'b:1883'}"), "port: 1883"),
        FaultCase("protocol", replacing("mqtt", by: "mqtt: {host: h, protocol: ▶3.1}"), "'3.1'", "'3.1.1'"),
        FaultCase("wildcard", replacing("mqtt", by: "mqtt: {host: h, topic: ▶a/+/b}"), "wildcard"),
        FaultCase("wildcard at the end", replacing("mqtt", by: "mqtt: {host: h, topic: ▶'a/#'}"), "wildcard"),
        FaultCase("topic of the broker", replacing("mqtt", by: "mqtt: {host: h, topic: ▶$SYS/a}"), "begins with $"),
        FaultCase("slash at the end", replacing("mqtt", by: "mqtt: {host: h, topic: ▶a/}"), "slash", "leave it out"),
        FaultCase("password without user", replacing("mqtt", by: "mqtt: ▶{host: h, password-file: p}"), "lacks 'username'"),
        FaultCase(
            "certificate alone", replacing("mqtt", by: "mqtt: ▶▶{host: h, certificate-file: p}"),
            [["lacks 'key-file'"], ["lacks 'ca-file'", "TLS"]]),
        // Addresses.
        FaultCase(
            "address out of range", sensor("{name: x, part: bme280, bus: i2c-1, address: ▶0x78}"), "0x08 to 0x77", "'0x78'"),
        FaultCase("reserved address", sensor("{name: x, part: bme280, bus: i2c-1, address: ▶7}"), "0x08 to 0x77"),
        FaultCase(
            "not an address of the part", sensor("{name: x, part: bme280, bus: i2c-1, address: ▶0x44}"), "bme280", "0x44",
            "0x76 or 0x77"),
        FaultCase("address in words", sensor("{name: x, part: bme280, bus: i2c-1, address: ▶76h}"), "0x76", "118"),
        FaultCase("address with a sign", sensor("{name: x, part: bme280, bus: i2c-1, address: ▶0x+8}"), "not an I2C address"),
        FaultCase("part", sensor("{name: x, part: ▶bme208, bus: i2c-1}"), "'bme208'", "did you mean 'bme280'?"),
        FaultCase("strange part", sensor("{name: x, part: ▶dht22, bus: i2c-1}"), "no driver", "bme280, bmp280, sht40"),
        FaultCase("bus", sensor("{name: x, part: bme280, bus: ▶i2c-2}"), "no bus 'i2c-2'", "'i2c-1'"),
        // Corrections.
        FaultCase(
            "quantity the part does not give", correction("quantity: ▶pressure, offset: 1, reference: r, date: 2026-05-01"),
            "sht40 does not measure pressure", "temperature, humidity"),
        FaultCase(
            "unknown quantity", correction("quantity: ▶temprature, offset: 1, reference: r, date: 2026-05-01"),
            "did you mean 'temperature'?"),
        FaultCase(
            "offset with a unit", correction("quantity: temperature, offset: ▶1K, reference: r, date: 2026-05-01"), "in Cel",
            "without the unit"),
        FaultCase(
            "gain of nothing", correction("quantity: humidity, offset: 0, gain: ▶0, reference: r, date: 2026-05-01"),
            "above 0"),
        FaultCase(
            "no such day", correction("quantity: humidity, offset: 0, reference: r, date: ▶2026-02-29"), "not a day"),
        FaultCase(
            "other order", correction("quantity: humidity, offset: 0, reference: r, date: ▶01.05.2026"), "YYYY-MM-DD"),
        FaultCase(
            "month 13", correction("quantity: humidity, offset: 0, reference: r, date: ▶2026-13-01"), "not a day"),
    ]

    @Test("Is told with its place", arguments: cases) func isToldWithItsPlace(_ item: FaultCase) throws {
        item.check(faults(of: Array(item.text.utf8), in: try context()))
    }
}

private func correction(_ rest: String) -> String {
    sensor("{name: x, part: sht40, bus: i2c-1, corrections: [{\(rest)}]}")
}

/// What a node may run with, and `check` refuses.
@Suite struct DoubtTests {
    static let cases: [FaultCase] = [
        FaultCase(
            "a filter too slow for a storm",
            channel("{name: n, detector: contact, input: J8-11, measures: {wind: 2.4km/h}, debounce: ▶{kind: stable, time: 8ms}}"),
            "16ms", "75.0 m/s", "{kind: stable, time: 1ms}", "max-rate"),
        FaultCase(
            "a lockout too slow for a storm",
            channel("{name: n, detector: contact, input: J8-11, measures: {wind: 2.4km/h}, debounce: ▶{kind: lockout, time: 20ms}}"),
            "20ms", "{kind: lockout, time: 2ms}"),
        FaultCase(
            "a kernel too slow for a storm",
            channel("{name: n, detector: contact, input: J8-11, measures: {wind: 2.4km/h}, debounce: ▶{kind: kernel, time: 5ms}}"),
            "10ms", "{kind: stable, time: 1ms}"),
        FaultCase(
            "a filter too slow for a rate",
            channel(
                "{name: n, detector: contact, input: J8-11, measures: {wind: 2.4km/h}, max-rate: 90/s, debounce: ▶{kind: stable, time: 8ms}}"
            ),
            "60.0 m/s"),
    ]

    @Test("A filter that cannot pass a storm is told with its place and what fits", arguments: cases)
    func isToldWithItsPlace(_ item: FaultCase) throws {
        let node = try parse(item.text)
        item.check(node.doubts)
        #expect(node.channels.count == 1)
    }
}

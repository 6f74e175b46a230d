import NodeConfiguration
import SensorCore
import Testing

private func destinations(_ list: String) -> String {
    replacing("mqtt", by: "channels:\n  - {name: gate, detector: contact, input: J8-11, debounce: {kind: none}}\n" + list)
}

@Suite struct DestinationConfigurationTests {
    @Test("The short form is one destination named mqtt, which sees everything in the first format")
    func shortForm() throws {
        let node = try parse(smallest)
        let one = try #require(node.destinations.first)
        #expect(node.destinations.count == 1 && one.name == "mqtt" && one.isShortForm)
        #expect(one.format.name == "native" && one.lanes == .both && one.beginning == .oldest && one.formerly == nil)
        #expect(one.view.isEverything && one.mqtt.clientID == "reallabor-a")
    }

    @Test("A list has each destination with its own format, lanes, view and client id")
    func list() throws {
        let text = destinations(
            """
            sums: [15min]
            destinations:
              - {name: city, host: a.example, topic: city/a, window: 5}
              - name: school
                kind: mqtt
                format: senml
                host: b.example
                lanes: live
                begin-with: next
                formerly: mqtt
                finest-interval: 15min
                show: {kinds: [traffic, climate], channels: [gate], sensors: []}
            """)
        let node = try parse(text)
        #expect(node.destinations.map(\.name) == ["city", "school"])
        #expect(node.destinations.map(\.mqtt.clientID) == ["reallabor-a-city", "reallabor-a-school"])
        #expect(node.destinations.map(\.mqtt.topic) == ["city/a", "reallabor/a"])
        #expect(node.destinations[0].view.isEverything && node.destinations[0].mqtt.window == 5)
        let school = node.destinations[1]
        #expect(school.format.name == "senml" && school.lanes == .live && school.beginning == .next && school.formerly == "mqtt")
        #expect(school.view.kinds == ["traffic", "climate"] && school.view.channels == ["gate"] && school.view.sensors == [])
        #expect(school.view.finestInterval == .seconds(900) && school.view.sums == [.seconds(900)])
    }

    @Test("A node may publish nothing, if it says so")
    func none() throws {
        #expect(try parse(replacing("mqtt", by: "destinations: []")).destinations.isEmpty)
    }

    @Test("An IPv6 address may stand in brackets, as in a URL")
    func brackets() throws {
        let text = replacing("mqtt", by: #"mqtt: {host: "[2001:db8::7]", fallbacks: [{host: "[::1]", port: 8883}]}"#)
        let mqtt = try #require(try parse(text).destinations.first?.mqtt)
        #expect(mqtt.host == "2001:db8::7" && mqtt.fallbacks.map(\.host) == ["::1"])
    }

    @Test("A list of revoked certificates stands beside its authority")
    func revocationFile() throws {
        let text = replacing("mqtt", by: "mqtt: {host: h, ca-file: /ca.crt, revocation-file: /revoked.crl}")
        #expect(try parse(text).destinations.first?.mqtt.tls?.revocationFile == "/revoked.crl")
    }

    static let faulty: [FaultCase] = [
        FaultCase(
            "brackets with a port", replacing("mqtt", by: #"mqtt: {host: ▶"[::1]:8883"}"#), "has a port in it", "'port: 8883'"),
        FaultCase(
            "a list of revoked certificates alone", replacing("mqtt", by: "mqtt: ▶{host: h, revocation-file: /revoked.crl}"), "ca-file"),
        FaultCase("neither", "▶node: a\nboard: raspberry-pi-4\njournal: {path: j}\n", "lacks 'mqtt'", "destinations: []"),
        FaultCase("both", smallest.replacing("mqtt: {", with: "mqtt: ▶{") + "destinations: []\n", "short form", "{name: mqtt, …}"),
        FaultCase("without a name", replacing("mqtt", by: "destinations: [▶{host: h}]"), "lacks 'name'", "name: city"),
        FaultCase("without a host", replacing("mqtt", by: "destinations: [▶{name: n}]"), "destination 'n' lacks 'host'"),
        FaultCase(
            "one name twice", replacing("mqtt", by: "destinations: [{name: n, host: a}, {name: ▶n, host: b}]"), "already a destination 'n'"),
        FaultCase(
            "a format there is not", replacing("mqtt", by: "destinations: [{name: n, host: h, format: ▶nativ}]"), "did you mean 'native'?"),
        FaultCase(
            "a kind there is not", replacing("mqtt", by: "destinations: [{name: n, host: h, kind: ▶http}]"), "kinds of destination: mqtt"),
        FaultCase(
            "receipts of a format without", replacing("mqtt", by: "destinations: [▶{name: n, host: h, format: senml, confirm: receiver}]"),
            "senml has none"),
        FaultCase(
            "one client id",
            replacing(
                "mqtt", by: "destinations: [{name: n, host: h, client-id: x, topic: a}, ▶{name: m, host: h, client-id: x, topic: b}]"),
            "one client-id at one broker"),
        FaultCase(
            "one topic", replacing("mqtt", by: "destinations: [{name: n, host: h}, ▶{name: m, host: h}]"), "give each its own topic"),
        FaultCase(
            "a channel there is not", destinations("destinations: [{name: n, host: h, show: {channels: [▶gat]}}]"), "did you mean 'gate'?"),
        FaultCase(
            "a kind of record there is not", replacing("mqtt", by: "destinations: [{name: n, host: h, show: {kinds: [▶trafic]}}]"),
            "did you mean 'traffic'?"),
        FaultCase(
            "an interval that hours do not hold", replacing("mqtt", by: "destinations: [{name: n, host: h, finest-interval: ▶7min}]"),
            "15min"),
        FaultCase(
            "an unknown key", replacing("mqtt", by: "destinations: [{name: n, host: h, ▶colour: red}]"),
            "unknown key 'colour' in destination 'n'"),
        FaultCase(
            "a former name that is in use", replacing("mqtt", by: "destinations: [{name: n, host: h}, ▶{name: m, host: i, formerly: n}]"),
            "only one can take its place"),
        FaultCase("no list", replacing("mqtt", by: "destinations: ▶5"), "must be a list"),
    ]

    @Test("Each fault is named with its place and what to write instead", arguments: faulty)
    func faultIsNamed(_ fault: FaultCase) throws {
        fault.check(faults(of: Array(fault.text.utf8), in: try context()))
    }
}

extension String {
    fileprivate func replacing(_ part: String, with other: String) -> String {
        guard let range = firstRange(of: part) else { return self }
        return String(self[..<range.lowerBound]) + other + String(self[range.upperBound...])
    }

    private func firstRange(of part: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(part) { return start..<index(start, offsetBy: part.count) }
            start = index(after: start)
        }
        return nil
    }
}

import Glibc
import SensorCore
import TestSupport
import Testing

@testable import RecordFormats

@Suite struct NativeFormatTests {
    let format = NativeFormat(node: "node-7", baseTopic: "reallabor/node-7")

    func message(_ body: Record.Body) -> OutgoingMessage {
        format.message(for: ExampleRecords.journalled(body), epoch: ExampleRecords.epoch, isHistorical: false)
    }
    func text(_ body: Record.Body) -> String { String(decoding: message(body).payload, as: UTF8.self) }

    static let examples: [(kind: String, topic: String, body: Record.Body)] = [
        ("traffic", "reallabor/node-7/traffic/tor-1", .traffic(ExampleRecords.traffic)),
        ("traffic_sum", "reallabor/node-7/traffic/cycle-path/15min", .traffic(ExampleRecords.trafficSum)),
        ("climate", "reallabor/node-7/climate/mast-oben", .climate(ExampleRecords.climate)),
        ("node", "reallabor/node-7/node", .node(ExampleRecords.node)),
        ("time", "reallabor/node-7/time", .timeFix(ExampleRecords.timeFix)),
        ("notice", "reallabor/node-7/notice", .notice(ExampleRecords.notice)),
    ]

    @Test("Record is written as documented", arguments: examples.indices)
    func recordIsWrittenAsDocumented(_ index: Int) throws {
        let example = Self.examples[index]
        let message = message(example.body)
        let documented = try documentedExample(of: example.kind)
        #expect(String(decoding: message.payload, as: UTF8.self) == documented)
        #expect(message.address == example.topic)
        #expect(!message.isRetained)
        #expect(message.contentType == "application/json")
        #expect(message.schema == "reallabor-node/1")
    }

    @Test("Status is written as documented") func statusIsWrittenAsDocumented() throws {
        let message = format.statusMessage(ExampleRecords.status)
        let documented = try documentedExample(of: "status")
        #expect(String(decoding: message.payload, as: UTF8.self) == documented)
        #expect(message.address == "reallabor/node-7/status")
        #expect(message.isRetained)
    }

    /// Only where it occurred, so that all other messages stay as they were.
    @Test("What one quantity withheld is counted beside it") func whatOneQuantityWithheldIsCountedBesideIt() {
        var interval = ExampleRecords.climate
        #expect(!text(.climate(interval)).contains("withheld"))
        interval.quantities[2].withheld = [.init(kind: .notReady, count: 2), .init(kind: .outOfRange, count: 3)]
        #expect(text(.climate(interval)).contains("\"flags\":[],\"withheld\":{\"not_ready\":2,\"out_of_range\":3}}]"))
    }

    @Test("Will has no clock") func willHasNoClock() {
        let will = NodeStatus(state: .lost, epoch: ExampleRecords.epoch, bootID: ExampleRecords.boot, version: "0.1.0", clock: nil)
        let text = String(
            decoding: format.statusMessage(will).payload, as: UTF8.self)
        #expect(text.contains(#""state":"lost""#))
        #expect(text.hasSuffix(#""clock":null}"#))
    }

    @Test("A record that only a newer program can read has its number and its time")
    func aRecordThatOnlyANewerProgramCanReadHasItsNumberAndItsTime() {
        let span = ExampleRecords.node.span
        let message = message(.unknown(UnknownRecord(code: 9, span: span)))
        #expect(message.address == "reallabor/node-7/unknown")
        let text = String(decoding: message.payload, as: UTF8.self)
        #expect(text.contains(#""kind":"unknown","node":"node-7","epoch":"5d1f0c3a9be24471","sequence":4711,"#))
        #expect(text.contains(#""start":"2026-05-01T12:00:00Z""#) && text.hasSuffix(#""historical":false,"code":9}"#), "\(text)")
    }

    /// Only then: all other records are byte for byte as before.
    @Test("A record that is left out in part says so") func aRecordThatIsLeftOutInPartSaysSo() {
        var record = ExampleRecords.journalled(.node(ExampleRecords.node))
        record.record.verbatim = [1]
        let payload = format.message(for: record, epoch: ExampleRecords.epoch, isHistorical: false).payload
        #expect(String(decoding: payload, as: UTF8.self) == text(.node(ExampleRecords.node)).dropLast() + #","unread":true}"#)
    }

    /// A city can put the node on a map from what is retained.
    @Test("The status tells the site where there is one") func theStatusTellsTheSite() {
        let site = SiteDescription(name: "Ritterstraße, north side", latitude: 53.5503, longitude: 10.0006, heightMetres: nil)
        let told = NativeFormat(node: "node-7", baseTopic: "reallabor/node-7", site: site).statusMessage(ExampleRecords.status)
        let text = String(decoding: told.payload, as: UTF8.self)
        #expect(
            text.hasSuffix(#","site":{"name":"Ritterstraße, north side","latitude":53.5503,"longitude":10.0006,"height_m":null}}"#),
            "\(text)")
        #expect(!String(decoding: format.statusMessage(ExampleRecords.status).payload, as: UTF8.self).contains("site"))
    }

    @Test("A fault is said also as a code with arguments") func aFaultIsSaidAlsoAsACodeWithArguments() {
        var interval = ExampleRecords.traffic
        interval.fault = "the inputs of tor-1 could not be read"
        #expect(text(.traffic(interval)).contains(#"not be read","fault_code":null,"fault_arguments":null,"filter_settings":"#))
        interval.faultMessage = CodedMessage(
            "inputs_unreadable", ["channel": .text("tor-1"), "pins": .text(["J8-11", "J8-13"]), "errno": .number(19)])
        #expect(
            text(.traffic(interval)).contains(
                #""fault_code":"inputs_unreadable","fault_arguments":{"channel":"tor-1","pins":"J8-11, J8-13","errno":19},"#))
    }

    @Test(
        "A filter is said also in numbers",
        arguments: [
            (
                "stable rise 8 ms, fall 0.25 ms, glitches below 0.1 ms",
                #"{"kind":"stable","rise_ms":8.0,"fall_ms":0.25,"glitches_below_ms":0.1}"#
            ),
            ("kernel 3 ms", #"{"kind":"kernel","period_ms":3.0,"glitches_below_ms":null}"#),
            ("none", #"{"kind":"none","glitches_below_ms":null}"#), ("another", "null"),
        ]) func aFilterIsSaidAlsoInNumbers(filter: String, json: String)
    {
        var interval = ExampleRecords.traffic
        interval.quality.filter = filter
        #expect(text(.traffic(interval)).hasSuffix(#""filter_settings":"# + json + "}"))
    }

    @Test("Unknown UTC is null and says so") func unknownUTCIsNullAndSaysSo() {
        var interval = ExampleRecords.traffic
        interval.span.utc = nil
        interval.span.isPartial = true
        #expect(
            text(.traffic(interval)).contains(
                #""start":null,"end":null,"start_monotonic_ns":86400000000000,"end_monotonic_ns":86460000000000,"#
                    + #""time_quality":"unsynchronised","partial":true,"#))
    }

    @Test("Nothing observed is null and not zero") func nothingObservedIsNullAndNotZero() {
        var interval = ExampleRecords.traffic
        interval.flows = nil
        interval.observed = .zero
        interval.quality.confidence = nil
        interval.fault = "line 17 of pinctrl-bcm2711 is in use by \"gpio-keys\""
        let text = text(.traffic(interval))
        #expect(
            text.contains(
                #""count":null,"flows":null,"headways":null,"occupied_seconds":null,"rate_per_hour":null,"measured":null,"total":20417,"observed_seconds":0.0,"#
            ))
        #expect(text.contains(#""confidence":null,"fault":"line 17 of pinctrl-bcm2711 is in use by \"gpio-keys\"","fault_code":null,"#))
    }

    @Test("What a contact measures") func whatAContactMeasures() {
        var interval = ExampleRecords.traffic
        interval.measured = .rain(millimetres: 4.75)
        #expect(text(.traffic(interval)).contains(#""measured":{"quantity":"rain","mm":4.75},"#))
        interval.measured = .wind(run: 90, gust: 4.5)
        #expect(text(.traffic(interval)).contains(#""measured":{"quantity":"wind","mean_m_s":1.5,"gust_m_s":4.5,"run_m":90.0},"#))
        interval.observed = .seconds(45)
        interval.measured = .wind(run: 90, gust: nil)
        let text = text(.traffic(interval))
        #expect(text.contains(#""measured":{"quantity":"wind","mean_m_s":2.0,"gust_m_s":null,"run_m":90.0},"#))
        #expect(text.contains(#""rate_per_hour":1360.0,"#))
    }

    @Test("Counted zero is zero") func countedZeroIsZero() {
        var interval = ExampleRecords.traffic
        interval.flows = [TrafficFlow(count: 0)]
        #expect(text(.traffic(interval)).contains(#""count":0,"flows":[{"direction":null,"class":null,"count":0,"speed":null}],"#))
    }

    @Test("Count is the sum of flows") func countIsTheSumOfFlows() {
        var interval = ExampleRecords.traffic
        interval.flows = [
            TrafficFlow(direction: "in", vehicleClass: "bike", count: 5), TrafficFlow(direction: "out", count: 7),
        ]
        let expected =
            #""count":12,"flows":[{"direction":"in","class":"bike","count":5,"speed":null},"#
            + #"{"direction":"out","class":null,"count":7,"speed":null}],"#
        #expect(text(.traffic(interval)).contains(expected))
        interval.flows = [TrafficFlow(count: .max), TrafficFlow(count: 1)]
        #expect(text(.traffic(interval)).contains(#""count":null,"flows":[{"#))
    }

    @Test(
        "Name becomes one topic level",
        arguments: [
            ("Tor 1/Nord", "Tor%201%2FNord"), ("1.5*x>$y", "1%2E5%2Ax%3E%24y"), ("a+b#c", "a%2Bb%23c"), ("100%", "100%25"),
            ("Säule", "Säule"),
            ("\u{0}\n\u{7F}", "%00%0A%7F"), ("", ""),
        ])
    func nameBecomesOneTopicLevel(_ name: String, _ level: String) {
        var interval = ExampleRecords.climate
        interval.sensor = name
        #expect(message(.climate(interval)).address == "reallabor/node-7/climate/" + level)
    }

    @Test("Independent parser reads every example", .startsProcesses) func independentParserReadsEveryExample() throws {
        for example in Self.examples {
            let reading = try python(
                "import json,sys; d=json.load(sys.stdin); print(d['schema'],d['kind'],d['sequence'],d['epoch'])",
                input: message(example.body).payload)
            #expect(reading == "reallabor-node/1 \(example.kind) 4711 5d1f0c3a9be24471\n")
        }
    }
}

/// The text of the ```json block below the heading of the kind in docs/native-format.md.
private func documentedExample(of kind: String) throws -> String {
    let file = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/docs/native-format.md"
    let lines = String(decoding: try bytes(ofFile: file), as: UTF8.self)
        .split(separator: "\n", omittingEmptySubsequences: false)
    let section = lines.drop { $0 != "## `\(kind)`" }
    let block = section.drop { $0 != "```json" }.dropFirst().prefix { $0 != "```" }
    try #require(block.count == 1, "docs/native-format.md needs an example of \(kind) on one line")
    return String(block.joined())
}

private struct FileUnreadable: Error { var path: String }

private func bytes(ofFile path: String) throws -> [UInt8] {
    guard let file = fopen(path, "r") else { throw FileUnreadable(path: path) }
    defer { fclose(file) }
    return readAll(file)
}

func readAll(_ file: UnsafeMutablePointer<FILE>) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = fread(&buffer, 1, buffer.count, file)
        if count == 0 { return bytes }
        bytes += buffer[..<count]
    }
}

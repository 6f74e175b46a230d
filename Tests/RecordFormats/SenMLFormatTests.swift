import SensorCore
import TestSupport
import Testing

@testable import RecordFormats

@Suite struct SenMLFormatTests {
    static let node = NodeDescription(id: "node-7")

    private func messages(_ bodies: [Record.Body], isHistorical: Bool = false) -> [RecordMessage] {
        var session = SenMLFormat(node: Self.node, baseTopic: "reallabor/node-7").session()
        let records = bodies.enumerated().map { ExampleRecords.journalled($1, sequence: UInt64($0 + 1)) }
        return session.messages(for: RecordBatch(records: records, epoch: ExampleRecords.epoch, isHistorical: isHistorical))
    }

    private func text(_ message: RecordMessage) -> String { String(decoding: message.message.payload, as: UTF8.self) }

    @Test("A batch is one pack, byte for byte as written here")
    func onePack() throws {
        var climate = ExampleRecords.climate
        climate.quantities = [climate.quantities[0]]
        climate.errors = [climate.errors[0]]
        let made = messages([.traffic(ExampleRecords.traffic), .climate(climate), .node(ExampleRecords.node)])
        let message = try #require(made.first)
        #expect(made.count == 1 && message.carries == [1, 2, 3] && !message.tellsWithheld)
        #expect(message.message.address == "reallabor/node-7/senml" && !message.message.isRetained)
        #expect(message.message.contentType == "application/senml+json")
        #expect(
            text(message) == #"[{"bn":"node-7/","bt":1777636860.0,"n":"tor-1/observed","u":"s","v":60.0},"#
                + #"{"n":"tor-1/count","u":"count","v":17},{"n":"tor-1/total","u":"count","v":20417},"#
                + #"{"n":"tor-1/confidence","u":"/","v":0.972},"#
                + #"{"n":"mast-oben/temperature/samples","u":"count","v":6},{"n":"mast-oben/temperature","u":"Cel","v":21.35},"#
                + #"{"n":"mast-oben/temperature/min","u":"Cel","v":21.3},{"n":"mast-oben/temperature/max","u":"Cel","v":21.4},"#
                + #"{"n":"mast-oben/errors/crc","u":"count","v":1},"#
                + #"{"n":"node/backlog","u":"count","v":3},{"n":"node/connections-lost","u":"count","v":1},"#
                + #"{"n":"node/queue-overflows","u":"count","v":0},{"n":"node/journal-faults","u":"count","v":0}]"#)
    }

    @Test("Times are differences to the first, and left out where they are none")
    func times() throws {
        let made = messages([.node(ExampleRecords.node), .traffic(ExampleRecords.trafficSum)])
        let pack = text(try #require(made.first))
        #expect(pack.contains(#"{"n":"cycle-path/sum-900s/count","u":"count","v":23,"t":840.0}"#), "\(pack)")
        #expect(pack.contains(#""n":"cycle-path/sum-900s/outbound/car/speed","u":"m/s","v":8.125,"t":840.0"#), "\(pack)")
    }

    @Test("Without UTC a fresh record goes without a time in a pack of its own, and one of the backlog has no form")
    func unknownTime() throws {
        var interval = ExampleRecords.traffic
        interval.span.utc = nil
        let fresh = messages([.traffic(ExampleRecords.traffic), .traffic(interval)])
        #expect(fresh.map(\.carries) == [[1], [2]])
        #expect(!text(fresh[1]).contains(#""bt""#) && !text(fresh[1]).contains(#""t""#))
        #expect(messages([.traffic(interval), .traffic(ExampleRecords.traffic)], isHistorical: true).map(\.carries) == [[2]])
        #expect(messages([.timeFix(ExampleRecords.timeFix)]).isEmpty)
    }

    @Test("What was not observed has no count, and its observed seconds say so")
    func nothingObserved() throws {
        var interval = ExampleRecords.traffic
        interval.observed = .zero
        interval.flows = nil
        interval.quality.confidence = nil
        let pack = text(try #require(messages([.traffic(interval)]).first))
        #expect(pack == #"[{"bn":"node-7/","bt":1777636860.0,"n":"tor-1/observed","u":"s","v":0.0}]"#)
    }

    @Test("Every quantity has a unit of the registry", arguments: Quantity.allCases)
    func units(_ quantity: Quantity) {
        // RFC 8428 §12.1 and RFC 8798 §3.
        let registered: Set<String> = [
            "Cel", "%RH", "Pa", "lx", "count", "m/s", "1/s", "/", "V", "A", "W", "Ohm", "s", "m", "kg/m3", "deg", "Hz", "dB", "rad",
        ]
        #expect(registered.contains(quantity.senMLUnit.unit), "\(quantity) has the unit \(quantity.senMLUnit.unit)")
    }

    @Test(
        "Names keep to what SenML allows, and different ones stay different",
        arguments: [("Tor 1", "Tor:20:1"), ("Straße/Süd", "Stra:df:e:2f:S:fc:d"), ("a-b_c.d", "a-b_c.d"), ("a:b", "a:3a:b")])
    func names(_ name: String, _ expected: String) { #expect(name.senMLName == expected) }
}

/// What every format owes its records, whatever it makes of them.
@Suite struct FormatSweepTests {
    static let bodies: [Record.Body] = [
        .traffic(ExampleRecords.traffic), .traffic(ExampleRecords.trafficSum), .climate(ExampleRecords.climate), .node(ExampleRecords.node),
        .timeFix(ExampleRecords.timeFix), .notice(ExampleRecords.notice),
    ]

    /// One record of each quantity.
    static let climates: [Record.Body] = Quantity.allCases.map { quantity in
        .climate(
            ClimateInterval(
                span: ExampleRecords.minute, sensor: "s", part: "p",
                quantities: [
                    QuantityInterval(
                        quantity: quantity,
                        statistics: SampleStatistics(count: 2, mean: 2.5, minimum: 2, maximum: 3, last: 3, standardDeviation: 0.5),
                        rawMean: 2.5)
                ], errors: []))
    }

    @Test(
        "Messages name only records of their batch, addresses are below the base topic, payloads are JSON", .startsProcesses,
        arguments: RecordFormats.descriptions.map(\.name))
    func everyFormat(_ name: String) throws {
        let place = FormatPlace(node: SenMLFormatTests.node, baseTopic: "reallabor/node-7", receiptTopic: nil)
        let format = try #require(RecordFormats.format(name, at: place))
        for isHistorical in [false, true] {
            var session = format.session()
            let records = (Self.bodies + Self.climates).enumerated().map { ExampleRecords.journalled($1, sequence: UInt64($0 + 1)) }
            let batch = RecordBatch(records: records, epoch: ExampleRecords.epoch, isHistorical: isHistorical, withheld: [90...95])
            let made = session.messages(for: batch)
            let numbers = Set(records.map(\.sequence))
            var carried: Set<UInt64> = []
            for message in made {
                #expect(message.carries == message.carries.sorted() && numbers.isSuperset(of: message.carries))
                #expect(message.message.address.hasPrefix("reallabor/node-7/"))
                carried.formUnion(message.carries)
            }
            // Traffic and climate have a form in every format.
            #expect(carried.isSuperset(of: records.filter { !$0.record.body.isMoment }.map(\.sequence)), "\(name)")
            let lines = made.map { String(decoding: $0.message.payload, as: UTF8.self) }.joined(separator: "\n")
            #expect(
                try python("import json,sys; print(sum(1 for line in sys.stdin if json.loads(line)))", input: Array(lines.utf8))
                    == "\(made.count)\n")
        }
    }

    @Test("A format there is not is nil")
    func unknown() {
        #expect(RecordFormats.format("xml", at: FormatPlace(node: SenMLFormatTests.node, baseTopic: "t")) == nil)
    }
}

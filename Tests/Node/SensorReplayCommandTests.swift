import TestSupport
import Testing

/// `sensor replay`: every clause of its contract, as another program sees it.
@Suite(.startsProcesses) struct SensorReplayCommandTests {
    struct Output: Decodable {
        struct Reading: Decodable {
            var quantity: String
            var value: Double
            var unit: String
        }
        struct Fault: Decodable {
            var kind: String
            var detail: String
        }
        var measurements: [Reading]?
        var error: Fault?
    }

    static func replay(_ part: String, _ recording: String, _ format: String = "json") throws -> ProgramRun {
        let folder = ScratchFolder()
        let run = try node("sensor", "replay", "--part", part, folder.write("bus.json", recording), "--format", format)
        _ = run.exitCode()
        return run
    }

    static let coefficients = #""0x88": "706b436718fc7d8e43d6d00b270b8c00f9ff8c3cf8c67017", "A1": "4b", "e1": "6a 01 00 14 24 03 1e""#

    // Not written into the attribute: interpolation there crashes the compiler of Swift 6.0.3.
    static let memories = [
        #"{"address": "0x76", "memory": {\#(coefficients), "F7": "655ac07eed007148"}}"#,
        // A recorded identity that is right.
        #"{"address": "0x77", "memory": {"d0": "60", \#(coefficients), "F7": "655ac07eed007148"}}"#,
        // Everything from one command's answers; the others are registers still.
        #"{"address": "76", "memory": {\#(coefficients)}, "responses": {"F7": ["655ac07eed007148"]}}"#,
    ]

    /// Coefficients of the example in BMP280 §3.12; the values of the datasheet's floating-point formulas.
    @Test("A memory becomes measurements", arguments: memories)
    func aMemoryBecomesMeasurements(_ recording: String) throws {
        let run = try Self.replay("bme280", recording)
        #expect(run.exitCode() == 0, "\(run.errors)")
        let output: Output = try run.json()
        let readings = try #require(output.measurements, "\(run.output)")
        #expect(output.error == nil)
        #expect(readings.map(\.quantity).sorted() == ["humidity", "pressure", "temperature"])
        for (quantity, unit, value) in [
            ("temperature", "Cel", 25.08247793), ("humidity", "%RH", 45.51062835), ("pressure", "Pa", 100653.26677583),
        ] {
            let reading = try #require(readings.first { $0.quantity == quantity })
            #expect(reading.unit == unit)
            #expect(abs(reading.value - value) < 1e-6)
        }
    }

    /// Answers are given in turn, the last again and again; writes that were not recorded are acknowledged.
    @Test("An answer becomes measurements") func anAnswerBecomesMeasurements() throws {
        let run = try Self.replay("sht40", #"{"address": "0x44", "responses": {"FD": ["6666 93 8000 a2"]}}"#)
        let readings = try #require(try run.json(Output.self).measurements, "\(run.output)")
        #expect(readings.map(\.quantity) == ["temperature", "humidity"])
        #expect(readings.map(\.unit) == ["Cel", "%RH"])
        // Sensirion SHT4x §4.6: 0x6666 is 25 °C, 0x8000 is -6 + 125 × 32768/65535.
        #expect(abs(readings[0].value - 25) < 1e-9)
        #expect(abs(readings[1].value - 56.500953689) < 1e-8)
    }

    @Test("The part may be written in capitals") func thePartMayBeWrittenInCapitals() throws {
        #expect(try Self.replay("SHT40", #"{"responses": {"FD": ["666693 8000a2"]}}"#).exitCode() == 0)
    }

    static let faults = [
        ("sht40", #"{"responses": {"FD": [null]}}"#, "nack"),
        ("sht40", #"{"address": "0x44", "responses": {"FD": ["666692 8000a2"]}}"#, "crc"),
        ("sht40", #"{"address": "0x44", "responses": {"FD": ["666693 8000a3"]}}"#, "crc"),
        ("sht40", #"{"responses": {"89": ["0fba7c 7c4d7f"]}}"#, "not_recorded"),
        ("bme280", #"{"memory": {\#(coefficients)}}"#, "not_recorded"),
        ("bme280", #"{"memory": {"F7": "655ac07eed007148"}}"#, "not_recorded"),
        ("bme280", #"{"memory": {\#(coefficients), "F7": "655ac07eed00"}}"#, "not_recorded"),
        ("bme280", #"{"memory": {"d0": "58", \#(coefficients), "F7": "655ac07eed007148"}}"#, "wrong_part"),
        ("bme280", #"{"memory": {\#(coefficients), "F7": "8000008000008000"}}"#, "not_ready"),
    ]

    @Test("What fails is named", arguments: faults)
    func whatFailsIsNamed(_ part: String, _ recording: String, kind: String) throws {
        let run = try Self.replay(part, recording)
        #expect(run.exitCode() == 65)
        let output: Output = try run.json()
        #expect(output.measurements == nil)
        #expect(output.error?.kind == kind, "\(run.output)")
        #expect(output.error?.detail.isEmpty == false)
        let told = try Self.replay(part, recording, "text")
        #expect(told.exitCode() == 65)
        #expect(told.output == "")
        #expect(told.errors.contains(kind))
    }

    @Test(
        "A malformed recording is said with its place",
        arguments: [
            ("{\"memory\": {\n  \"88\": \"70\",\n}}", "3:1"), ("", "1:1"), ("[]", "1:1"), ("{}", "1:1"),
            ("{\"memory\": {\"88\": \"7g\"}}", "1:19"), ("{\"address\": \"0x99\", \"memory\": {}}", "1:13"),
            ("{\"responses\":\n {\"FD\": \"00\"}}", "2:9"), ("{\"memory\": {\"88\": \"70", "1:"),
        ])
    func aMalformedRecordingIsSaidWithItsPlace(_ recording: String, place: String) throws {
        let run = try Self.replay("bme280", recording)
        #expect(run.exitCode() == 65, "\(run.output)")
        #expect(run.errors.contains("bus.json:\(place)"), "\(run.errors)")
    }

    @Test("An unknown part is a wrong command line") func anUnknownPartIsAWrongCommandLine() throws {
        let run = try Self.replay("bme999", "{}")
        #expect(run.exitCode() == 64)
        #expect(run.errors.contains("bme999") && run.errors.contains("bme280"), "\(run.errors)")
    }

    @Test("A person reads values with units") func aPersonReadsValuesWithUnits() throws {
        let run = try Self.replay("sht40", #"{"responses": {"FD": ["666693 8000a2"]}}"#, "text")
        #expect(run.output.split(separator: "\n").first == "temperature: 25.0 Cel")
    }
}

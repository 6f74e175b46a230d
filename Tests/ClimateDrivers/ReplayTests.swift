import HardwareMocks
import Recordings
import SensorCore
import Testing

@testable import ClimateDrivers

/// Drivers on recordings, as `sensor replay` runs them.
@Suite struct ReplayTests {
    static func replay(_ part: String, _ json: String) throws -> Result<PartReading, SensorError> {
        let recording = try I2CRecording(json: Array(json.utf8))
        let bus = RecordedI2CBus(recording)
        let address = try #require(recording.address ?? ClimateParts.description(of: part)?.addresses.first)
        var reader = try #require(PartReader(part: part, at: address))
        var reading = PartReading()
        do throws(SensorError) {
            try reader.read(on: bus, clock: TestClock(), into: &reading)
            return .success(reading)
        } catch {
            return .failure(error)
        }
    }

    static func kind(_ part: String, _ json: String) throws -> SensorErrorKind? {
        switch try replay(part, json) {
        case .success: nil
        case .failure(let error): error.kind
        }
    }

    static let coefficients = "\"88\": \"706b436718fc7d8e43d6d00b270b8c00f9ff8c3cf8c67017\""
    static let humidity = "\"a1\": \"4b\", \"e1\": \"6a01001424031e\""

    /// Only coefficients and data: what identifies or supervises the part was not recorded and is skipped.
    @Test("BME280 from coefficients and data") func bme280FromCoefficientsAndData() throws {
        let readings = try Self.replay(
            "bme280",
            "{\"address\": \"0x76\", \"memory\": {\(Self.coefficients), \(Self.humidity), \"F7\": \"655ac07eed007148\"}}"
        ).get().given
        #expect(readings.map(\.quantity) == [.temperature, .humidity, .pressure])
        // As in BMx280ConversionTests, "datasheet example".
        #expect(abs(readings[0].value - 25.08247793081682) < 1e-9)
        #expect(abs(readings[1].value - 45.51062835035075) < 1e-9)
        #expect(abs(readings[2].value - 100653.26677582515) < 1e-6)
    }

    @Test("BMP280 needs no humidity") func bmp280NeedsNoHumidity() throws {
        let readings = try Self.replay(
            "bmp280",
            "{\"address\": 118, \"memory\": {\(Self.coefficients), \"0xD0\": \"58\", \"F7\": \"655ac07eed00\"}}"
        ).get().given
        #expect(readings.map(\.quantity) == [.temperature, .pressure])
    }

    @Test("SHT4x from one answer") func sht4xFromOneAnswer() throws {
        let readings = try Self.replay("sht41", "{\"responses\": {\"fd\": [\"66 66 93 80 00 a2\"]}}").get().given
        #expect(readings.map(\.quantity) == [.temperature, .humidity])
        #expect(abs(readings[0].value - 25) < 1e-12)
        #expect(abs(readings[1].value - 56.50095368886854) < 1e-12)
    }

    // Not written into the attribute: interpolation there crashes the compiler of Swift 6.0.3.
    static let faultyRecordings: [(String, String, SensorErrorKind)] = [
        // A read of data or coefficients that was not recorded is never skipped.
        ("bme280", "{\"memory\": {\(coefficients), \(humidity)}}", .notRecorded),
        ("bme280", "{\"memory\": {\(coefficients), \"F7\": \"655ac07eed007148\"}}", .notRecorded),
        ("bme280", "{\"memory\": {\(coefficients), \"a1\": \"4b\", \"F7\": \"655ac07eed007148\"}}", .notRecorded),
        ("bme280", "{\"memory\": {\(humidity), \"F7\": \"655ac07eed007148\"}}", .notRecorded),
        ("bme280", "{\"memory\": {\(coefficients), \(humidity), \"F7\": \"655ac07eed0071\"}}", .notRecorded),
        ("sht40", "{\"responses\": {\"89\": [\"0fba7c7c4d7f\"]}}", .notRecorded),
        // What was recorded is checked.
        ("bme280", "{\"memory\": {\"d0\": \"58\"}}", .wrongPart),
        ("bme280", "{\"memory\": {\"d0\": \"61\"}}", .wrongPart),
        ("bmp280", "{\"memory\": {\"d0\": \"60\"}}", .wrongPart),
        (
            "bme280", "{\"memory\": {\"f3\": \"08\", \(coefficients), \(humidity), \"F7\": \"655ac07eed007148\"}}",
            .notReady
        ),
        (
            "bme280", "{\"memory\": {\"f3\": \"01\", \(coefficients), \(humidity), \"F7\": \"655ac07eed007148\"}}",
            .notReady
        ),
        // Skipped outputs convert to 22.96 °C and the like.
        ("bme280", "{\"memory\": {\(coefficients), \(humidity), \"F7\": \"800000800000 8000\"}}", .notReady),
        ("bme280", "{\"memory\": {\(coefficients), \(humidity), \"F7\": \"655ac0800000 7148\"}}", .notReady),
        ("bmp280", "{\"memory\": {\(coefficients), \"F7\": \"800000800000\"}}", .notReady),
        ("bme280", "{\"memory\": {\(coefficients), \(humidity), \"F7\": \"0000000000000000\"}}", .outOfRange),
        ("bme280", "{\"memory\": {\(coefficients), \(humidity), \"F7\": \"ffffffffffffffff\"}}", .outOfRange),
        // Blank coefficients.
        (
            "bmp280",
            "{\"memory\": {\"88\": \"\(String(repeating: "00", count: 24))\", \"F7\": \"655ac07eed00\"}}", .notReady
        ),
        (
            "bmp280",
            "{\"memory\": {\"88\": \"\(String(repeating: "ff", count: 24))\", \"F7\": \"655ac07eed00\"}}", .notReady
        ),
        ("sht40", "{\"responses\": {\"fd\": [null]}}", .nack),
        ("sht40", "{\"responses\": {\"fd\": [\"666692 8000a2\"]}}", .crc),
        ("sht40", "{\"responses\": {\"fd\": [\"666693 8000a3\"]}}", .crc),
        ("sht40", "{\"responses\": {\"fd\": [\"000000 000000\"]}}", .crc),
        ("sht40", "{\"responses\": {\"fd\": [\"000081 8000a2\"]}}", .outOfRange),
        ("sht40", "{\"responses\": {\"fd\": [\"ffffac 8000a2\"]}}", .outOfRange),
        ("sht40", "{\"responses\": {\"89\": [\"0fba7d 7c4d7f\"], \"fd\": [\"666693 8000a2\"]}}", .crc),
        ("sht40", "{\"responses\": {\"89\": [null], \"fd\": [\"666693 8000a2\"]}}", .nack),
    ]

    @Test("Names what is wrong", arguments: faultyRecordings)
    func namesWhatIsWrong(_ part: String, _ json: String, kind: SensorErrorKind) throws {
        #expect(try Self.kind(part, json) == kind)
    }

    @Test(
        "Retries within the deadline",
        arguments: [
            "{\"responses\": {\"fd\": [null, \"66 66 93 80 00 a2\"]}}",
            "{\"responses\": {\"fd\": [null, null, null, \"66 66 93 80 00 a2\"]}}",
            "{\"responses\": {\"fd\": [\"66 66 94 80 00 a2\", \"66 66 93 80 00 a2\"]}}",
            "{\"responses\": {\"89\": [null, \"0fba7c 7c4d7f\"], \"fd\": [\"66 66 93 80 00 a2\"]}}",
        ])
    func retriesWithinTheDeadline(_ json: String) throws {
        #expect(try Self.replay("sht40", json).get().given.count == 2)
    }

    @Test("Humidity is clipped", arguments: [("8000a2", 56.50095368886854, false), ("0000 81", 0, true), ("ffffac", 100, true)])
    func humidityIsClipped(_ word: String, _ value: Double, _ clipped: Bool) throws {
        let readings = try Self.replay("sht45", "{\"responses\": {\"FD\": [\"666693 \(word)\"]}}").get().given
        #expect(abs(readings[1].value - value) < 1e-12)
        #expect(readings[1].flags == (clipped ? .clippedToRange : []))
    }
}

import ArgumentParser
import ClimateDrivers
import HostFiles
import JSONText
import Recordings
import SensorCore

struct SensorReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Run a part's driver on a recorded bus.",
        discussion: """
            FILE is JSON: "address", and "memory" (register address, hex, to the bytes from there on) and/or "responses" (command \
            bytes, hex, to a list of answers, given in turn, the last one repeated; null is a missing acknowledge).

            Example:
              reallabor-node sensor replay --part sht40 recording.json --format json
            """)

    @Option(help: "The part, as the configuration names it: \(ClimateParts.all.map(\.name).joined(separator: ", ")).")
    var part: String

    @Argument(help: ArgumentHelp("The recorded bus.", valueName: "file"))
    var file: String

    @Option(help: "How many readings to take, one after the other.")
    var readings = 1

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    func validate() throws {
        guard (1...100_000).contains(readings) else { throw ValidationError(saying: "--readings takes 1 to 100000") }
    }

    func run() throws {
        let name = part.lowercased()
        guard let description = ClimateParts.description(of: name) else {
            let known = ClimateParts.all.map(\.name).joined(separator: ", ")
            throw ValidationError(saying: "no part '\(part)'; there are \(known)")
        }
        let recording = try load()
        let address = recording.address ?? description.addresses[0]
        guard var reader = PartReader(part: name, at: address) else {
            throw CommandFailure(.failure, "no driver for \(name)")
        }
        var reading = PartReading()
        for _ in 0..<readings {
            do throws(SensorError) {
                try reader.read(on: recording.bus, clock: recording.clock, into: &reading)
            } catch {
                try fail(error)
            }
            show(reading)
        }
    }

    private func load() throws -> ReplayedBus {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try FileReader(file, as: .text).readAll(limit: I2CRecording.sizeLimit)
        } catch {
            throw CommandFailure(.noInput, error)
        }
        do throws(RecordingError) {
            return try ReplayedBus(json: bytes, name: file)
        } catch {
            throw CommandFailure(.dataError, "\(file):\(Sentence(of: error))")
        }
    }

    private func fail(_ error: SensorError) throws -> Never {
        guard format == .json else {
            guard error.kind == .notRecorded else { throw CommandFailure(.dataError, error) }
            throw CommandFailure(
                .dataError,
                "\(file): this is no recording of a \(part): it has no answer to what its driver asks. \(error.description)")
        }
        let bytes = JSONWriter.object { json in
            json.objectField("error") {
                $0.field("kind", error.kind.rawValue)
                $0.field("detail", error.detail)
            }
        }
        writeStandardOutput(String(decoding: bytes, as: UTF8.self) + "\n")
        throw CommandFailure(.dataError)
    }

    private func written(_ measurement: Measurement) -> Double {
        measurement.value.written(PartResolution.of(measurement.quantity, part: part.lowercased()).places)
    }

    private func show(_ reading: PartReading) {
        guard format == .json else {
            let given: [Sentence] = reading.given.map { "\($0.quantity.rawValue): \(written($0)) \($0.quantity.unit)" }
            let withheld: [Sentence] = reading.withheld.map { "\($0.quantity.rawValue): withheld, \($0.error)" }
            return writeStandardOutput((given + withheld).lines)
        }
        let bytes = JSONWriter.object { json in
            json.arrayField("measurements") { list in
                for measurement in reading.given {
                    list.objectElement {
                        $0.field("quantity", measurement.quantity.rawValue)
                        // Whole, for whoever judges the conversion.
                        $0.field("value", measurement.value)
                        $0.field("unit", measurement.quantity.unit)
                    }
                }
            }
            guard !reading.withheld.isEmpty else { return }
            json.arrayField("withheld") { list in
                for missing in reading.withheld {
                    list.objectElement {
                        $0.field("quantity", missing.quantity.rawValue)
                        $0.field("kind", missing.error.kind.rawValue)
                        $0.field("detail", missing.error.detail)
                    }
                }
            }
        }
        writeStandardOutput(String(decoding: bytes, as: UTF8.self) + "\n")
    }
}

import ArgumentParser
import Calibration
import NodeConfiguration
import NodeRuntime
import SensorCore

struct CalibrateRevertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revert", abstract: "Go back to the calibration before the present one.",
        discussion: """
            Writes a new dated record; nothing is deleted. Without an earlier record, what the configuration says holds again.

            Example:
              reallabor-node calibrate revert --sensor street-air --quantity temperature --by "M. Muster" \\
                --reason "reference was in the sun"
            """)

    @OptionGroup var place: CalibrationPlace

    @Option(help: "The sensor's name from the configuration.")
    var sensor: String

    @Option(help: "The quantity: temperature, humidity, pressure.")
    var quantity: String

    @Option(help: "Who does it.")
    var by: String

    @Option(help: "Why.")
    var reason: String

    func run() throws {
        guard let (plan, folder) = try place.files() else {
            // One line each; what the node would take for the next line must not be in them.
            let lines = [presentSecond().rfc3339, by, reason].map { $0.split(whereSeparator: \.isNewline).joined(separator: " ") }
            let payload = Array((lines.joined(separator: "\n") + "\n").utf8)
            writeStandardOutput(try place.ask("calibration-revert", [sensor, quantity], payload: payload))
            return
        }
        guard let planned = plan.buses.flatMap(\.sensors).first(where: { $0.name == sensor }) else {
            throw ValidationError(saying: "the configuration has no sensor \(sensor)")
        }
        guard let quantity = Quantity(rawValue: quantity) else {
            throw ValidationError(saying: "\(self.quantity) is no quantity; write for example temperature")
        }
        let now = presentSecond()
        let history = CalibrationHistory(folder.read().entries, of: plan)
        guard let change = history.wayBack(of: sensor, quantity, at: now) else {
            throw CommandFailure(
                .dataError, "\(sensor) \(quantity.rawValue): no calibration record is in force, so there is nothing to go back from")
        }
        let entry = CalibrationEntry(
            id: CalibrationEntry.id(sensor: sensor, quantity: quantity, at: now), node: plan.node, sensor: sensor,
            part: planned.part, quantity: quantity, performedAt: now, by: by, reference: reason, change: change)
        do {
            try folder.add(entry)
        } catch let faults as ConfigurationFaults {
            throw CommandFailure(.dataError, "the record would not be readable:\n\(faults)")
        } catch {
            throw CommandFailure(.failure, error)
        }
        say("\(entry.id): \(entry.changeText)")
    }
}

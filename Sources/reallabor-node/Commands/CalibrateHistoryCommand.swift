import ArgumentParser
import Calibration
import ReallaborMessages
import SensorCore

struct CalibrateHistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "List every calibration record with its standing.",
        discussion: """
            Reads the files; the node may run or not. Ends with 65 when a file cannot be used.

            Example:
              reallabor-node calibrate history --config /etc/reallabor-node/node.yaml --sensor street-air
            """)

    @OptionGroup var place: CalibrationPlace

    @Option(help: "Only the records of this sensor.")
    var sensor: String?

    @Flag(help: "One JSON object per record.")
    var json = false

    func run() throws {
        let (plan, folder) = try place.open()
        let content = folder.read()
        let history = CalibrationHistory(content.entries, of: plan)
        var shown = 0
        for (entry, standing) in zip(history.entries, history.standings(at: presentSecond())) {
            guard sensor == nil || entry.sensor == sensor else { continue }
            print(json ? entry.jsonLine(standing) : entry.line(standing))
            shown += 1
        }
        if shown == 0, !json { print("no calibration records in \(folder.path)") }
        if !content.faults.isEmpty { throw ExitReason.dataError.exit(content.faults.joined(separator: "\n")) }
    }
}

extension CalibrationEntry {
    /// In the words of the list: "raw + -0.3 Cel", "1.02 × raw + 0.1 Cel".
    var changeText: String {
        switch change {
        case .correct(.linear(let line)):
            "\(line.gain == 1 ? "" : "\(line.gain) × ")raw \(line.offset < 0 ? "−" : "+") "
                + "\(line.offset.magnitude) \(quantity.unit)"
        case .correct(.piecewise(let line)): "line through \(line.points.count) points"
        case .backTo(let id): "back to \(id)"
        case .factory: "back to the configuration"
        }
    }

    func line(_ standing: CalibrationStanding) -> String {
        "\(id)\n  \(performedAt.rfc3339)  \(by)\(place.map { ", \($0)" } ?? "")  \(sensor) \(quantity.rawValue)\n"
            + "  \(changeText)  (\(reference))\(expiresAt.map { "  until \($0.rfc3339)" } ?? "")\n  \(standing.word)"
    }

    func jsonLine(_ standing: CalibrationStanding) -> String {
        let bytes = JSONWriter.object { object in
            object.field("id", id)
            object.field("when", performedAt.rfc3339)
            object.field("by", by)
            object.field("where", place)
            object.field("sensor", sensor)
            object.field("part", part)
            object.field("serial", serial)
            object.field("quantity", quantity.rawValue)
            object.field("unit", quantity.unit)
            object.field("change", changeText)
            object.field("reference", reference)
            object.field("expires", expiresAt?.rfc3339)
            object.field("standing", standing.word)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

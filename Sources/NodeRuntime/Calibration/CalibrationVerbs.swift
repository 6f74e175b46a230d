package import Calibration
import ClimateDrivers
import ControlSocket
import JSONText
import NodeConfiguration
package import SensorCore

/// What the control socket can be asked and told about calibrations.
///
/// The verbs run on the control thread and work on the folder alone; the node loop finds there what they have added, as it
/// finds what was written by hand. Adding waits for the disk: rare, and only other clients wait with it.
struct CalibrationVerbs {
    let folder: CalibrationFolder
    let plan: NodePlan
    let clock: any NodeClock

    var all: [ControlVerb] {
        [
            ControlVerb(name: "calibration-list", usage: "text|json", argumentCount: 1) { request throws(ControlRefusal) in
                let list = CalibrationList(folder.read(), of: plan, at: clock.reading().utc)
                switch request.arguments[0] {
                case "text": return .body(Array(list.text.utf8))
                case "json": return .body(Array(list.json.utf8))
                default: throw ControlRefusal("wrong_form", ["known": .text("text, json")], "calibrations are given as text or json")
                }
            },
            // Asked before anybody waits for five minutes.
            ControlVerb(name: "calibration-context", usage: "SENSOR QUANTITY", argumentCount: 2, changes: true) {
                request throws(ControlRefusal) in
                .body(Array(try context(request.arguments[0], request.arguments[1]).lines.utf8))
            },
            ControlVerb(name: "calibration-add", usage: "ID", argumentCount: 1, takesPayload: true, changes: true) {
                request throws(ControlRefusal) in
                .body(Array(try add(request.payload, id: request.arguments[0]).utf8))
            },
            ControlVerb(name: "calibration-revert", usage: "SENSOR QUANTITY", argumentCount: 2, takesPayload: true, changes: true) {
                request throws(ControlRefusal) in
                .body(Array(try revert(request).utf8))
            },
        ]
    }

    private func context(_ name: String, _ quantityName: String) throws(ControlRefusal) -> CalibrationContext {
        let sensors = plan.calibratedSensors(ClimateParts.all)
        guard let sensor = sensors.first(where: { $0.name == name }) else {
            throw noSensor(name, among: sensors.map(\.name))
        }
        guard let quantity = sensor.quantities.first(where: { $0.rawValue == quantityName }) else {
            throw ControlRefusal(
                "no_quantity",
                ["sensor": .text(name), "part": .text(sensor.part), "known": .text(sensor.quantities.map(\.rawValue))],
                "\(name) is a \(sensor.part) and measures \(sensor.quantities.map(\.rawValue).joined(separator: ", "))")
        }
        return CalibrationContext(
            node: plan.node, sensor: name, part: sensor.part, quantity: quantity, utc: clock.reading().utc)
    }

    private func history() -> CalibrationHistory { CalibrationHistory(folder.read().entries, of: plan) }

    private func add(_ bytes: [UInt8], id: String) throws(ControlRefusal) -> String {
        let entry: CalibrationEntry
        do throws(ConfigurationFaults) {
            entry = try CalibrationEntry.parse(bytes, file: "the record", id: id)
        } catch {
            throw ControlRefusal(
                "record_malformed", ["id": .text(id)], Sentence.list(error.faults.map(\.sentence), separator: "; "))
        }
        return try keep(entry)
    }

    private func revert(_ request: ControlRequest) throws(ControlRefusal) -> String {
        let context = try context(request.arguments[0], request.arguments[1])
        let lines = String(decoding: request.payload, as: UTF8.self).split(separator: "\n").map(String.init)
        guard lines.count == 3, let moment = WallClockTime(wholeSecond: lines[0]) else {
            throw ControlRefusal(
                "wrong_payload", "calibration-revert takes three lines: the moment (2026-05-01T12:00:00Z), who, and why")
        }
        guard let change = history().wayBack(of: context.sensor, context.quantity, at: moment) else {
            throw ControlRefusal(
                "nothing_in_force", ["sensor": .text(context.sensor), "quantity": .text(context.quantity.rawValue)],
                """
                \(context.sensor) \(context.quantity.rawValue): no calibration record is in force, so there is nothing to go back from
                """)
        }
        return try keep(context.entry(at: moment, by: lines[1], reference: lines[2], change: change))
    }

    /// Refuses what would not be applied, so that nobody leaves the roadside believing it is.
    private func keep(_ entry: CalibrationEntry) throws(ControlRefusal) -> String {
        let present = folder.read()
        if present.entries.contains(where: { $0.id == entry.id }) {
            throw ControlRefusal(
                "record_exists", ["id": .text(entry.id)], "there is a record \(entry.id) already; wait a second and try again")
        }
        let history = CalibrationHistory(present.entries + [entry], of: plan)
        let standing = zip(history.entries, history.standings(at: clock.reading().utc)).first { $0.0.id == entry.id }?.1
        guard let standing, standing == .inForce else {
            let why = standing?.sentence ?? "unknown"
            throw ControlRefusal(
                "record_not_applied", ["id": .text(entry.id), "standing": standing.map { .text($0.code) }],
                "\(entry.id) would not be applied: \(why)")
        }
        do {
            try folder.add(entry)
        } catch {
            throw ControlRefusal("record_not_kept", ["id": .text(entry.id)], Sentence(of: error))
        }
        return "\(entry.id): \(entry.changeText)\n"
    }
}

/// What a record needs to know of the node it is made for; as lines for the client.
package struct CalibrationContext: Hashable {
    package var node: String
    package var sensor: String
    package var part: String
    package var quantity: Quantity
    /// nil while the node does not know the time.
    package var utc: WallClockTime?

    init(node: String, sensor: String, part: String, quantity: Quantity, utc: WallClockTime?) {
        self.node = node
        self.sensor = sensor
        self.part = part
        self.quantity = quantity
        self.utc = utc
    }

    var lines: String {
        "node \(node)\nsensor \(sensor)\npart \(part)\nquantity \(quantity.rawValue)\nunit \(quantity.unit)\n"
            + "clock \(utc == nil ? "unsynchronised" : "synchronised")\n"
    }

    /// As `lines`; nil for anything else.
    package init?(lines: String, utc: WallClockTime) {
        var fields: [String: String] = [:]
        for line in lines.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 1).map(String.init)
            if words.count == 2 { fields[words[0]] = words[1] }
        }
        guard let node = fields["node"], let sensor = fields["sensor"], let part = fields["part"],
            let quantity = fields["quantity"].flatMap(Quantity.init(rawValue:)), let clock = fields["clock"]
        else { return nil }
        self.init(
            node: node, sensor: sensor, part: part, quantity: quantity, utc: clock == "synchronised" ? utc : nil)
    }

    package func entry(
        at moment: WallClockTime, by: String, place: String? = nil, reference: String, expiresAt: WallClockTime? = nil,
        change: CalibrationEntry.Change
    ) -> CalibrationEntry {
        CalibrationEntry(
            id: CalibrationEntry.id(sensor: sensor, quantity: quantity, at: moment), node: node, sensor: sensor, part: part,
            quantity: quantity, performedAt: moment, by: by, place: place, reference: reference, expiresAt: expiresAt,
            change: change)
    }
}

/// A folder's records with their standing, and the files that are none.
package struct CalibrationList {
    package let items: [(entry: CalibrationEntry, standing: CalibrationStanding)]
    package let faults: [String]

    package init(_ content: CalibrationFolder.Content, of plan: NodePlan, at utc: WallClockTime?, sensor: String? = nil) {
        let history = CalibrationHistory(content.entries, of: plan)
        items = zip(history.entries, history.standings(at: utc)).filter { sensor == nil || $0.0.sensor == sensor }
            .map { (entry: $0.0, standing: $0.1) }
        faults = content.faults
    }

    package var text: String {
        let lines = items.map { $0.entry.line($0.standing) } + faults.map { "not applied: \($0)" }
        return (lines.isEmpty ? "no calibration records" : lines.joined(separator: "\n")) + "\n"
    }

    package var json: String {
        let bytes = JSONWriter.object { list in
            list.arrayField("records") { records in
                for item in items { records.objectElement { item.entry.write(item.standing, to: &$0) } }
            }
            list.arrayField("broken") { broken in for fault in faults { broken.objectElement { $0.field("fault", fault) } } }
        }
        return String(decoding: bytes, as: UTF8.self) + "\n"
    }
}

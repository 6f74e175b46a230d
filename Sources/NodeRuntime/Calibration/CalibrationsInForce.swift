package import Calibration
import ClimateDrivers
import SensorCore

/// Keeps a running node to its folder of calibrations: new files, expiry and time coming in all change what holds.
///
/// Belongs to the node loop, which asks at every tick.
struct CalibrationsInForce {
    private let folder: CalibrationFolder
    private let node: String
    private let sensors: [CalibratedSensor]
    private let log: any EventLog
    private var version: CalibrationFolder.FolderVersion?
    private var hasSettled = false
    private var history: CalibrationHistory
    private(set) var faults: [String] = []
    private var told: Set<String> = []
    private var given: [String: [CalibrationRecord]]

    init(folder: CalibrationFolder, plan: NodePlan, parts: [PartDescription] = ClimateParts.all, log: any EventLog) {
        self.folder = folder
        node = plan.node
        sensors = plan.calibratedSensors(parts)
        self.log = log
        history = CalibrationHistory([], node: node, sensors: sensors)
        given = history.inForce(at: nil)
    }

    /// The corrections by sensor, when they are others than at the last call. `utc` is nil while unknown.
    mutating func check(_ utc: WallClockTime?) -> [String: [CalibrationRecord]]? {
        readIfChanged()
        for (entry, standing) in zip(history.entries, history.standings(at: utc)) {
            switch standing {
            case .inForce, .superseded: break
            default: tell("calibration \(entry.id): \(standing.word)")
            }
        }
        let holds = history.inForce(at: utc)
        guard holds != given else { return nil }
        for (sensor, records) in holds.sorted(by: { $0.key < $1.key }) where records != given[sensor] {
            let ids = records.map { "\($0.quantity.rawValue) by \($0.id)" }.joined(separator: ", ")
            log.log(.notice, "\(sensor): from the next interval corrected: \(ids.isEmpty ? "nothing" : ids)")
        }
        given = holds
        return holds
    }

    /// Every entry with what is to be said of it, for status.
    func standings(at utc: WallClockTime?) -> [(entry: CalibrationEntry, standing: CalibrationStanding)] {
        Array(zip(history.entries, history.standings(at: utc))).map { (entry: $0.0, standing: $0.1) }
    }

    /// Once more after each change: two files that come within the same tick of the file system's clock leave the
    /// folder with the same time.
    private mutating func readIfChanged() {
        let present = folder.version()
        if present == version, hasSettled { return }
        hasSettled = present == version
        version = present
        let content = folder.read()
        history = CalibrationHistory(content.entries, node: node, sensors: sensors)
        faults = content.faults
        for fault in faults { tell("not applied: \(fault)") }
    }

    private mutating func tell(_ message: String) {
        if told.insert(message).inserted { log.log(.warning, message) }
    }
}

extension NodePlan {
    /// The sensors as far as calibrations go; a part that is not among `parts` measures nothing.
    func calibratedSensors(_ parts: [PartDescription]) -> [CalibratedSensor] {
        buses.flatMap(\.sensors).map { sensor in
            CalibratedSensor(
                name: sensor.name, part: sensor.part,
                quantities: parts.first { $0.name == sensor.part }?.quantities ?? [], factory: sensor.corrections)
        }
    }
}

extension CalibrationHistory {
    package init(_ entries: [CalibrationEntry], of plan: NodePlan) {
        self.init(entries, node: plan.node, sensors: plan.calibratedSensors(ClimateParts.all))
    }
}

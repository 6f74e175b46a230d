public import SensorCore

/// What a node has to say about one entry.
public enum CalibrationStanding: Hashable, Sendable, SentenceConvertible {
    case inForce
    case superseded(by: String)
    /// It would be in force; its values go out uncorrected until somebody calibrates anew.
    case expired
    /// Not for this node, or not for a sensor it has; with the reason.
    case foreign(Sentence)
    /// Dated after the node's present: one of the two clocks was wrong.
    case fromTheFuture
    /// It goes back to an entry that is not there.
    case dangling(to: String)

    public var isSuperseded: Bool {
        if case .superseded = self { true } else { false }
    }

    /// As status and history say it.
    public var sentence: Sentence {
        switch self {
        case .inForce: "in force"
        case .superseded(let id): "superseded by \(id)"
        case .expired: "expired: values go out uncorrected"
        case .foreign(let reason): "foreign: \(reason)"
        case .fromTheFuture: "dated in the future: not applied"
        case .dangling(let id): "goes back to \(id), which is not there: not applied"
        }
    }

    /// `sentence` in English.
    public var word: String { sentence.text(in: .english) }

    /// For programs.
    public var code: String {
        switch self {
        case .inForce: "in_force"
        case .superseded: "superseded"
        case .expired: "expired"
        case .foreign: "foreign"
        case .fromTheFuture: "from_the_future"
        case .dangling: "dangling"
        }
    }
}

/// A sensor as far as its calibrations go.
public struct CalibratedSensor: Hashable, Sendable {
    public var name: String
    public var part: String
    public var quantities: [Quantity]
    /// The configuration's corrections: they hold where no entry does.
    public var factory: [CalibrationRecord]

    public init(name: String, part: String, quantities: [Quantity], factory: [CalibrationRecord]) {
        self.name = name
        self.part = part
        self.quantities = quantities
        self.factory = factory
    }
}

/// All entries of a node's folder, and what follows from them at a moment.
///
/// In force for a sensor's quantity is the newest entry that is neither foreign, dangling nor from the future; of two
/// of the same moment the one whose id sorts last. When that one has expired, nothing corrects: an older comparison
/// is no better than an expired one.
///
/// While UTC is not known, neither expiry nor future can be judged, and entries hold: otherwise each boot of a node
/// without a battery clock would change the numbers until time comes in.
public struct CalibrationHistory: Hashable, Sendable {
    /// Oldest first.
    public let entries: [CalibrationEntry]
    private let node: String
    private let sensors: [CalibratedSensor]

    public init(_ entries: [CalibrationEntry], node: String, sensors: [CalibratedSensor]) {
        self.entries = entries.sorted { ($0.performedAt, $0.id) < ($1.performedAt, $1.id) }
        self.node = node
        self.sensors = sensors
    }

    /// One per entry, in their order. `utc` is nil while unknown.
    public func standings(at utc: WallClockTime?) -> [CalibrationStanding] {
        entries.map { entry in
            if let fault = fault(of: entry, at: utc) { return fault }
            guard let newest = newest(of: entry.sensor, entry.quantity, at: utc), newest.id == entry.id else {
                let newer = newest(of: entry.sensor, entry.quantity, at: utc)
                return .superseded(by: newer?.id ?? "")
            }
            return isExpired(entry, at: utc) ? .expired : .inForce
        }
    }

    /// What corrects each quantity of `sensor`; a quantity without a correction is missing.
    public func inForce(for sensor: CalibratedSensor, at utc: WallClockTime?) -> [CalibrationRecord] {
        sensor.quantities.compactMap { quantity in
            let factory = sensor.factory.first { $0.quantity == quantity }
            guard let entry = newest(of: sensor.name, quantity, at: utc) else { return factory }
            if isExpired(entry, at: utc) { return nil }
            guard let source = source(of: entry), case .correct(let correction) = source.change else { return factory }
            return CalibrationRecord(source, correction)
        }
    }

    /// By sensor name, for every sensor of the node.
    public func inForce(at utc: WallClockTime?) -> [String: [CalibrationRecord]] {
        Dictionary(sensors.map { ($0.name, inForce(for: $0, at: utc)) }, uniquingKeysWith: { first, _ in first })
    }

    /// What a new entry must say to undo the present one; nil when no entry corrects the quantity.
    public func wayBack(of sensor: String, _ quantity: Quantity, at utc: WallClockTime?) -> CalibrationEntry.Change? {
        guard let present = newest(of: sensor, quantity, at: utc).flatMap(source) else { return nil }
        let earlier = entries.last {
            guard case .correct = $0.change, $0.sensor == sensor, $0.quantity == quantity else { return false }
            return ($0.performedAt, $0.id) < (present.performedAt, present.id) && fault(of: $0, at: utc) == nil
        }
        return earlier.map { .backTo(id: $0.id) } ?? .factory
    }

    private func newest(of sensor: String, _ quantity: Quantity, at utc: WallClockTime?) -> CalibrationEntry? {
        entries.last { $0.sensor == sensor && $0.quantity == quantity && fault(of: $0, at: utc) == nil }
    }

    /// The entry that holds the correction; nil for a way back to the configuration.
    private func source(of entry: CalibrationEntry) -> CalibrationEntry? {
        switch entry.change {
        case .correct: entry
        case .factory: nil
        case .backTo(let id):
            entries.first {
                guard case .correct = $0.change else { return false }
                return $0.id == id && $0.sensor == entry.sensor && $0.quantity == entry.quantity
                    && $0.performedAt <= entry.performedAt && foreign($0) == nil
            }
        }
    }

    private func isExpired(_ entry: CalibrationEntry, at utc: WallClockTime?) -> Bool {
        guard let utc else { return false }
        return [entry.expiresAt, source(of: entry)?.expiresAt].contains { end in end.map { utc >= $0 } ?? false }
    }

    private func fault(of entry: CalibrationEntry, at utc: WallClockTime?) -> CalibrationStanding? {
        if let reason = foreign(entry) { return .foreign(reason) }
        if case .backTo(let id) = entry.change, source(of: entry) == nil { return .dangling(to: id) }
        if let utc, entry.performedAt > utc { return .fromTheFuture }
        return nil
    }

    private func foreign(_ entry: CalibrationEntry) -> Sentence? {
        if entry.node != node { return "made for the node \(entry.node), this is \(node)" }
        guard let sensor = sensors.first(where: { $0.name == entry.sensor }) else {
            return "the configuration has no sensor \(entry.sensor)"
        }
        if sensor.part != entry.part { return "made for a \(entry.part), \(entry.sensor) is a \(sensor.part)" }
        if !sensor.quantities.contains(entry.quantity) {
            return "a \(sensor.part) does not measure \(entry.quantity.rawValue)"
        }
        return nil
    }
}

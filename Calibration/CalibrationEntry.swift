public import SensorCore

/// One dated record of a node's calibrations: written once, never edited. What it undoes stays readable.
public struct CalibrationEntry: Hashable, Sendable {
    /// What the entry does from `performedAt` on.
    public enum Change: Hashable, Sendable {
        case correct(Correction)
        /// Back to the correction of an earlier entry of the same sensor and quantity.
        case backTo(id: String)
        /// Back to what the node's configuration says.
        case factory
    }

    /// 1 to 128 of a-z, 0-9 and '-'; the name of its file.
    public var id: String
    /// The node it was made for.
    public var node: String
    public var sensor: String
    /// As the configuration names it: "bme280".
    public var part: String
    /// nil where the part has none that can be read off.
    public var serial: String?
    public var quantity: Quantity
    public var performedAt: WallClockTime
    /// Who did it.
    public var by: String
    /// Where: at the site, or in which laboratory.
    public var place: String?
    /// What it was compared with, "Testo 625 no. 123"; for a way back, why.
    public var reference: String
    /// The first moment at which it no longer holds; nil when it holds until replaced.
    public var expiresAt: WallClockTime?
    public var change: Change

    public init(
        id: String, node: String, sensor: String, part: String, serial: String? = nil, quantity: Quantity,
        performedAt: WallClockTime, by: String, place: String? = nil, reference: String,
        expiresAt: WallClockTime? = nil, change: Change
    ) {
        self.id = id
        self.node = node
        self.sensor = sensor
        self.part = part
        self.serial = serial
        self.quantity = quantity
        self.performedAt = performedAt
        self.by = by
        self.place = place
        self.reference = reference
        self.expiresAt = expiresAt
        self.change = change
    }

    /// "street-air-temperature-20260501t120000z": one per sensor, quantity and second.
    public static func id(sensor: String, quantity: Quantity, at moment: WallClockTime) -> String {
        let whole = String(moment.rfc3339.prefix(19)).filter { $0 != "-" && $0 != ":" }.lowercased()
        return "\(sensor)-\(quantity.rawValue.map { $0 == "_" ? "-" : String($0) }.joined())-\(whole)z"
    }
}

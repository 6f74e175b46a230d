/// What makes a hard street hard, each by itself, so that an error can be traced to its cause. docs/street.md says what each does
/// and where its figures come from.
///
/// A switch changes only its own thing: everything else is drawn from streams of its own and stays as it is without it.
public struct HardPhysics: OptionSet, Hashable, Sendable {
    public var rawValue: UInt64

    public init(rawValue: UInt64) { self.rawValue = rawValue }

    private init(bit: Int) { rawValue = 1 << UInt64(bit) }

    // Beams
    /// People have two legs, of which one stands and one swings.
    public static let legs = HardPhysics(bit: 0)
    /// Wheels have spokes, frames have tubes, cyclists have feet.
    public static let spokes = HardPhysics(bit: 1)
    /// Cargo bicycles, trailers, prams, dogs.
    public static let loads = HardPhysics(bit: 2)
    /// Two or three behind each other, 0.35 to 0.6 s apart.
    public static let groups = HardPhysics(bit: 3)
    /// Two beside each other.
    public static let abreast = HardPhysics(bit: 4)
    /// Two from both sides, who are at the beams, the tubes or the radar at the same time.
    public static let meetings = HardPhysics(bit: 5)
    /// Beams that are not square to the way nor parallel to each other.
    public static let tilt = HardPhysics(bit: 6)
    /// The moment at which a sensor switches varies.
    public static let jitter = HardPhysics(bit: 7)

    // Tubes
    /// Motorcycles, trailers, buses and lorries of three to five axles.
    public static let fleet = HardPhysics(bit: 8)
    /// A light axle moves only one of the two tubes.
    public static let missedAxles = HardPhysics(bit: 9)
    /// A pressure wave comes back from the tube's end.
    public static let echoes = HardPhysics(bit: 10)
    /// Speed changes while somebody passes; also before a radar.
    public static let acceleration = HardPhysics(bit: 11)
    /// Somebody stands on the tubes.
    public static let stops = HardPhysics(bit: 12)
    /// Motor vehicles that follow 0.7 to 1.5 s behind; also before a radar.
    public static let followers = HardPhysics(bit: 13)

    // Radar
    /// A real module's antenna in place of one of 22 degrees.
    public static let antenna = HardPhysics(bit: 14)
    /// Several reflecting points to each vehicle.
    public static let scatterers = HardPhysics(bit: 15)
    /// The road's reflection beside the direct way.
    public static let ground = HardPhysics(bit: 16)
    /// Drops before the antenna.
    public static let rain = HardPhysics(bit: 17)
    /// A tree that moves in the wind.
    public static let gusts = HardPhysics(bit: 18)
    /// The comparator's threshold wanders.
    public static let drift = HardPhysics(bit: 19)
    /// Lamps flicker at 100 Hz.
    public static let flicker = HardPhysics(bit: 20)
    /// Nobody keeps to the middle of the lane.
    public static let lateral = HardPhysics(bit: 21)
    /// A second lane for those who go away.
    public static let lanes = HardPhysics(bit: 22)
    /// Arms, legs and pedals move beside the body.
    public static let limbs = HardPhysics(bit: 23)

    // Contacts
    /// Magnets with two poles: the contact opens for 10 to 25 ms between them.
    public static let doublePole = HardPhysics(bit: 24)
    /// Reeds that bounce for up to 20 ms.
    public static let corrosion = HardPhysics(bit: 25)
    /// A closed contact that opens for some milliseconds.
    public static let dropOuts = HardPhysics(bit: 26)
    /// A contact that stays closed for minutes.
    public static let parking = HardPhysics(bit: 27)
    /// Wind rattles the contact while nobody is there.
    public static let chatter = HardPhysics(bit: 28)
    /// A rain gauge's bucket that rebounds.
    public static let rebound = HardPhysics(bit: 29)

    public static let all = HardPhysics(rawValue: (1 << 30) - 1)

    /// Each switch and its name on the command line.
    public static let named: [(name: String, physics: HardPhysics)] = [
        ("legs", .legs), ("spokes", .spokes), ("loads", .loads), ("groups", .groups), ("abreast", .abreast), ("meetings", .meetings),
        ("tilt", .tilt), ("jitter", .jitter), ("fleet", .fleet), ("missed-axles", .missedAxles), ("echoes", .echoes),
        ("acceleration", .acceleration), ("stops", .stops), ("followers", .followers), ("antenna", .antenna), ("scatterers", .scatterers),
        ("ground", .ground), ("rain", .rain), ("gusts", .gusts), ("drift", .drift), ("flicker", .flicker), ("lateral", .lateral),
        ("lanes", .lanes), ("limbs", .limbs), ("double-pole", .doublePole), ("corrosion", .corrosion), ("drop-outs", .dropOuts),
        ("parking", .parking), ("chatter", .chatter), ("rebound", .rebound),
    ]

    /// "all", "none", "legs,spokes" or "all,-legs"; nil when a name is not known.
    public init?(names: String) {
        var physics: HardPhysics = names.hasPrefix("-") ? .all : []
        for part in names.split(separator: ",") {
            let isWithout = part.hasPrefix("-")
            let name = isWithout ? part.dropFirst() : part[...]
            guard let found = Self.cause(String(name)) else { return nil }
            if isWithout { physics.subtract(found) } else { physics.formUnion(found) }
        }
        self = physics
    }

    private static func cause(_ name: String) -> HardPhysics? {
        switch name {
        case "all": .all
        case "none": []
        default: named.first { $0.name == name }?.physics
        }
    }
}

/// Bicycles, what is drawn or pushed, and dogs. Lengths in m, speeds in m/s.
public enum CycleParameters {
    /// Schleinitz, Petzoldt, Franke-Bartholdt, Krems, Gehlert, "The German Naturalistic Cycling Study", Safety Science 92, 2017: pedelecs ride
    /// 2 km/h and S-pedelecs 9 km/h faster than others. Their means are of whole trips with stops at 15 km/h; that it is 17 km/h on the free
    /// way, and the deviation, are assumptions.
    public static let speed = Spread.normal(4.7, 1.0, within: 2.2...8.5)
    public static let pedelec = (share: 0.25, faster: 2 / 3.6)
    public static let speedPedelec = (share: 0.03, faster: 9 / 3.6)
    /// Assumption.
    public static let cargoSpeed = Spread.normal(4.4, 0.8, within: 2.2...7)

    /// Wheels by ETRTO (ISO 5775): 559 to 622 mm rim and a tyre of 28 to 50 mm.
    public static let wheelRadius = Spread.uniform(0.325, 0.36)
    public static let smallWheelRadius = Spread.uniform(0.24, 0.27)
    /// Tyre and rim from outside to inside: 28 to 50 mm and 20 to 25 mm.
    public static let rimDepth = Spread.uniform(0.05, 0.072)
    /// Geometry sheets of city and trekking bicycles.
    public static let wheelbase = Spread.uniform(1.00, 1.16)
    public static let chainStay = Spread.uniform(0.42, 0.48)
    /// ISO 4210 and practice: 28, 32 or 36 spokes of 2.0 mm.
    public static let spokes = [28, 32, 36]
    public static let spokeThickness = 0.002
    /// Hub with its flanges.
    public static let hubRadius = Spread.uniform(0.015, 0.03)
    /// Bottom bracket above the ground, crank, chain ring of 38 to 48 teeth.
    public static let bracketHeight = Spread.uniform(0.27, 0.30)
    public static let crank = 0.17
    public static let ringRadius = Spread.uniform(0.075, 0.098)
    /// In Hz: 60 to 80 turns a minute (assumption); one in five rolls.
    public static let cadence = Spread.uniform(0.9, 1.4)
    public static let coastingShare = 0.2
    public static let tube = 0.035

    /// Front-loaders ("Long John"): makers' sheets give 1.8 to 2.05 m of wheelbase and a 20 inch front wheel. Assumption: the box's length.
    public static let cargoWheelbase = Spread.uniform(1.80, 2.05)
    public static let cargoBox = Spread.uniform(0.65, 1.0)
    /// Child trailers (EN 15918): 16 to 20 inch wheels, axle 0.85 to 1.15 m behind the rear hub, body about 0.8 m. Assumption: the spread.
    public static let trailerAxle = Spread.uniform(0.85, 1.15)
    public static let trailerBody = Spread.uniform(0.65, 0.95)
    /// Prams: makers give 0.85 to 1.1 m with the handle; wheels and basket lie between 0.1 and 0.45 m. Who pushes walks behind at arm's length
    /// (assumption).
    public static let pram = Spread.uniform(0.65, 0.9)
    public static let pramGap = Spread.uniform(0.1, 0.35)
    /// Dogs from withers of 0.35 to 0.65 m, beside, before or behind whoever leads them (assumption).
    public static let dog = Spread.uniform(0.4, 0.85)
    public static let dogPlace = Spread.uniform(-1.2, 1.2)
}

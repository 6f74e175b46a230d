/// Axles of what drives in Europe, as spacings from front to rear in m, and its speed in m/s.
///
/// Car, van and bus wheelbases are makers' data; spacings of lorries follow from Council Directive 96/53/EC (12 m rigid, 16.5 m
/// articulated, bogies of 1.3 to 1.8 m, triple axles of 1.3 to 1.4 m) and body builders' guides for 8x4 tippers. FHWA-HRT-13-091 (2014)
/// compares ten rule sets in America; its tandems are as wide, its tractors longer, so that no figure is taken from there.
public enum FleetParameters {
    public struct Vehicle: Hashable, Sendable {
        public var name: String
        public var share: Double
        public var spacings: [Spread]
        /// These axles press a tube weakly: of trailers and two-wheelers.
        public var lightAxles: Set<Int>
        /// Does not need the switch `fleet`.
        public var isPlain: Bool

        init(_ name: String, _ share: Double, _ spacings: [Spread], light: Set<Int> = [], isPlain: Bool = false) {
            self.name = name
            self.share = share
            self.spacings = spacings
            lightAxles = light
            self.isPlain = isPlain
        }
    }

    private static let bogie = Spread.uniform(1.30, 1.40)

    /// Shares of vehicles (assumption: an urban main road, with what is rare made frequent enough to be measured).
    public static let vehicles: [Vehicle] = [
        // From 2.30 m (small cars) to 2.95 m (large estates).
        Vehicle("car", 0.46, [.normal(2.63, 0.12, within: 2.30...2.97)], isPlain: true),
        // From 3.10 to 4.33 m; short delivery vans have a car's wheelbase and are left out.
        Vehicle("van", 0.10, [.uniform(3.20, 3.90)], isPlain: true),
        Vehicle("lorry-2", 0.05, [.uniform(4.2, 6.2)], isPlain: true),
        Vehicle("bike", 0.07, [CycleParameters.wheelbase], light: [0, 1], isPlain: true),
        // Scooters 1.25 m to touring machines 1.65 m.
        Vehicle("motorcycle", 0.05, [.uniform(1.25, 1.65)], light: [0, 1]),
        // Tow bar to axle: 2.3 to 4.5 m behind the rear axle.
        Vehicle("car-trailer", 0.04, [.normal(2.70, 0.12, within: 2.45...2.97), .uniform(2.6, 4.6)], light: [2]),
        Vehicle("car-tandem", 0.02, [.normal(2.75, 0.12, within: 2.55...2.97), .uniform(3.0, 4.8), .uniform(0.65, 0.9)], light: [2, 3]),
        // Solo city bus 5.8 to 6.1 m; articulated with 6.0 to 6.8 m behind it.
        Vehicle("bus", 0.04, [.uniform(5.7, 6.2)]),
        Vehicle("bus-articulated", 0.02, [.uniform(5.2, 6.0), .uniform(6.0, 6.9)]),
        Vehicle("lorry-3", 0.03, [.uniform(3.6, 5.1), bogie]),
        // Steered axles 1.79 to 2.15 m apart, 2.5 to 3.5 m to a bogie of 1.35 to 1.45 m.
        Vehicle("lorry-8x4", 0.03, [.uniform(1.79, 2.15), .uniform(2.5, 3.6), .uniform(1.35, 1.45)]),
        Vehicle("artic-4", 0.02, [.uniform(3.5, 3.9), .uniform(5.0, 6.8), bogie]),
        Vehicle("artic-5", 0.03, [.uniform(3.5, 3.9), .uniform(4.3, 6.0), .uniform(1.30, 1.36), .uniform(1.30, 1.36)]),
        Vehicle("bike-trailer", 0.04, [CycleParameters.wheelbase, CycleParameters.trailerAxle], light: [0, 1, 2]),
    ]

    /// Urban 50 km/h; assumption of mean and deviation.
    public static let speed = Spread.normal(13.0, 1.9, within: 7...20)
    public static let heavySpeed = Spread.normal(11.8, 1.5, within: 7...16)

    /// Mid-block, in m/s². SHRP 2's 34.5 million miles have epochs beyond 3 m/s² many times rarer than usual ones (Ali, "Characterizing human
    /// driving behavior", Virginia Tech 2023); that a vehicle which is counted mid-block has 0.7 and at most 2 is an assumption.
    public static let acceleration = Spread.normal(0, 0.7, within: -2...2)
    public static let cyclingAcceleration = Spread.normal(0, 0.25, within: -0.8...0.8)
    /// Lorries: a third of a car's (assumption).
    public static let heavyAcceleration = Spread.normal(0, 0.4, within: -1.2...0.9)

    /// Front to front, in s. Headways of drivers who follow begin at about 0.2 s (two-parameter fits to FHWA's aerial data) and are often
    /// below 1.5 s in towns (Vogel, Accident Analysis and Prevention 35, 2003). The bounds are an assumption.
    public static let followingHeadway = Spread.uniform(0.8, 1.5)
}

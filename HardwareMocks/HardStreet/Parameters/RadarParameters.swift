/// A module on its pole and what reflects before it. Lengths in m.
public enum RadarParameters {
    /// Makers and docs/detectors.md: beside the road, looking along it.
    public static let height = Spread.uniform(1.8, 3.0)
    public static let azimuth = Spread.uniform(20, 40)
    public static let tilt = Spread.uniform(2, 8)
    /// Middles of lanes of 3 to 3.5 m (RASt 06) behind a kerb and a footway.
    public static let nearLane = Spread.uniform(3.2, 4.5)
    public static let laneWidth = 3.25
    public static let lateralSpread = 0.6

    /// Radar cross sections in m². Cars above 50 m² and a person about 1 m² (RFbeam K-LC5 data sheet, "very inaccurate"); people at 24 GHz -7 to
    /// 0 dBsm (Fortuny-Guasch and Chareau, "Radar cross section measurements of pedestrian dummies and humans in the 24/77 GHz frequency
    /// bands", JRC EUR 25762 EN, 2013); vehicles 26 GHz: Matsunami, Nakamura, Kajiwara, ICSPCS 2012. Bicycles 1 to 3 m² (assumption).
    public static let personSection = Spread.uniform(0.2, 1.0)
    public static let bikeSection = Spread.uniform(0.8, 3.0)
    public static let carSection = Spread.uniform(8, 50)
    public static let lorrySection = Spread.uniform(20, 120)
    /// Height of a body's reflecting points.
    public static let personHeight = Spread.uniform(0.8, 1.2)
    public static let carHeight = Spread.uniform(0.4, 0.9)
    public static let lorryHeight = Spread.uniform(0.5, 1.8)

    /// Asphalt's permittivity at K band (Brunett, Aryanfar, Entesari, Yang, "The effects of ground permittivity and surface roughness on
    /// multi-path measurements at K-band", AP-S 2003: Fresnel with a roughness factor fits); values by assumption within dry asphalt's usual ones.
    public static let permittivity = Spread.uniform(3.5, 6)
    /// Of the surface, standard deviation in m (assumption for worn asphalt).
    public static let roughness = Spread.uniform(0.0005, 0.002)

    /// Drops per second that pass within 3 m of the antenna (assumption), diameters of 0.5 to 3 mm, terminal velocities of Gunn and Kinzer
    /// (J. Meteorology 6, 1949) as 9.65 - 10.3 · exp(-0.6 · D) (Atlas, Srivastava, Sekhon 1973). Echo of a drop by Rayleigh's formula.
    public static let dropsPerSecond = Spread.uniform(30, 150)
    public static let dropDiameter = Spread.uniform(0.5, 3)

    /// A tree's twigs that answer the wind: 0.2 to 2 Hz and some centimetres (assumption after dynamics of young trees), 0.1 to 1.5 m² in all.
    public static let treeDistance = Spread.uniform(6, 20)
    public static let treeSection = Spread.uniform(0.1, 1.5)
    public static let twigSwing = Spread.uniform(0.01, 0.08)
    public static let twigRate = Spread.uniform(0.3, 2)

    /// Standard deviation of the threshold's slow wander against the noise (assumption), and its time in s.
    public static let drift = 0.35
    public static let driftTime = 20.0
    /// AgilSense HB170 manual: fluorescent lamps give 100 Hz near a walker's frequency. Amplitude against the noise: assumption.
    public static let flicker = Spread.uniform(0.4, 1.5)
    /// Half the distance between the comparator's thresholds, against the noise (assumption).
    public static let hysteresis = Spread.uniform(0.9, 1.6)
    /// RFbeam: I and Q differ by 3 dB and 80 to 100 degrees at worst.
    public static let gainImbalance = Spread.uniform(-0.15, 0.15)
    public static let phaseImbalance = Spread.uniform(-10, 10)

    /// Who comes (assumption) and which of it more than one.
    public static let shares: [(kind: String, share: Double)] = [
        ("car", 0.40), ("lorry", 0.08), ("bike", 0.20), ("walker", 0.14), ("following", 0.10), ("meeting", 0.08),
    ]
    /// Assumption.
    public static let meetingOffset = Spread.uniform(-0.8, 0.8)
}

/// How people walk, as far as a beam at 20 to 45 cm sees it. Lengths in m, speeds in m/s.
public enum GaitParameters {
    /// Weidmann, "Transporttechnik der Fussgänger" (ETH Zürich, IVT 90, 1993): 1.34 m/s, deviation 0.26.
    public static let walkingSpeed = Spread.normal(1.34, 0.26, within: 0.6...2.1)
    /// Assumption: who runs, and how fast.
    public static let runnersShare = 0.04
    public static let runningSpeed = Spread.uniform(2.3, 3.6)
    /// Adults; assumption of its spread.
    public static let height = Spread.normal(1.72, 0.10, within: 1.45...1.98)

    /// Stance as a share of the gait cycle: 64.2 % - 3.5 % · speed (Kirtley, Whittle, Jefferson, "Influence of walking speed on gait
    /// parameters", J. Biomed. Eng. 7, 1985). Both feet stand for twice that less the whole: 19 % at 1.34 m/s. A runner's is below one half
    /// (assumption: 0.38).
    public static func stance(at speed: Double) -> Double { speed > 2.2 ? 0.38 : 0.642 - 0.035 * speed }

    /// Stride, both steps: proportional to speed to the power of 0.42 (Grieve, "Gait patterns and the speed of walking", Biomed. Eng. 3,
    /// 1968), 1.44 m at 1.37 m/s for an adult (Perry, "Gait Analysis", 1992), in proportion to the body's height.
    public static let strideExponent = 0.42
    public static let strideReference = (length: 1.44, speed: 1.37, height: 1.72)

    /// Segments as shares of the body's height: Drillis and Contini, "Body segment parameters" (NYU 1166-03, 1966), as in Winter,
    /// "Biomechanics and Motor Control of Human Movement", table 4.1.
    public static let thigh = 0.245
    public static let shank = 0.246
    public static let ankleHeight = 0.039
    public static let foot = 0.152

    /// The heel begins to rise before the toes leave: from this share of the stance on (Perry: terminal stance from 30 % of the cycle, heel
    /// off before 50 %).
    public static let heelRise = 0.72
    /// How high the ankle is lifted in early swing, as a share of the body's height; Winter, "Foot trajectory in human gait", Phys. Ther. 72,
    /// 1992, has the heel at about a quarter of a metre. Spread by assumption.
    public static let ankleLift = Spread.uniform(0.10, 0.14)
    /// Of the shank in the direction of walking, with trousers: calf girth 0.33 to 0.42 m is 0.11 to 0.13 m of depth (assumption: round).
    public static let shankDepth = Spread.uniform(0.10, 0.15)
    /// Long coats and skirts, which hide the legs (assumption).
    public static let coatShare = 0.04

    /// What the independent street has for people: walls of this depth, as the body is at the hip.
    public static let rigidDepth = Spread.uniform(0.22, 0.45)
}

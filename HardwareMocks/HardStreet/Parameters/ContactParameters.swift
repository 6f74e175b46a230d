/// A contact that closes for each passage, and a rain gauge's. Times in s.
public enum ContactParameters {
    public static let hold = Spread.uniform(0.04, 0.12)
    /// Ganssle, "A guide to debouncing" (2008): 16 of 18 switches bounced 1.56 ms on average and at most 6.2 ms.
    public static let bounce = (mean: 0.001557, longest: 0.0062, pairs: 12)
    /// Ganssle's outliers reach 11.3 ms on closing and 157 ms on opening; that corroded reeds bounce 6 to 20 ms is an assumption.
    public static let corrodedBounce = Spread.uniform(0.006, 0.020)
    public static let corrodedPairs = 20
    /// Assumption: two poles 1 to 2 cm apart at 0.8 m/s.
    public static let poleGap = Spread.uniform(0.010, 0.025)
    /// A closed contact that opens (assumption: bridges on a road, dust).
    public static let dropOut = Spread.uniform(0.0005, 0.006)
    public static let parked = Spread.uniform(20, 240)
    /// Wind: 6 to 15 closures a second of 0.3 to 12 ms (assumption).
    public static let chatterRate = Spread.uniform(6, 15)
    public static let chatterPulse = Spread.uniform(0.0003, 0.012)
    public static let chatterLength = Spread.uniform(0.5, 4)
    public static let shares: [(situation: String, share: Double)] = [
        ("plain", 0.70), ("double-pole", 0.09), ("corroded", 0.09), ("drop-out", 0.09), ("parked", 0.01), ("chatter", 0.02),
    ]

    /// Tips of a rain gauge: 0.2794 mm each; a reed's closure while the magnet passes (assumption). A gauge's bucket that rebounds closes the reed
    /// again 60 to 130 ms after (assumption). SparkFun's forum (topic 44244) tells of 444 to 495 counts of 390 to 404 tips.
    public static let tipHold = Spread.uniform(0.03, 0.09)
    public static let reboundDelay = Spread.uniform(0.060, 0.130)
    public static let reboundHold = Spread.uniform(0.003, 0.02)
    public static let reboundShare = 0.15
    /// mm/h in a shower.
    public static let rainRate = Spread.uniform(2, 60)
    public static let millimetresPerTip = 0.2794
}

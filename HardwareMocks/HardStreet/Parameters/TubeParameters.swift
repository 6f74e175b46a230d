/// Two tubes across both lanes. Lengths in m, times in s.
public enum TubeParameters {
    public static let spacing = 1.0
    /// How long the air switch stays closed after a hit (assumption), and the contact patch of a tyre, which a slow wheel needs to leave.
    public static let pulse = Spread.uniform(0.008, 0.022)
    public static let contactPatch = 0.12
    /// Standard deviation of the moment an air switch closes (assumption: its membrane is slower for weak hits).
    public static let jitter = 0.0003
    /// A wave travels to the plugged end and back: 2 · length / speed of sound. Tubes lie over 2 lanes and reach 1 to 6 m beyond the wheels.
    public static let tubeBeyond = Spread.uniform(1, 8)
    public static let soundSpeed = 335.0
    /// Share of hits whose wave is strong enough to come back as a pulse (assumption; drawn per seed).
    public static let echoShare = Spread.uniform(0.05, 0.35)
    /// Of a light axle, at each tube. Nordback, Kothuri, Phillips, Gorecki, Figliozzi, "Accuracy of bicycle counting with pneumatic tubes in
    /// Oregon", TRR 2593, 2016: standard bicycles in a controlled test were undercounted by 0 to 12 %, in mixed traffic by 10 to 73 %.
    public static let missedLight = Spread.uniform(0.0, 0.12)
    /// Of any other axle. McGowen and Sanderson, "Accuracy of pneumatic road tube counters" (ITE 2011): means near zero hide 15-minute errors
    /// of ten per cent; how much of it is missed axles they do not say. Assumption.
    public static let missedHeavy = 0.002
    /// How long somebody stands on the tubes (assumption).
    public static let stop = Spread.uniform(1.5, 20)
    /// Who comes the other way has its front at the tubes this long after (assumption).
    public static let meetingOffset = Spread.uniform(-0.5, 0.5)
    /// Shares of slots that are more than one vehicle by itself (assumption).
    public static let followerShare = 0.12
    public static let meetingShare = 0.08
    public static let stopShare = 0.02
}

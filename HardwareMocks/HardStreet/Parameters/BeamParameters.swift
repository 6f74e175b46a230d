/// Two light beams and who comes to them. Lengths in m, times in s.
public enum BeamParameters {
    public static let spacing = 0.5
    /// What docs/detectors.md tells a technician.
    public static let height = Spread.uniform(0.20, 0.45)
    /// A 5 mm diode and its receiver, with the receiver's own lens. It switches when this share of the light is gone. Assumption, from the
    /// parts' diameter: an adjustable threshold is set to about half the signal.
    public static let aperture = Spread.uniform(0.003, 0.006)
    public static let threshold = Spread.uniform(0.25, 0.6)
    /// Response of light barriers: 0.5 ms and less in data sheets; its variation is a part of that (assumption).
    public static let jitter = 0.0001
    /// Of each beam against the square, by eye and angle iron, in degrees (assumption); the way is 2 m wide and people use all of it.
    public static let tilt = 0.7
    public static let halfWidth = 1.0

    /// Behind each other (the range is an assumption). Footways show such gaps in groups: up to 70 % of people in a crowd walk in one (Moussaïd,
    /// Perozo, Garnier, Helbing, Theraulaz, PLoS ONE 5(4) e10047, 2010).
    public static let groupGap = Spread.uniform(0.35, 0.6)
    /// Side by side is the pattern of a pair at low density (the same paper); one is at most this much ahead (assumption).
    public static let abreastLead = Spread.uniform(0, 0.25)
    /// Who comes from the other side is at the first beam this long before or after (assumption: anywhere in the passage).
    public static let meetingOffset = Spread.uniform(-0.6, 0.9)

    /// Shares of what comes, by place (assumption): half of it is what the switches above change.
    public static let shares: [(situation: String, share: Double)] = [
        ("walker", 0.30), ("bike", 0.30), ("cargo-bike", 0.04), ("bike-trailer", 0.04), ("pram", 0.04), ("dog", 0.04),
        ("group-walkers", 0.06), ("group-bikes", 0.05), ("abreast", 0.05), ("meeting-walkers", 0.05), ("meeting-mixed", 0.03),
    ]
}

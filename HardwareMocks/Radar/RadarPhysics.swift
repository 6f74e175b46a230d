/// A Doppler module on its pole, its amplifier and its comparator. Amplitudes are in standard deviations of the
/// amplifier's noise.
public struct RadarPhysics: Hashable, Sendable {
    /// In Hz.
    public var carrier = 24.125e9
    /// Of each lane's middle from the module, along the ground, in m. The first is for those who come towards it, the last for
    /// those who go away.
    public var lanes = [4.0]
    /// Above what reflects, in m.
    public var height = 2.0
    /// Of the antenna's axis against the road, in degrees: 0 looks along it, 90 across.
    public var azimuth = 30.0
    /// Of the antenna's axis below the horizon, in degrees.
    public var tilt = 5.0
    /// Between the points of half power, in degrees.
    public var beamWidth = 80.0
    public var beamHeight = 34.0
    /// Below the main lobe, beyond which nothing falls, as a ratio of power one way.
    public var sideLobes = 0.01
    /// Half the width over which a lane's traffic is spread, in m.
    public var lateralSpread = 0.6
    /// Share of the motor traffic that creeps at 4 to 8 m/s.
    public var creepingShare = 0.05
    /// What 1 m² gives on the axis in 10 m distance.
    public var echo = 6.0
    /// Half the distance between the comparator's thresholds.
    public var hysteresis = 1.0
    /// Of the thresholds' middle.
    public var offset = 0.1
    /// Amplitude of 100 Hz; 200 Hz and 300 Hz come with less.
    public var hum = 0.5
    /// The amplifier's band in Hz: one pole below, two above.
    public var lowCut = 10.0
    public var highCut = 3500.0
    /// Both outputs of a quadrature module are wired.
    public var hasQuadrature = false
    /// The second output runs ahead for those who come.
    public var secondLeads = false
    /// Of the second output against the first.
    public var gainImbalance = 0.12
    /// In degrees beyond 90.
    public var phaseImbalance = 8.0

    public init() {}
}

/// What of a road user reflects, and from where.
struct RadarScatterer {
    enum Face { case front, rear, side, everywhere }
    /// Behind the front and beside the middle, in m.
    var behind: Double
    var beside: Double
    /// Square root of the radar cross section in m².
    var amplitude: Double
    var face: Face
    /// Where in the cycle it began, in turns.
    var phase: Double
    /// Swings along the way, in m and Hz: limbs.
    var swing = 0.0
    var swingRate = 0.0
}

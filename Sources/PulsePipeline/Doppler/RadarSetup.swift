public import SensorCore

/// A Doppler radar beside a street: where it stands and what it sends.
public struct RadarSetup: Hashable, Sendable {
    /// Which of two outputs in quadrature runs ahead while somebody comes nearer. The raw value is its name in configurations.
    public enum Quadrature: String, Hashable, Sendable, CaseIterable {
        case firstLeads = "first"
        case secondLeads = "second"
    }

    /// In Hz, 1 to 100 GHz: 10.525e9 (HB100), 24.125e9 (CDM324, IPM-165, K-LC2).
    public var carrier: Double
    /// Of the middle of each lane from the module, along the ground and square to the road, in m; 1 to 4 of them.
    public var lanes: [Double]
    /// Of the module above what reflects, in m.
    public var height: Double
    /// Of the beam's axis against the road, in degrees: 0 looks along it, 90 across it.
    public var azimuth: Double
    /// nil for one pulse train, which cannot tell coming from going.
    public var quadrature: Quadrature?

    public init(
        carrier: Double = 24.125e9, lanes: [Double], height: Double = 0, azimuth: Double = 30, quadrature: Quadrature? = nil
    ) {
        self.carrier = carrier
        self.lanes = lanes
        self.height = height
        self.azimuth = azimuth
        self.quadrature = quadrature
    }

    static let speedOfLight = 299_792_458.0

    /// Turns of the phase per metre of range: 2 f0 / c.
    public var turnsPerMetre: Double { 2 * carrier / Self.speedOfLight }

    /// Where the beam looks across the road, everybody comes and goes alike.
    package var givesDirection: Bool { azimuth <= 70 }

    /// From the module to somebody abreast of it in the middle of a lane, in m.
    func nearest(lane: Double) -> Double { (lane * lane + height * height).squareRoot() }

    /// Samples are 2^n ns long: at least 2.05 in the cycle of somebody at 46 m/s.
    public var sampleShift: Int64 {
        var shift: Int64 = 10
        while shift < 22, 1e9 / Double(Int64(1) << (shift + 1)) > 2.05 * 46 * turnsPerMetre { shift += 1 }
        return shift
    }

    /// Of one `PulseSlice`.
    public var sliceLength: TimeSpan { TimeSpan(nanoseconds: Int64(PulseSlice.samples) << sampleShift) }
}

import Glibc

/// Doppler modules, by data sheet.
public struct RadarModule: Hashable, Sendable {
    public var name: String
    /// In Hz.
    public var carrier: Double
    /// Full width between the points of half power, in degrees.
    public var azimuthWidth: Double
    public var elevationWidth: Double
    /// Of the antenna, in dBi.
    public var gain: Double
    /// Below the main lobe, one way, in dB.
    public var sideLobes: Spread
    /// What can be told from noise with 6 dB in a band of 1 kHz, against what is sent, in dBc.
    public var sensitivity: Double
    public var hasQuadrature: Bool

    /// AgilSense HB100: 80° by 40°, as quoted beside the CDM324 by M. Stempflin ("Making the electronics for a 24 GHz Doppler sensor",
    /// limpkin.fr 2017), 15 dBm. Gain 8 dBi from memory of its data sheet. Sensitivity by assumption equal to that of the 24 GHz class at the
    /// larger wavelength (+7 dB of aperture).
    public static let hb100 = RadarModule(
        name: "HB100", carrier: 10.525e9, azimuthWidth: 80, elevationWidth: 40, gain: 8, sideLobes: .uniform(10, 15), sensitivity: -113,
        hasQuadrature: false)
    /// 80° by 32°, 16 dBm (same source). Side lobes by assumption those of RFbeam's array of the same size.
    public static let cdm324 = RadarModule(
        name: "CDM324", carrier: 24.125e9, azimuthWidth: 80, elevationWidth: 32, gain: 8.6, sideLobes: .uniform(12, 20), sensitivity: -112,
        hasQuadrature: false)
    /// InnoSenT IPM-165, which the CDM324 copies (same source): its sheet could not be read, so the copy's figures stand.
    public static let ipm165 = RadarModule(
        name: "IPM-165", carrier: 24.125e9, azimuthWidth: 80, elevationWidth: 35, gain: 8.6, sideLobes: .uniform(12, 20), sensitivity: -114,
        hasQuadrature: false)
    /// RFbeam K-LC2: 80° by 34°; the sheet of K-LD2, with the same antenna, gives side lobes of -12 dB at worst and -20 dB typically and
    /// 8.6 dBi; that of K-LC5 says "more than double K-LC2 sensitivity" of its own -118 dBc, so -112 dBc stands here.
    public static let klc2 = RadarModule(
        name: "K-LC2", carrier: 24.125e9, azimuthWidth: 80, elevationWidth: 34, gain: 8.6, sideLobes: .uniform(12, 20), sensitivity: -112,
        hasQuadrature: true)
    /// Not a module that is sold: a narrow beam, for the independent street. Its -122 dBc lie between K-LC5's -118 and K-LC6's -126 (RFbeam data
    /// sheets).
    public static let ideal = RadarModule(
        name: "22-degree", carrier: 24.125e9, azimuthWidth: 22, elevationWidth: 22, gain: 17, sideLobes: .uniform(20, 25),
        sensitivity: -122,
        hasQuadrature: true)

    public static let single = [hb100, cdm324, ipm165, klc2]

    /// Maximum range of a target of 1 m² in m: 0.0167 · 10^(-s/40) at 24 GHz (RFbeam K-LC5 data sheet, revision G, 03/2021, application notes),
    /// in proportion to the square root of the wavelength.
    public var range: Double { 0.0167 * pow(10, -sensitivity / 40) * (24.125e9 / carrier).squareRoot() }
}

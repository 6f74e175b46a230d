public import SensorCore

/// Talks to one climate part at one address.
///
/// A driver moves bytes and checks them; the conversion to quantities is a pure function beside it. Waiting goes
/// through the clock, so a driver must run on a thread that may block. After `start` a measurement allocates nothing
/// as long as `readings` has room for the part's quantities.
///
/// On a played-back recording (`I2CError.Kind.notRecorded`) a read that only identifies or supervises the part (chip
/// id, serial number, status) is skipped; coefficients and measured data are never skipped.
public protocol ClimateDriver: Sendable {
    /// Identifies the part, resets it and reads what the conversion needs. Must succeed before `measure`, and again
    /// after the part was without power.
    mutating func start(on bus: any I2CBus, clock: any NodeClock) throws(SensorError)

    /// Measures once and appends one `Measurement` per quantity of the part. When it throws, `readings` is unchanged.
    mutating func measure(
        on bus: any I2CBus, clock: any NodeClock, into readings: inout [Measurement]
    ) throws(SensorError)
}

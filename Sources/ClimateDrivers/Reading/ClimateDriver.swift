import SensorCore

/// Talks to one climate part.
///
/// A driver moves bytes and checks them; the conversion to quantities is a pure function beside it. It never waits: work
/// is cut into steps, numbered from 0, and each says when the next one is due, so that the parts of a bus are read side by
/// side. After `start` a measurement in which all is well allocates nothing.
///
/// On a played-back recording (`I2CError.Kind.notRecorded`) a read that only identifies or supervises the part (chip
/// id, serial number, status) is skipped; coefficients and measured data are never skipped.
protocol ClimateDriver: Sendable {
    /// One step of identifying the part, resetting it and reading what the conversion needs. All of them must succeed
    /// before `measure`, and again after the part was without power.
    mutating func start(_ step: Int, _ part: PartLink) throws(SensorError) -> DriverStep

    /// One step of a measurement; the last one gives or withholds each quantity of the part, in its order. What depends on a
    /// withheld quantity, and what is beyond the part's range, the reader withholds. A step that throws leaves `reading` as
    /// it is, and means that the whole reading failed.
    mutating func measure(_ step: Int, _ part: PartLink, into reading: inout PartReading) throws(SensorError) -> DriverStep
}

/// What comes after a step.
enum DriverStep: Hashable, Sendable {
    /// The next step, not before so long.
    case next(after: TimeSpan)
    /// The same step once more, or an earlier one: the part is not ready. Counted in `PartLink.polls`.
    case again(from: Int, after: TimeSpan)
    /// The next step after upkeep of the part that takes so long; the deadline of the reading is put off by it.
    case nextAfterUpkeep(TimeSpan)
    case done
}

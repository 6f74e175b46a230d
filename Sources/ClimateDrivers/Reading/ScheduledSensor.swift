package import SensorCore

/// What corrects the readings of one quantity.
package protocol ReadingCorrection: Sendable {
    /// Travels with every corrected value.
    var id: String { get }
    var quantity: Quantity { get }
    /// Of a measurement of that quantity.
    func apply(to measurement: Measurement) -> Measurement
}

/// One sensor with its part, its way to the bus, its due times and what it gave in the open interval. Belongs to the bus's
/// thread, and never waits.
package struct ScheduledSensor {
    package let name: String
    /// The part as configured: "bme280".
    package var part: String { reader.part.name }
    /// When a reading begins, or the one under way goes on.
    package private(set) var wake: MonotonicInstant

    private let bus: any I2CBus
    private let period: TimeSpan
    private let derived: DerivedQuantities
    private var reader: PartReader
    private var corrections: [any ReadingCorrection]
    /// For the next interval; nil when it goes on as it is.
    private var nextCorrections: [any ReadingCorrection]?
    private var accumulator: ClimateAccumulator
    private var schedule: IntervalSchedule
    private var due: MonotonicInstant
    private var failing: SensorErrorKind?
    /// The latest reading, corrected, with what is derived from it.
    private var corrected = PartReading()
    private var standstill: StandstillWatch

    /// nil when there is no driver for the part.
    ///
    /// - Parameters:
    ///   - bus: as this sensor reaches it, behind its multiplexer.
    ///   - period: from one due time to the next; more than 0.
    ///   - corrections: at most one per quantity.
    ///   - interval: the length of the intervals that its readings are summed up over.
    package init?(
        name: String, part: String, at address: I2CAddress, on bus: any I2CBus, settings: PartSettings = PartSettings(),
        every period: TimeSpan, corrections: [any ReadingCorrection] = [], derived: DerivedQuantities = DerivedQuantities([]),
        interval: TimeSpan, startingAt reading: ClockReading
    ) {
        guard let reader = PartReader(part: part, at: address, settings: settings) else { return nil }
        self.name = name
        self.bus = bus
        self.period = period
        self.derived = derived
        self.reader = reader
        standstill = StandstillWatch(reader.part)
        self.corrections = corrections
        accumulator = Self.accumulator(name, reader, corrections, derived)
        schedule = IntervalSchedule(length: interval, startingAt: reading)
        due = reading.instant
        wake = due
    }

    /// When there is something to do next: a step of a reading, or the end of the interval.
    package var deadline: MonotonicInstant { min(wake, schedule.boundary) }

    /// Corrects by these from the next interval on: an interval is corrected by one record per quantity throughout.
    package mutating func use(_ corrections: [any ReadingCorrection]) { nextCorrections = corrections }

    /// What was given before the first reading holds for the first interval already.
    package mutating func begin() { beginInterval() }

    /// Closes the intervals that have ended, and takes the next step of the reading if it is due. `room` is for its use.
    package mutating func turn(_ clock: any NodeClock, _ host: any ClimateLoopHost, _ room: inout PartReading) {
        closeIntervals(clock, host)
        guard clock.now() >= wake else { return }
        if host.takeRestart(of: name) { reader.restart() }
        let surroundings = host.surroundings(of: name, at: clock.now())
        do throws(SensorError) {
            let progress = try reader.advance(on: bus, clock: clock, surroundings: surroundings, into: &room)
            if case .waiting(let moment) = progress {
                wake = moment
                return
            }
            // A reading belongs to the interval in which it was finished.
            closeIntervals(clock, host)
            let change = accept(room, at: clock.now())
            host.read(corrected, of: name, at: clock.now(), change)
        } catch {
            closeIntervals(clock, host)
            accumulator.add(error)
            let change: ReadingChange = failing == error.kind ? .none : .failing
            failing = error.kind
            host.failed(error, of: name, at: clock.now(), change)
        }
        scheduleNext(after: clock.now())
    }

    /// Closes the open interval as partial.
    package mutating func finish(_ clock: any NodeClock, _ host: any ClimateLoopHost) {
        closeIntervals(clock, host)
        post(schedule.closePartial(clock.reading()), host)
    }

    private mutating func closeIntervals(_ clock: any NodeClock, _ host: any ClimateLoopHost) {
        let reading = clock.reading()
        if let span = schedule.update(reading) { post(span, host) }
        while reading.instant >= schedule.boundary { post(schedule.closeAtBoundary(reading), host) }
    }

    private mutating func post(_ span: IntervalSpan, _ host: any ClimateLoopHost) {
        if span.length > .zero { host.closed(accumulator.close(span)) }
        beginInterval()
    }

    /// The accumulator is empty: nothing that another record corrected is in it.
    private mutating func beginInterval() {
        guard let next = nextCorrections else { return }
        nextCorrections = nil
        corrections = next
        accumulator = Self.accumulator(name, reader, corrections, derived)
    }

    private static func accumulator(
        _ name: String, _ reader: PartReader, _ corrections: [any ReadingCorrection], _ derived: DerivedQuantities
    ) -> ClimateAccumulator {
        ClimateAccumulator(
            sensor: name, part: reader.part,
            calibrations: Dictionary(corrections.map { ($0.quantity, $0.id) }, uniquingKeysWith: { $1 }), derived: derived.quantities)
    }

    private mutating func accept(_ reading: PartReading, at now: MonotonicInstant) -> ReadingChange {
        let corrections = corrections
        corrected.take(reading) { measurement in
            for correction in corrections where correction.quantity == measurement.quantity { return correction.apply(to: measurement) }
            return measurement
        }
        standstill.judge(&corrected, at: now)
        // From calibrated readings, before any averaging.
        derived.append(to: &corrected)
        accumulator.add(corrected)
        let missing = corrected.withheld.first?.error.kind
        defer { failing = missing }
        if let missing { return missing == failing ? .none : .failing }
        return failing == nil ? .none : .recovered
    }

    /// Due times stay on multiples of the period after the first; those that were missed are left out.
    private mutating func scheduleNext(after now: MonotonicInstant) {
        let missed = max(0, (now - due).nanoseconds / period.nanoseconds)
        due = due + period * (missed + 1)
        wake = due
    }
}

/// Whether a reading is news beside the one before it.
package enum ReadingChange: Hashable, Sendable {
    case none
    /// It failed, or withholds something, and the one before did not, or for another kind of reason.
    case failing
    /// All is given again.
    case recovered
}

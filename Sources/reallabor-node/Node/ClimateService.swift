import Calibration
import ClimateDrivers
import SensorCore
import Synchronization

/// Reads the sensors of one bus on a thread of its own, so that a part that hangs costs only this bus its time.
///
/// `run` belongs to one thread; `stop`, `use` and `turns` may be used from any. That is what makes `@unchecked Sendable`
/// true.
final class ClimateService: @unchecked Sendable {
    /// How long the thread sleeps at most, so that it can be stopped and watched.
    static let idleTurn = TimeSpan.seconds(1)

    let busName: String
    private let bus: any I2CBus
    private let clock: any NodeClock
    private let closed: ThreadMailbox<ClimateInterval>
    private let log: any EventLog
    private let watch: SensorWatch
    private var sensors: [ScheduledSensor]
    private let stopRequested = Atomic<Bool>(false)
    private let turnCount = Atomic<UInt64>(0)
    /// By sensor name, until the measuring thread takes them.
    private let newCorrections = Mutex<[String: [CalibrationRecord]]?>(nil)

    /// nil in place of a sensor never happens: the plan only names parts there are drivers for.
    init(
        plan: BusPlan, bus: any I2CBus, clock: any NodeClock, interval: TimeSpan,
        closed: ThreadMailbox<ClimateInterval>, watch: SensorWatch, log: any EventLog
    ) {
        busName = plan.name
        self.bus = TappedI2CBus(bus, plan: plan, clock: clock, watch: watch)
        self.clock = clock
        self.closed = closed
        self.watch = watch
        self.log = log
        let reading = clock.reading()
        sensors = plan.sensors.compactMap { ScheduledSensor($0, interval: interval, startingAt: reading) }
    }

    /// Turns of the thread so far; it makes at least one in `idleTurn` plus what one reading may take.
    var turns: UInt64 { turnCount.load(ordering: .relaxed) }

    /// Makes `run` close the open intervals as partial and return, within `idleTurn` and one reading.
    func stop() { stopRequested.store(true, ordering: .releasing) }

    /// Corrects by these from the next interval of each sensor on: an interval is corrected by one record per quantity
    /// throughout. Sensors that are not named go on as they are.
    func use(_ corrections: [String: [CalibrationRecord]]) {
        newCorrections.withLock { $0 = ($0 ?? [:]).merging(corrections) { $1 } }
    }

    func run() {
        var readings: [Measurement] = []
        readings.reserveCapacity(8)
        takeNewCorrections()
        // What was given before the first reading holds for the first interval already.
        for index in sensors.indices { sensors[index].beginInterval() }
        while !stopRequested.load(ordering: .acquiring) {
            clock.sleep(until: nextDeadline())
            turnCount.wrappingAdd(1, ordering: .relaxed)
            takeNewCorrections()
            for index in sensors.indices {
                closeIntervals(index)
                guard clock.now() >= sensors[index].due else { continue }
                read(index, into: &readings)
            }
        }
        for index in sensors.indices {
            closeIntervals(index)
            let reading = clock.reading()
            post(index, sensors[index].schedule.closePartial(reading))
        }
    }

    private func takeNewCorrections() {
        let taken = newCorrections.withLock { waiting in
            defer { waiting = nil }
            return waiting
        }
        guard let taken else { return }
        for index in sensors.indices {
            if let records = taken[sensors[index].plan.name] { sensors[index].nextCorrections = records }
        }
    }

    private func nextDeadline() -> MonotonicInstant {
        var next = clock.now() + Self.idleTurn
        for sensor in sensors { next = min(next, sensor.due, sensor.schedule.boundary) }
        return next
    }

    private func read(_ index: Int, into readings: inout [Measurement]) {
        if watch.takeRestart(sensors[index].plan.name) { sensors[index].reader.restart() }
        do throws(SensorError) {
            try sensors[index].reader.read(on: bus, clock: clock, into: &readings)
            // A reading belongs to the interval in which it was finished.
            closeIntervals(index)
            sensors[index].accept(readings)
            watch.read(sensors[index].corrected, of: sensors[index].plan.name, at: clock.now())
            if sensors[index].recovered() {
                log.log(.notice, "\(sensors[index].plan.name): reads again")
            }
        } catch {
            closeIntervals(index)
            watch.failed(error, of: sensors[index].plan.name, at: clock.now())
            if sensors[index].refuse(error) {
                log.log(.warning, "\(sensors[index].plan.name) (\(sensors[index].plan.part)): \(error)")
            }
        }
        sensors[index].scheduleNext(after: clock.now())
    }

    private func closeIntervals(_ index: Int) {
        let reading = clock.reading()
        if let span = sensors[index].schedule.update(reading) { post(index, span) }
        while reading.instant >= sensors[index].schedule.boundary {
            post(index, sensors[index].schedule.closeAtBoundary(reading))
        }
    }

    private func post(_ index: Int, _ span: IntervalSpan) {
        if span.length > .zero { closed.post(sensors[index].accumulator.close(span)) }
        sensors[index].beginInterval()
    }
}

/// One sensor with its driver, its due times and what it gave in the open interval.
private struct ScheduledSensor {
    private(set) var plan: SensorPlan
    /// For the next interval; nil when it goes on as it is.
    var nextCorrections: [CalibrationRecord]?
    var reader: PartReader
    var accumulator: ClimateAccumulator
    var schedule: IntervalSchedule
    private(set) var due: MonotonicInstant
    private var failing: SensorErrorKind?
    private var hasRecovered = false
    private(set) var corrected: [Measurement] = []

    init?(_ plan: SensorPlan, interval: TimeSpan, startingAt reading: ClockReading) {
        guard let reader = PartReader(part: plan.part, at: plan.address) else { return nil }
        self.plan = plan
        self.reader = reader
        accumulator = ClimateAccumulator(plan, reader.part)
        schedule = IntervalSchedule(length: interval, startingAt: reading)
        due = reading.instant
        corrected.reserveCapacity(8)
    }

    /// The accumulator is empty: nothing that another record corrected is in it.
    mutating func beginInterval() {
        guard let corrections = nextCorrections else { return }
        nextCorrections = nil
        plan.corrections = corrections
        accumulator = ClimateAccumulator(plan, reader.part)
    }

    mutating func accept(_ readings: [Measurement]) {
        corrected.removeAll(keepingCapacity: true)
        for reading in readings {
            let correction = plan.corrections.first { $0.quantity == reading.quantity }
            corrected.append(correction?.apply(to: reading) ?? reading)
        }
        accumulator.add(corrected)
        hasRecovered = failing != nil
        failing = nil
    }

    /// Whether the reading just accepted ended a time of failures; asked once.
    mutating func recovered() -> Bool {
        defer { hasRecovered = false }
        return hasRecovered
    }

    /// Counts a failure; true when it is news: the first one, or of another kind than the last.
    mutating func refuse(_ error: SensorError) -> Bool {
        accumulator.add(error)
        defer { failing = error.kind }
        return failing != error.kind
    }

    /// Due times stay on multiples of the period after the first; those that were missed are left out.
    mutating func scheduleNext(after now: MonotonicInstant) {
        let missed = max(0, (now - due).nanoseconds / plan.period.nanoseconds)
        due = due + plan.period * (missed + 1)
    }
}

extension ClimateAccumulator {
    fileprivate init(_ plan: SensorPlan, _ part: PartDescription) {
        self.init(
            sensor: plan.name, part: part,
            calibrations: Dictionary(plan.corrections.map { ($0.quantity, $0.id) }, uniquingKeysWith: { $1 }))
    }
}

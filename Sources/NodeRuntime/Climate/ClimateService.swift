import Calibration
import ClimateDrivers
import SensorCore
import Synchronization

/// Reads the sensors of one bus on a thread of its own, side by side: a part is given the bus for one step of its reading,
/// so one that converts for seconds, or hangs until the bus's timeout, leaves the others their time.
///
/// `run` belongs to one thread; `stop`, `use` and `turns` may be used from any. That is what makes `@unchecked Sendable`
/// true.
final class ClimateService: @unchecked Sendable {
    /// How long the thread sleeps at most, so that it can be stopped and watched.
    static let idleTurn = TimeSpan.seconds(1)

    let busName: String
    private let clock: any NodeClock
    private let closed: ThreadMailbox<ClimateInterval>
    private let log: any EventLog
    private let watch: SensorWatch
    private let air: BoxAir
    private var sensors: [ScheduledSensor]
    private let stopRequested = Atomic<Bool>(false)
    private let turnCount = Atomic<UInt64>(0)
    /// By sensor name, until the measuring thread takes them.
    private let newCorrections = Mutex<[String: [CalibrationRecord]]?>(nil)

    /// The plan only names parts there are drivers for.
    init(
        plan: BusPlan, bus: any I2CBus, clock: any NodeClock, interval: TimeSpan,
        closed: ThreadMailbox<ClimateInterval>, notices: ThreadMailbox<Notice>, watch: SensorWatch, air: BoxAir, log: any EventLog
    ) {
        busName = plan.name
        let ways = sensorBuses(on: bus, plan: plan, clock: clock, watch: watch) { change, error in
            let text = change.text(of: plan, error)
            let reading = clock.reading()
            let isStuck = change != .free
            log.log(isStuck ? .error : .notice, text)
            notices.post(
                Notice(kind: isStuck ? .busStuck : .busFree, instant: reading.instant, utc: reading.utc, text: text))
        }
        self.air = air
        self.clock = clock
        self.closed = closed
        self.watch = watch
        self.log = log
        let reading = clock.reading()
        sensors = zip(plan.sensors, ways).compactMap { ScheduledSensor($0, on: $1, interval: interval, startingAt: reading) }
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
                guard clock.now() >= sensors[index].wake else { continue }
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
        for sensor in sensors { next = min(next, sensor.wake, sensor.schedule.boundary) }
        return next
    }

    /// One step of a sensor's reading.
    private func read(_ index: Int, into readings: inout [Measurement]) {
        let name = sensors[index].plan.name
        if watch.takeRestart(name) { sensors[index].reader.restart() }
        let surroundings = air.surroundings(of: sensors[index].plan, at: clock.now())
        do throws(SensorError) {
            let progress = try sensors[index].advance(clock: clock, surroundings: surroundings, into: &readings)
            if case .waiting(let moment) = progress {
                sensors[index].wake = moment
                return
            }
            // A reading belongs to the interval in which it was finished.
            closeIntervals(index)
            let hasRecovered = sensors[index].accept(readings)
            air.take(sensors[index].corrected, of: name, at: clock.now())
            watch.read(sensors[index].corrected, of: name, at: clock.now())
            if hasRecovered { log.log(.notice, "\(name): reads again") }
        } catch {
            closeIntervals(index)
            watch.failed(error, of: name, at: clock.now())
            if sensors[index].refuse(error) { log.log(.warning, "\(name) (\(sensors[index].plan.part)): \(error)") }
        }
        sensors[index].scheduleNext(after: clock.now())
    }

    private func closeIntervals(_ index: Int) {
        let reading = clock.reading()
        while let span = sensors[index].schedule.nextEnded(by: reading) { post(index, span) }
    }

    private func post(_ index: Int, _ span: IntervalSpan) {
        if span.length > .zero { closed.post(sensors[index].accumulator.close(span)) }
        sensors[index].beginInterval()
    }
}

/// One sensor with its driver, its due times and what it gave in the open interval.
private struct ScheduledSensor {
    private(set) var plan: SensorPlan
    /// Its own way to the bus.
    private let bus: any I2CBus
    /// For the next interval; nil when it goes on as it is.
    var nextCorrections: [CalibrationRecord]?
    var reader: PartReader
    var accumulator: ClimateAccumulator
    var schedule: IntervalSchedule
    /// When a reading begins, or the one under way goes on.
    var wake: MonotonicInstant
    private var due: MonotonicInstant
    /// Of the latest reading; nil when that was good.
    private var failure = Latch<SensorErrorKind?>(nil)
    private(set) var corrected: [Measurement] = []

    init?(_ plan: SensorPlan, on bus: any I2CBus, interval: TimeSpan, startingAt reading: ClockReading) {
        guard let reader = PartReader(part: plan.part, at: plan.address, settings: PartSettings(plan.options)) else { return nil }
        self.plan = plan
        self.bus = bus
        self.reader = reader
        accumulator = ClimateAccumulator(plan, reader.part)
        schedule = IntervalSchedule(length: interval, startingAt: reading)
        due = reading.instant
        wake = due
        corrected.reserveCapacity(16)
    }

    /// The accumulator is empty: nothing that another record corrected is in it.
    mutating func beginInterval() {
        guard let corrections = nextCorrections else { return }
        nextCorrections = nil
        plan.corrections = corrections
        accumulator = ClimateAccumulator(plan, reader.part)
    }

    /// One step of a reading.
    mutating func advance(
        clock: any NodeClock, surroundings: Surroundings, into readings: inout [Measurement]
    ) throws(SensorError) -> PartReader.Progress {
        try reader.advance(on: bus, clock: clock, surroundings: surroundings, into: &readings)
    }

    /// Takes a good reading; true when it ended a time of failures.
    mutating func accept(_ readings: [Measurement]) -> Bool {
        corrected.removeAll(keepingCapacity: true)
        for reading in readings {
            let correction = plan.corrections.first { $0.quantity == reading.quantity }
            corrected.append(correction?.apply(to: reading) ?? reading)
        }
        // From calibrated readings, before any averaging.
        plan.derived.append(to: &corrected)
        accumulator.add(corrected)
        return failure.changed(to: nil)
    }

    /// Counts a failure; true when it is news: the first one, or of another kind than the last.
    mutating func refuse(_ error: SensorError) -> Bool {
        accumulator.add(error)
        return failure.changed(to: error.kind)
    }

    /// Due times stay on multiples of the period after the first; those that were missed are left out.
    mutating func scheduleNext(after now: MonotonicInstant) {
        let missed = max(0, (now - due).nanoseconds / plan.period.nanoseconds)
        due = due + plan.period * (missed + 1)
        wake = due
    }
}

extension ClimateAccumulator {
    fileprivate init(_ plan: SensorPlan, _ part: PartDescription) {
        self.init(
            sensor: plan.name, part: part,
            calibrations: Dictionary(plan.corrections.map { ($0.quantity, $0.id) }, uniquingKeysWith: { $1 }), derived: plan.derived.quantities)
    }
}

import Calibration
import ClimateDrivers
import SensorCore
import Synchronization

/// The thread of one bus: runs its `ClimateLoop` and hands on what comes of it.
///
/// `run` belongs to one thread; `stop`, `use` and `turns` may be used from any. That is what makes `@unchecked Sendable`
/// true.
final class ClimateService: @unchecked Sendable {
    /// How long the thread sleeps at most, so that it can be stopped and watched.
    static let idleTurn = TimeSpan.seconds(1)

    let busName: String
    private let plans: [String: SensorPlan]
    private let clock: any NodeClock
    private let closedIntervals: ThreadMailbox<ClimateInterval>
    private let log: any EventLog
    private let watch: SensorWatch
    private let air: BoxAir
    private var loop: ClimateLoop
    private let stopRequested = Atomic<Bool>(false)
    private let turnCount = Atomic<UInt64>(0)
    /// By sensor name, until the measuring thread takes them.
    private let newCorrections = Mutex<[String: [CalibrationRecord]]?>(nil)

    init(
        plan: BusPlan, bus: any I2CBus, clock: any NodeClock, interval: TimeSpan,
        closed: ThreadMailbox<ClimateInterval>, notices: ThreadMailbox<Notice>, watch: SensorWatch, air: BoxAir, log: any EventLog
    ) {
        busName = plan.name
        plans = Dictionary(plan.sensors.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        self.air = air
        self.clock = clock
        closedIntervals = closed
        self.watch = watch
        self.log = log
        let sensorBus = SensorBus(bus, plan: plan, clock: clock, watch: watch) { change, error in
            let message = change.message(of: plan, error)
            let reading = clock.reading()
            let isStuck = change != .free
            log.log(isStuck ? .error : .notice, message.text(in: .english))
            notices.post(Notice(isStuck ? .busStuck : .busFree, at: reading.instant, utc: reading.utc, saying: message))
        }
        let reading = clock.reading()
        var sensors: [ScheduledSensor] = []
        for sensor in plan.sensors {
            if let scheduled = ScheduledSensor(sensor, on: sensorBus.way(to: sensor), interval: interval, startingAt: reading) {
                sensors.append(scheduled)
            } else {
                // A checked configuration has none such.
                log.log(.error, "\(sensor.name): there is no driver for the part \(sensor.part); it is not read")
            }
        }
        loop = ClimateLoop(sensors)
    }

    /// Turns of the thread so far; it makes at least one in `idleTurn` plus what one reading may take.
    var turns: UInt64 { turnCount.load(ordering: .relaxed) }

    /// Makes `run` close the open intervals as partial and return, within `idleTurn` and one reading.
    func stop() { stopRequested.store(true, ordering: .releasing) }

    /// Corrects by these from the next interval of each sensor on. Sensors that are not named go on as they are.
    func use(_ corrections: [String: [CalibrationRecord]]) {
        newCorrections.withLock { $0 = ($0 ?? [:]).merging(corrections) { $1 } }
    }

    func run() {
        takeNewCorrections()
        loop.begin()
        while !stopRequested.load(ordering: .acquiring) {
            let latest = clock.now() + Self.idleTurn
            clock.sleep(until: min(latest, loop.deadline ?? latest))
            turnCount.wrappingAdd(1, ordering: .relaxed)
            takeNewCorrections()
            loop.turn(clock, self)
        }
        loop.finish(clock, self)
    }

    private func takeNewCorrections() {
        let taken = newCorrections.withLock { waiting in
            defer { waiting = nil }
            return waiting
        }
        if let taken { loop.use(taken) }
    }
}

extension ClimateService: ClimateLoopHost {
    func surroundings(of sensor: String, at now: MonotonicInstant) -> Surroundings {
        plans[sensor].map { air.surroundings(of: $0, at: now) } ?? Surroundings()
    }

    func takeRestart(of sensor: String) -> Bool { watch.takeRestart(sensor) }

    func read(_ reading: PartReading, of sensor: String, at instant: MonotonicInstant, _ change: ReadingChange) {
        air.take(reading.given, of: sensor, at: instant)
        for quantity in watch.read(reading, of: sensor, at: instant) {
            log.log(.warning, "\(title(sensor)): \(SensorWatch.stands(quantity))")
        }
        if change == .failing, let missing = reading.withheld.first {
            log.log(.warning, "\(title(sensor)): \(missing.quantity.rawValue) withheld, \(missing.error)")
        }
        if change == .recovered { log.log(.notice, "\(sensor): reads again") }
    }

    func failed(_ error: SensorError, of sensor: String, at instant: MonotonicInstant, _ change: ReadingChange) {
        watch.failed(error, of: sensor, at: instant)
        if change == .failing { log.log(.warning, "\(title(sensor)): \(error)") }
    }

    func closed(_ interval: ClimateInterval) { closedIntervals.post(interval) }

    private func title(_ sensor: String) -> String { plans[sensor].map { "\(sensor) (\($0.part))" } ?? sensor }
}

extension CalibrationRecord: ReadingCorrection {}

extension ScheduledSensor {
    fileprivate init?(_ plan: SensorPlan, on bus: any I2CBus, interval: TimeSpan, startingAt reading: ClockReading) {
        self.init(
            name: plan.name, part: plan.part, at: plan.address, on: bus, settings: PartSettings(plan.options), every: plan.period,
            corrections: plan.corrections, derived: plan.derived, interval: interval, startingAt: reading)
    }
}

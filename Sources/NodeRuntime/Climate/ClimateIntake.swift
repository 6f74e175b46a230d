import Calibration
import SensorCore
import ServiceManager

/// The climate side of the node: a thread per bus, and what they have finished. Belongs to the node loop's thread.
final class ClimateIntake {
    /// One turn may read every part of a bus, and a part that hangs holds each transfer until the bus's timeout.
    private static let gracePeriod = TimeSpan.seconds(30)

    private let services: [ClimateService]
    private let closed = ThreadMailbox<ClimateInterval>(capacity: 256)
    private let notices = ThreadMailbox<Notice>(capacity: 64)
    /// What the sensors gave last, for those who look on.
    let watch: SensorWatch

    /// - Parameter buses: one per `plan.buses`, in that order.
    init(_ plan: NodePlan, buses: [any I2CBus], clock: any NodeClock, log: any EventLog) {
        let (closed, notices, air, watch) = (closed, notices, BoxAir(), SensorWatch(plan))
        self.watch = watch
        services = zip(plan.buses, buses).map {
            ClimateService(
                plan: $0, bus: $1, clock: clock, interval: plan.interval, closed: closed, notices: notices, watch: watch, air: air,
                log: log)
        }
    }

    func start(_ threads: any ServiceThreads) throws(ThreadError) {
        for service in services { try threads.start(.climate) { service.run() } }
    }

    func stop() { for service in services { service.stop() } }

    /// Corrections by sensor, from the next interval of each on.
    func use(_ corrections: [String: [CalibrationRecord]]) { for service in services { service.use(corrections) } }

    /// What the threads have finished since the last call, and how many intervals found no room.
    func take() -> (bodies: [Record.Body], lost: UInt64) {
        let (intervals, lost) = closed.takeAll()
        return (intervals.map { .climate($0) } + notices.takeAll().elements.map { .notice($0) }, lost)
    }

    var watchedLoops: [WatchedLoop] {
        services.map { WatchedLoop(name: "\($0.busName) climate", gracePeriod: Self.gracePeriod, turns: $0.turns) }
    }
}

import PulsePipeline
import SensorCore
import ServiceManager
import StoreForward

/// The node loop with everything it runs: the counting thread, one thread per bus and per destination, whose work it gathers and
/// gives to the journal.
///
/// Belongs to the thread that makes it; that thread calls `tick` at least once a second.
final class NodeLoop {
    private static let idleTurn = TimeSpan.seconds(1)

    private let plan: NodePlan
    private let clock: any NodeClock
    private let threads: any ServiceThreads
    private let log: any EventLog
    private let store: RecordStore
    private let traffic: TrafficIntake
    private let climate: ClimateIntake
    private let queue: CommitQueue
    private let started: MonotonicInstant
    private var calibrations: CalibrationsInForce?
    private var account: NodeAccount
    private var timeFixes = TimeFixes()
    private var sights = LoopSights()
    /// The counts go on from what was counted before this program started.
    private var hasEarlierTotals: Bool

    /// - Parameters:
    ///   - buses: one per `plan.buses`, in that order.
    ///   - calibrations: nil for a node that goes by its configuration alone.
    init(
        plan: NodePlan, clock: any NodeClock, edges: any EdgeSource, buses: [any I2CBus], store: RecordStore,
        threads: any ServiceThreads, log: any EventLog, calibrations: CalibrationsInForce? = nil
    ) {
        self.plan = plan
        self.clock = clock
        self.threads = threads
        self.log = log
        self.store = store
        self.calibrations = calibrations
        hasEarlierTotals = store.isOpen
        traffic = TrafficIntake(
            plan, edges: edges, totals: store.earlierTotals, clock: clock, log: log, wake: threads.wakeNodeLoop)
        climate = ClimateIntake(plan, buses: buses, clock: clock, log: log)
        queue = CommitQueue(store, patience: plan.commitInterval, clock: clock, log: log)
        started = clock.now()
        account = NodeAccount(node: plan.node, interval: plan.interval, startingAt: clock.reading())
        sights.note(watchedLoops, at: started)
    }

    /// Called with each record once it is committed, for a person who watches.
    var onCommit: ((Record) -> Void)? {
        get { queue.onCommit }
        set { queue.onCommit = newValue }
    }

    func start() throws(ThreadError) {
        checkCalibrations(clock.reading())
        try traffic.start(threads)
        try climate.start(threads)
        try store.startSending(threads)
    }

    /// Takes what the other threads have finished; commits it when its interval is gathered. Gives the moment of the
    /// next tick, unless a thread wakes the node loop before.
    func tick() -> MonotonicInstant {
        let reading = clock.reading()
        sights.note(watchedLoops, at: reading.instant)
        if traffic.hasBecomeArmed() { log.log(.info, "inputs armed") }
        for notice in store.takeNotices() { queue.add(.notice(notice)) }
        if let fix = timeFixes.check(reading) { queue.add(.timeFix(fix)) }
        checkCalibrations(reading)
        add(traffic.take())
        addClimate()
        for interval in account.close(reading, progress) { queue.add(.node(interval)) }
        queue.sayLoss()
        if queue.isDue(at: reading.instant) { commit() }
        store.verifySome()
        store.lookAfterFiles(threads: threads)
        store.admitReaders()
        return min(reading.instant + Self.idleTurn, queue.due ?? .distantFuture, account.boundary)
    }

    /// Asks the measuring threads to end, within a second and what one reading of a part may take.
    func stopMeasuring() {
        traffic.stop()
        climate.stop()
        threads.wakeMeasuring()
    }

    /// Ends counting and measuring; the last intervals are closed as partial and committed.
    func finishMeasuring() {
        stopMeasuring()
        let hasEnded = threads.joinMeasuring()
        add(traffic.take())
        addClimate()
        if !hasEnded { log.log(.warning, "a measuring thread did not stop in time; its last interval is missing") }
        add(traffic.takeRest(hasEnded: hasEnded))
        for interval in account.closePartial(clock.reading(), progress) { queue.add(.node(interval)) }
        commit()
        guard queue.waiting > 0 else { return }
        log.log(.error, "\(queue.waiting) records end with the node: the journal did not take them")
    }

    /// Ends the destinations, which go on sending until `drainDeadline`, a moment of the system's clock; then the
    /// journal.
    func finish(drainUntil drainDeadline: MonotonicInstant) {
        store.stopSending(drainUntil: drainDeadline)
        do throws(JournalError) {
            try store.close()
        } catch {
            log.log(.error, "\(error)")
        }
    }

    /// The counting thread has its inputs, or has found out which of them it can't have.
    var isArmed: Bool { traffic.isArmed }

    /// How the node fares, as of the last tick.
    var standing: NodeStanding {
        NodeStanding(
            channels: plan.inputs.count, counted: traffic.counted, backlog: store.backlog,
            delivery: NodeStanding.Delivery(store.standings))
    }

    /// What the sensors gave last, for those who look on.
    var sensorWatch: SensorWatch { climate.watch }
    /// The taps of the counting thread, one listener each.
    var edgeTap: ChannelTap<TappedEdge> { traffic.edgeTap }
    func passageTap(of channel: Int) -> ChannelTap<Passage> { traffic.passageTap(of: channel) }

    /// Everything a person or a program may ask, as of now.
    var status: StatusReport {
        let reading = clock.reading()
        return StatusReport(
            node: plan.node, reading: reading, uptime: reading.instant - started, isArmed: isArmed, channels: traffic.channels,
            sensors: climate.watch.sensors,
            calibrations: calibrations?.standings(at: reading.utc).filter { !$0.standing.isSuperseded } ?? [],
            calibrationFaults: calibrations?.faults ?? [], backlog: store.isOpen ? store.backlog : nil,
            lastSequence: store.lastCommitted, numbered: store.numbered, isJournalInPlace: store.isInPlace, destinations: store.standings,
            loops: sights.report(watchedLoops))
    }

    /// The loops besides the caller's, and how long each may stand still before the node is better started anew.
    var watchedLoops: [WatchedLoop] { traffic.watchedLoops + climate.watchedLoops + store.watchedLoops }

    private func checkCalibrations(_ reading: ClockReading) {
        guard let changed = calibrations?.check(reading.utc) else { return }
        climate.use(changed)
    }

    private func add(_ intervals: [TrafficInterval]) { for interval in intervals { queue.add(.traffic(interval)) } }

    private func addClimate() {
        let (bodies, lost) = climate.take()
        for body in bodies { queue.add(body) }
        if lost > 0 { account.noteOverflow(lost) }
    }

    private var progress: NodeAccount.Progress {
        NodeAccount.Progress(
            backlog: store.backlog, connectionsLost: store.connectionsLost, queueOverflows: traffic.overflows)
    }

    private func commit() {
        switch queue.commit(threads: threads, begin: begin, totals: { traffic.totals }) {
        case .nothingToDo, .committed: break
        // It may have been among them.
        case .committedAfterLoss: timeFixes = TimeFixes()
        case .failed: account.noteJournalFault()
        }
    }

    /// The journal was opened only now: what was counted meanwhile is added to its totals, and it needs a time fix of its own.
    private func begin() -> [String: UInt64] {
        let earlier = hasEarlierTotals ? [:] : store.earlierTotals
        hasEarlierTotals = true
        traffic.continueFrom(earlier)
        timeFixes = TimeFixes()
        return earlier
    }
}

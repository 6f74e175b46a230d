import PulsePipeline
package import SensorCore
import ServiceManager
import StoreForward

/// Everything a node does, wired together: the counting thread, one thread per bus and per destination, and the
/// node loop that takes what they finish and gives it to the journal.
///
/// Belongs to the thread that makes it; that thread calls `tick` at least once a second.
package final class NodeServices {
    /// How long what could not be committed waits for the next try.
    private static let commitPause = TimeSpan.seconds(5)

    private static let idleTurn = TimeSpan.seconds(1)

    /// It turns once a second and never waits for anything else.
    private static let countingPatience = TimeSpan.seconds(10)
    /// One turn may read every part of a bus, and a part that hangs holds each transfer until the bus's timeout.
    private static let climatePatience = TimeSpan.seconds(30)
    /// A resolver that nobody answers blocks for minutes, and that is no reason to count nothing meanwhile: at its
    /// limits (resolv.conf(5): 5 tries of 30 s at 3 servers) a name takes 7.5 minutes, and again with each suffix of
    /// the search list. Standing still costs only delay, since the journal keeps every record; starting anew costs
    /// counts. So only a thread that will not come back is worth it.
    private static let sendingPatience = TimeSpan.seconds(30 * 60)

    private let clock: any NodeClock
    private let threads: any ServiceThreads
    private let log: any EventLog
    private let store: RecordStore
    private let counting: CountingLoop
    private let closedCounts: BoundedQueue<ClosedCount>
    /// Room for some seconds of the busiest road: the node loop takes them at least once a second.
    private let details: BoundedQueue<ChannelPassage>
    private let radar: RadarService?
    private let climate: [ClimateService]
    /// What the sensors gave last, for those who look on.
    let sensorWatch: SensorWatch
    private let plan: NodePlan
    private let started: MonotonicInstant
    /// The turns of each watched loop, and the tick that first saw them: nil for a loop there is none of.
    private var loopTurns: [(turns: UInt64?, seen: MonotonicInstant?)] = []
    /// The last finished interval of each channel, and its passages since the node started.
    private var lastTraffic: [String: TrafficInterval] = [:]
    /// By channel and length.
    private var sums: [String: [TimeSpan: TrafficSum]] = [:]
    private var countedSinceStart: [String: UInt64] = [:]
    private let closedClimate = ThreadMailbox<ClimateInterval>(capacity: 256)
    private let busNotices = ThreadMailbox<Notice>(capacity: 64)

    private var calibrations: CalibrationsInForce?
    private var counts: CountRecords
    /// `counts` goes on from what was counted before this program started.
    private var hasEarlierTotals: Bool
    private var gatherer: RecordGatherer
    private var account: NodeAccount
    private var timeFixes = TimeFixes()
    private var journalIsFailing = false
    /// The counting thread has its inputs, or has found out which of them it can't have.
    private(set) var isArmed = false
    private var saidLoss = false
    /// Channels whose last interval was not observed throughout.
    private var failingChannels: Set<String> = []
    /// Called with each record once it is committed, for a person who watches.
    package var onCommit: ((Record) -> Void)?

    /// - Parameters:
    ///   - buses: one per `plan.buses`, in that order.
    ///   - calibrations: nil for a node that goes by its configuration alone.
    package init(
        plan: NodePlan, clock: any NodeClock, edges: any EdgeSource, buses: [any I2CBus], store: RecordStore,
        threads: any ServiceThreads, log: any EventLog, calibrations: CalibrationsInForce? = nil
    ) {
        self.clock = clock
        self.calibrations = calibrations
        self.threads = threads
        self.log = log
        self.store = store
        gatherer = RecordGatherer(patience: plan.commitInterval)
        hasEarlierTotals = store.isOpen
        counts = CountRecords(inputs: plan.inputs, totals: store.earlierTotals)
        closedCounts = BoundedQueue(capacity: 64 * max(1, plan.inputs.count))
        details = BoundedQueue(capacity: plan.inputs.contains { $0.settings.givesDetails } ? 512 : 1)
        let radar = RadarService(plan.inputs, clock: clock)
        self.radar = radar
        counting = CountingLoop(
            source: edges, clock: clock, settings: plan.inputs.map(\.settings), interval: plan.interval,
            closed: closedCounts, details: details, slices: radar?.slices ?? [:],
            wakeReader: threads.wakeNodeLoop)
        let (closedClimate, busNotices, air) = (closedClimate, busNotices, BoxAir())
        let sensorWatch = SensorWatch(plan)
        self.sensorWatch = sensorWatch
        self.plan = plan
        started = clock.now()
        climate = zip(plan.buses, buses).map {
            ClimateService(
                plan: $0, bus: $1, clock: clock, interval: plan.interval, closed: closedClimate, notices: busNotices,
                watch: sensorWatch, air: air, log: log)
        }
        account = NodeAccount(interval: plan.interval, startingAt: clock.reading())
        noteTurns(at: started)
    }

    package func start() throws(ThreadError) {
        checkCalibrations(clock.reading())
        let counting = counting
        try threads.start(.counting) { counting.run() }
        try radar?.start(threads)
        for service in climate { try threads.start(.climate) { service.run() } }
        try store.startSending(threads)
    }

    /// Takes what the other threads have finished; commits it when its interval is gathered. Gives the moment of the
    /// next tick, unless a thread wakes the node loop before.
    package func tick() -> MonotonicInstant {
        let reading = clock.reading()
        noteTurns(at: reading.instant)
        if !isArmed, counting.isArmed {
            isArmed = true
            log.log(.info, "inputs armed")
        }
        for notice in store.takeNotices() { add(.notice(notice)) }
        if let fix = timeFixes.check(reading) { add(.timeFix(fix)) }
        checkCalibrations(reading)
        drain()
        for interval in account.close(reading, progress()) { add(.node(interval)) }
        sayLoss()
        if gatherer.isDue(at: reading.instant) { commit() }
        store.verifySome()
        store.admitReaders()
        return min(reading.instant + Self.idleTurn, gatherer.due ?? .distantFuture, account.boundary)
    }

    /// Ends counting and measuring; the last intervals are closed as partial and committed.
    package func finishMeasuring() {
        counting.stop()
        radar?.stop()
        for service in climate { service.stop() }
        threads.wakeMeasuring()
        let hasEnded = threads.joinMeasuring()
        drain()
        if hasEnded {
            for closed in counting.undelivered where radar?.keep(closed) != true { add(counts.interval(closed)) }
        } else {
            log.log(.warning, "a measuring thread did not stop in time; its last interval is missing")
        }
        // What their thread has not decided by now is told as not observed.
        addTracked(at: .distantFuture)
        finishSums()
        for interval in account.closePartial(clock.reading(), progress()) { add(.node(interval)) }
        commit()
        guard !gatherer.isEmpty else { return }
        log.log(.error, "\(gatherer.pending.count) records end with the node: the journal did not take them")
    }

    /// Ends the destinations, which go on sending until `drainDeadline`, a moment of the system's clock; then the
    /// journal.
    package func finish(drainUntil drainDeadline: MonotonicInstant) {
        store.stopSending(drainUntil: drainDeadline)
        do throws(JournalError) {
            try store.close()
        } catch {
            log.log(.error, "\(error)")
        }
    }

    /// How the node fares, as of the last tick.
    var standing: NodeStanding {
        NodeStanding(channels: counts.channels, counted: counts.counted, backlog: store.backlog, delivery: NodeStanding.Delivery(store.standings))
    }

    /// The taps of the counting thread, one listener each.
    var edgeTap: ChannelTap<TappedEdge> { counting.edgeTap }
    /// A radar's passages come from another thread.
    func passageTap(of channel: Int) -> ChannelTap<Passage> { radar?.passageTap(of: channel) ?? counting.passageTap }

    /// Everything a person or a program may ask, as of now.
    package var status: StatusReport {
        let reading = clock.reading()
        return StatusReport(
            node: plan.node, reading: reading, uptime: reading.instant - started, isArmed: isArmed,
            channels: zip(plan.inputs, counting.sights).map { input, sight in
                StatusReport.Channel(
                    name: input.name, total: counts.totals[input.name], sinceStart: countedSinceStart[input.name],
                    last: lastTraffic[input.name], lastEdge: sight.lastEdge?.instant, level: sight.lastEdge?.level)
            },
            sensors: sensorWatch.sensors,
            calibrations: calibrations?.standings(at: reading.utc).filter { !$0.standing.isSuperseded } ?? [],
            calibrationFaults: calibrations?.faults ?? [], backlog: store.isOpen ? store.backlog : nil,
            lastSequence: store.lastCommitted, destinations: store.standings,
            loops: zip(watchedLoops, loopTurns).map {
                StatusReport.Loop(name: $0.name, turns: $1.turns, lastTurn: $1.seen)
            })
    }

    /// The loops besides the caller's, and how long each may stand still before the node is better started anew.
    var watchedLoops: [WatchedLoop] {
        [WatchedLoop(name: "counting", patience: Self.countingPatience)]
            + (radar == nil ? [] : [WatchedLoop(name: "tracking", patience: Self.countingPatience)])
            + climate.map { WatchedLoop(name: "\($0.busName) climate", patience: Self.climatePatience) }
            + store.watchedLoops(Self.sendingPatience).map(\.loop)
    }

    /// Turns made so far, in the order of `watchedLoops`; nil for a loop there is none of.
    var turns: [UInt64?] { [counting.turns] + (radar.map { [$0.turns] } ?? []) + climate.map(\.turns) + store.watchedLoops(Self.sendingPatience).map(\.turns) }

    private func noteTurns(at now: MonotonicInstant) {
        loopTurns = turns.enumerated().map { index, made in
            if loopTurns.indices.contains(index), loopTurns[index].turns == made { return loopTurns[index] }
            return (made, made == nil ? nil : now)
        }
    }

    private func checkCalibrations(_ reading: ClockReading) {
        guard let changed = calibrations?.check(reading.utc) else { return }
        for service in climate { service.use(changed) }
    }

    private func drain() {
        repeat {
            let closed = closedCounts.pop()
            // Those of a closed interval were put in before it.
            while let detail = details.pop() { counts.take(detail) }
            guard let closed else { break }
            if radar?.keep(closed) != true { add(counts.interval(closed)) }
        } while true
        addTracked(at: clock.now())
        let (intervals, lost) = closedClimate.takeAll()
        for interval in intervals { add(.climate(interval)) }
        for notice in busNotices.takeAll().elements { add(.notice(notice)) }
        if lost > 0 { account.noteOverflow(lost) }
    }

    private func addTracked(at now: MonotonicInstant) {
        guard let radar else { return }
        for interval in radar.release(at: now, into: &counts) { add(interval) }
    }

    /// The counting thread cannot log, so a channel that fails is told of with its interval.
    private func add(_ interval: TrafficInterval) {
        lastTraffic[interval.channel] = interval
        countedSinceStart[interval.channel, default: 0] += interval.flows?.reduce(0) { $0 + $1.count } ?? 0
        if let fault = interval.fault {
            if failingChannels.insert(interval.channel).inserted { log.log(.error, fault) }
        } else if failingChannels.remove(interval.channel) != nil {
            log.log(.notice, "\(interval.channel): counted again")
        }
        add(.traffic(interval))
        for length in plan.sums {
            var sum = sums[interval.channel]?[length] ?? TrafficSum(length: length)
            for finished in sum.take(interval) { add(.traffic(finished)) }
            sums[interval.channel, default: [:]][length] = sum
        }
    }

    /// The longer intervals end with the node.
    private func finishSums() {
        for input in plan.inputs {
            for length in plan.sums {
                if let sum = sums[input.name]?[length]?.finish() { add(.traffic(sum)) }
            }
        }
    }

    private func add(_ body: Record.Body) { gatherer.add(record(body), at: clock.now()) }

    private func record(_ body: Record.Body) -> Record { Record(bootID: clock.bootID, body: body) }

    private func progress() -> NodeAccount.Progress {
        NodeAccount.Progress(
            backlog: store.backlog, connectionsLost: store.connectionsLost, queueOverflows: counting.queueOverflows + counting.lostDetails)
    }

    private func sayLoss() {
        guard gatherer.lost > 0, !saidLoss else { return }
        saidLoss = true
        log.log(.error, "records are being lost, the oldest first: the journal takes nothing and memory is bounded")
    }

    private func commit() {
        var records = gatherer.take()
        guard !records.isEmpty else { return }
        do throws(JournalError) {
            if try store.prepare(threads: threads) { begin(&records) }
            try append(records)
        } catch {
            if !journalIsFailing { log.log(.error, "\(error). Counting goes on; records wait in memory") }
            journalIsFailing = true
            account.noteJournalFault()
            gatherer.putBack(records, at: clock.now(), delay: Self.commitPause)
        }
    }

    /// What waited for a journal becomes its beginning, or its continuation.
    private func begin(_ records: inout [Record]) {
        let earlier = hasEarlierTotals ? [:] : store.earlierTotals
        hasEarlierTotals = true
        counts.continueFrom(earlier)
        records = store.takeNotices().map { record(.notice($0)) } + records.map { $0.continuing(from: earlier) }
        timeFixes = TimeFixes()
    }

    private func append(_ records: [Record]) throws(JournalError) {
        let lost = gatherer.lost
        let batch = (lost > 0 ? [record(.notice(noticeOfLost(lost)))] : []) + records
        try store.append(batch, totals: counts.totals)
        if lost > 0 {
            gatherer.toldOfLost(lost)
            saidLoss = false
            // It may have been among them.
            timeFixes = TimeFixes()
        }
        if journalIsFailing { log.log(.notice, "the journal is written again") }
        journalIsFailing = false
        if let onCommit { batch.forEach(onCommit) }
    }

    private func noticeOfLost(_ count: UInt64) -> Notice {
        let reading = clock.reading()
        return Notice(
            .recordsLost, at: reading.instant, utc: reading.utc, saying: NodeMessage.recordsLost(count: count), count: count)
    }
}

extension Record {
    /// With the channel's count since the journal began, now that the journal is known.
    fileprivate func continuing(from earlier: [String: UInt64]) -> Record {
        guard case .traffic(var interval) = body else { return self }
        interval.total += earlier[interval.channel] ?? 0
        return Record(bootID: bootID, body: .traffic(interval))
    }
}

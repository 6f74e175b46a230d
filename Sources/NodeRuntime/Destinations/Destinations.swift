import Delivery
import SensorCore
import ServiceManager
import StoreForward

/// The destinations of a journal, each on a thread of its own, from the opening of the journal to its end.
///
/// Belongs to the node loop's thread.
final class Destinations {
    /// One destination, whatever journal it sends at the moment.
    private struct Running {
        var plan: DestinationPlan
        /// nil while there is no journal, and when it could not be made.
        var destination: (any Destination)?
        var thread: (any ServiceThread)?
        /// By those before that sent an earlier journal.
        var connectionsLostBefore: UInt64 = 0
    }

    /// A resolver that nobody answers blocks for minutes, and that is no reason to count nothing meanwhile: at its
    /// limits (resolv.conf(5): 5 tries of 30 s at 3 servers) a name takes 7.5 minutes, and again with each suffix of
    /// the search list. Standing still costs only delay, since the journal keeps every record; starting anew costs
    /// counts. So only a thread that will not come back is worth it.
    private static let gracePeriod = TimeSpan.seconds(30 * 60)

    private var running: [Running]
    private let log: any EventLog

    init(_ plans: [DestinationPlan], log: any EventLog) {
        running = plans.map { Running(plan: $0) }
        self.log = log
    }

    var isEmpty: Bool { running.isEmpty }
    var names: [String] { running.map(\.plan.place.name) }

    /// Makes one for each plan. One that can't be made is said; the others go on.
    func open(_ journal: Journal) {
        for index in running.indices {
            guard let outbox = journal.outbox(for: running[index].plan.place.name) else { continue }
            do throws(DestinationUnavailable) {
                running[index].destination = try running[index].plan.make(outbox)
            } catch {
                log.log(.error, "\(error); nothing is published to it until the node is started anew")
            }
        }
    }

    func start(_ threads: any ServiceThreads) throws(ThreadError) {
        for index in running.indices {
            guard let destination = running[index].destination, running[index].thread == nil else { continue }
            running[index].thread = try threads.startSending(to: destination.name) { destination.run() }
        }
    }

    /// All are asked before one is waited for. `deadline` is on their clock, the system's.
    func stop(drainUntil deadline: MonotonicInstant) {
        for entry in running { entry.destination?.requestStop(drainUntil: deadline) }
        for index in running.indices {
            guard let thread = running[index].thread else { continue }
            if !thread.join() { log.log(.warning, "destination \(running[index].plan.place.name) did not stop in time") }
            running[index].thread = nil
        }
    }

    /// The journal goes; what was counted of its destinations is kept.
    func letGo() {
        for index in running.indices {
            running[index].connectionsLostBefore += running[index].destination?.snapshot.connectionsLost ?? 0
            running[index].destination = nil
        }
    }

    func recordsAvailable() {
        for entry in running { entry.destination?.recordsAvailable() }
    }

    /// Connections lost since the node started, over all destinations.
    var connectionsLost: UInt64 {
        running.reduce(0) { $0 + $1.connectionsLostBefore + ($1.destination?.snapshot.connectionsLost ?? 0) }
    }

    /// Set aside since the last call, by destination.
    func takeSetAside() -> [(name: String, records: [SetAsideRecords])] {
        running.compactMap { entry in
            guard let records = entry.destination?.takeSetAside(), !records.isEmpty else { return nil }
            return (entry.plan.place.name, records)
        }
    }

    func standings(_ journal: Journal?) -> [DestinationStanding] {
        running.map { entry in
            let outbox = journal?.outbox(for: entry.plan.place.name)
            return DestinationStanding(
                name: entry.plan.place.name, backlog: outbox.map { $0.owed },
                acknowledgedThrough: outbox?.acknowledgedThrough, status: entry.destination?.snapshot ?? DeliveryStatus())
        }
    }

    /// Turns are nil for a destination that is not, or cannot be, until the node is started anew.
    var watchedLoops: [WatchedLoop] {
        running.map { entry in
            WatchedLoop(
                name: entry.plan.place.name == "mqtt" ? "publisher" : "destination \(entry.plan.place.name)", gracePeriod: Self.gracePeriod,
                turns: entry.destination?.turns)
        }
    }
}

extension RecordOutbox {
    /// Kept records that this destination is owed.
    fileprivate var owed: UInt64 {
        let last = lastSequence
        return last == 0 ? 0 : settled.missing(in: 1...last).total
    }
}

package import SensorCore
package import ServiceManager

/// Tells the service manager when the node has started, how it fares and that it lives.
///
/// Belongs to the node loop's thread.
package struct ServiceReports {
    private let manager: ServiceManager
    private let log: any EventLog
    private let statusPause: TimeSpan
    private var feeder: WatchdogFeeder?
    private var isReady = false
    private var statusDue = MonotonicInstant.distantFuture
    private var standingLoop: String?
    private var isUnheard = false

    /// - Parameter interval: the node's; a status is given at most once in it.
    package init(to manager: ServiceManager, interval: TimeSpan, log: any EventLog) {
        self.manager = manager
        self.log = log
        statusPause = interval
    }

    /// To be called after each tick of the node loop.
    package mutating func report(_ services: NodeServices, at now: MonotonicInstant) {
        guard services.isArmed else { return }
        if !isReady {
            isReady = true
            // Its time begins with this message.
            feeder = manager.watchdogTimeout.map {
                WatchdogFeeder(timeout: $0, loops: services.watchedLoops, startingAt: now)
            }
            tell(.ready(status: services.standing.line))
            statusDue = now + statusPause
        } else if now >= statusDue {
            tell(.status(services.standing.line))
            statusDue = now + statusPause
        }
        switch feeder?.decide(turns: services.turns, at: now) {
        case .feed:
            standingLoop = nil
            tell(.watchdog)
        case .starve(let loop, let standing):
            if standingLoop != loop {
                log.log(
                    .error,
                    "the \(loop) thread has stood still for \(Int(standing.seconds)) s; if it does not go on, the watchdog "
                        + "starts the node anew")
            }
            standingLoop = loop
        case .wait, nil: break
        }
    }

    package mutating func stopping() { tell(.stopping) }

    private mutating func tell(_ message: ServiceMessage) {
        do throws(NotificationFault) {
            try manager.tell(message)
            isUnheard = false
        } catch {
            if !isUnheard { log.log(.warning, "\(error)") }
            isUnheard = true
        }
    }
}

/// How the node fares, for a person.
struct NodeStanding: Hashable {
    enum Delivery: Hashable {
        /// The node publishes nothing, or cannot.
        case none
        case connected
        case disconnected(reason: String?)
        /// Of several destinations; `reason` of the first that has one.
        case several(connected: Int, of: Int, reason: String?)

        init(_ destinations: [DestinationStanding]) {
            guard let first = destinations.first else {
                self = .none
                return
            }
            if destinations.count == 1 {
                self = first.status.isConnected ? .connected : .disconnected(reason: first.status.lastError)
            } else {
                let failing = destinations.first { !$0.status.isConnected && $0.status.lastError != nil }
                self = .several(
                    connected: destinations.count { $0.status.isConnected }, of: destinations.count,
                    reason: failing.flatMap { failing in failing.status.lastError.map { "\(failing.name): \($0)" } })
            }
        }
    }

    var channels: Int
    /// By all channels together, since the journal began.
    var counted: UInt64
    /// Records that the destination with the most of them is owed.
    var backlog: UInt64
    var delivery: Delivery

    var line: String {
        let count = "\(counted) counted on \(channels) channel\(channels == 1 ? "" : "s")"
        let waiting = "\(backlog) record\(backlog == 1 ? "" : "s") waiting"
        return switch delivery {
        case .none: "\(count); nothing is published"
        case .connected: "\(count); broker connected, \(waiting)"
        case .disconnected(let reason?): "\(count); broker not connected, \(waiting): \(reason)"
        case .disconnected(nil): "\(count); broker not connected yet, \(waiting)"
        case .several(let connected, let all, let reason):
            "\(count); \(connected) of \(all) destinations connected, \(waiting)" + (reason.map { ": \($0)" } ?? "")
        }
    }
}

/// Keeps the service manager patient during work of the node loop that can outlast its patience: carrying a damaged journal's
/// records over, on a slow card.
package final class LongWork {
    private let manager: ServiceManager?
    private let clock: any NodeClock
    private let log: any EventLog
    private var told: MonotonicInstant?

    private static let pause = TimeSpan.seconds(5)
    private static let patience = TimeSpan.seconds(60)

    package init(_ manager: ServiceManager?, clock: any NodeClock, log: any EventLog) {
        self.manager = manager
        self.clock = clock
        self.log = log
    }

    /// To be called while it goes on, as often as one likes.
    package func goesOn() {
        let now = clock.now()
        guard let manager, told.map({ now >= $0 + Self.pause }) ?? true else { return }
        told = now
        do throws(NotificationFault) {
            try manager.tell(.busy(Self.patience))
        } catch {
            log.log(.warning, "\(error)")
        }
    }
}

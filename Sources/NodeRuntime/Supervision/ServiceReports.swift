import SensorCore
import ServiceManager

/// Tells the service manager when the node has started, how it fares and that it lives.
///
/// Belongs to the node loop's thread.
struct ServiceReports {
    private let manager: ServiceManager
    private let log: any EventLog
    private let statusPause: TimeSpan
    private var feeder: WatchdogFeeder?
    private var isReady = false
    private var statusDue = MonotonicInstant.distantFuture
    /// The loop that the watchdog is not fed for.
    private var standing = Latch<String?>(nil)
    private var unheard = Latch(false)

    /// - Parameter interval: the node's; a status is given at most once in it.
    init(to manager: ServiceManager, interval: TimeSpan, log: any EventLog) {
        self.manager = manager
        self.log = log
        statusPause = interval
    }

    /// To be called after each tick of the node loop.
    mutating func report(_ node: NodeLoop, at now: MonotonicInstant) {
        guard node.isArmed else { return }
        if !isReady {
            isReady = true
            // Its time begins with this message.
            feeder = manager.watchdogTimeout.map {
                WatchdogFeeder(timeout: $0, loops: node.watchedLoops, startingAt: now)
            }
            tell(.ready(status: node.standing.line))
            statusDue = now + statusPause
        } else if now >= statusDue {
            tell(.status(node.standing.line))
            statusDue = now + statusPause
        }
        switch feeder?.decide(node.watchedLoops, at: now) {
        case .feed:
            _ = standing.changed(to: nil)
            tell(.watchdog)
        case .starve(let loop, let time):
            if standing.changed(to: loop) {
                log.log(
                    .error,
                    "the \(loop) thread has stood still for \(Int(time.seconds)) s; if it does not go on, the watchdog "
                        + "starts the node anew")
            }
        case .wait, nil: break
        }
    }

    mutating func stopping() { tell(.stopping) }

    private mutating func tell(_ message: ServiceMessage) {
        do throws(NotificationFault) {
            try manager.tell(message)
            _ = unheard.changed(to: false)
        } catch {
            if unheard.changed(to: true) { log.log(.warning, "\(error)") }
        }
    }
}

/// How the node fares, for a person.
struct NodeStanding: Hashable {
    enum Delivery: Hashable {
        /// The node publishes nothing, or cannot.
        case none
        case connected
        case disconnected(reason: Sentence?)
        /// Of several destinations; `reason` of the first that has one.
        case several(connected: Int, of: Int, reason: Sentence?)

        init(_ destinations: [DestinationStanding]) {
            guard let first = destinations.first else {
                self = .none
                return
            }
            if destinations.count == 1 {
                self = first.status.isConnected ? .connected : .disconnected(reason: first.status.trouble)
            } else {
                let failing = destinations.first { !$0.status.isConnected && $0.status.trouble != nil }
                self = .several(
                    connected: destinations.count { $0.status.isConnected }, of: destinations.count,
                    reason: failing.flatMap { failing in failing.status.trouble.map { "\(failing.name): \($0)" } })
            }
        }
    }

    var channels: Int
    /// By all channels together, since the journal began.
    var counted: UInt64
    /// Records that the destination with the most of them is owed.
    var backlog: UInt64
    var delivery: Delivery
}

/// Keeps the service manager patient during work of the node loop that can outlast its patience: carrying a damaged journal's
/// records over, on a slow card.
final class LongWork {
    private let manager: ServiceManager?
    private let clock: any NodeClock
    private let log: any EventLog
    private var told: MonotonicInstant?

    private static let pause = TimeSpan.seconds(5)
    private static let patience = TimeSpan.seconds(60)

    init(_ manager: ServiceManager?, clock: any NodeClock, log: any EventLog) {
        self.manager = manager
        self.clock = clock
        self.log = log
    }

    /// To be called while it goes on, as often as one likes.
    func goesOn() {
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

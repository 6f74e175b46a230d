import Glibc
public import SensorCore
import Synchronization

/// Sends one journal to one MQTT broker, with QoS 1, in order, for as long as it takes.
///
/// The executable gives it a thread of its own: `run` blocks. All other members may be called from any thread.
/// At each connection it says `online` on the retained status topic before the first record; the broker says `lost` in
/// its name when the connection breaks, and it says `stopped` itself when it is asked to stop.
public final class MQTTPublisher: Sendable {
    private let settings: MQTTSettings
    private let encoder: any RecordEncoder
    private let outbox: any RecordOutbox
    private let clock: any NodeClock
    private let log: any EventLog
    private let version: String
    private let seed: UInt64
    private let wake: WakeEvent
    private let shared = Mutex(SharedState())
    private let turnCount = Atomic<UInt64>(0)

    /// - Parameters:
    ///   - version: the program's, for the status message.
    ///   - clock: the system's clock, also in simulations: brokers live in real time.
    ///   - seed: of the jitter in the waits between connections.
    public init(
        settings: MQTTSettings, encoder: any RecordEncoder, outbox: any RecordOutbox, version: String,
        clock: any NodeClock, seed: UInt64, log: any EventLog
    ) throws(PublisherUnavailable) {
        wake = try WakeEvent()
        self.settings = settings
        self.encoder = encoder
        self.outbox = outbox
        self.clock = clock
        self.log = log
        self.version = version
        self.seed = seed
    }

    /// Publishes until `requestStop`. Blocks the calling thread, on which it blocks SIGPIPE as well: libmosquitto 2.0.11
    /// writes to closed sockets without MSG_NOSIGNAL. Call it once.
    public func run() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)

        let delivery = Delivery(
            settings: settings, encoder: encoder, outbox: outbox, version: version, clock: clock, seed: seed,
            wake: wake, log: log,
            reports: Delivery.Reports(
                status: { status in self.shared.withLock { $0.status = status } },
                setAside: { sequences, reason in
                    self.shared.withLock { $0.setAside.append(contentsOf: sequences.map { SetAsideRecord(sequence: $0, reason: reason) }) }
                }))
        while delivery.step(stoppingAt: shared.withLock { $0.drainUntil }) {
            shared.withLock { $0.status = delivery.status }
            turnCount.wrappingAdd(1, ordering: .relaxed)
        }
        shared.withLock { $0.status = delivery.status }
    }

    /// Asks `run` to end. It goes on sending what the journal holds until all of it is acknowledged or `deadline` has
    /// come; then it takes at most two seconds to say `stopped` and DISCONNECT. Without a broker at hand it ends at
    /// once: the journal keeps what was not sent.
    public func requestStop(drainUntil deadline: MonotonicInstant) {
        shared.withLock { $0.drainUntil = deadline }
        wake.signal()
    }

    /// To be called after records were committed. Cheap; without it they are noticed within a second.
    public func recordsAvailable() { wake.signal() }

    /// Turns `run` has made: at least one a second, except while the resolver lets it wait for the broker's address.
    public var turns: UInt64 { turnCount.load(ordering: .relaxed) }

    public var snapshot: MQTTStatus { shared.withLock { $0.status } }

    /// Records that were set aside since the last call, each once: the broker refuses them and takes others.
    public func takeSetAside() -> [SetAsideRecord] {
        shared.withLock { shared in
            defer { shared.setAside = [] }
            return shared.setAside
        }
    }

    private struct SharedState {
        var status = MQTTStatus()
        var drainUntil: MonotonicInstant?
        /// Bounded by what the session sets aside at most.
        var setAside: [SetAsideRecord] = []
    }
}

/// A record that a broker refuses for good; the journal keeps it.
public struct SetAsideRecord: Hashable, Sendable {
    public var sequence: UInt64
    public var reason: String
}

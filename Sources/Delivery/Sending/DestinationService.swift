public import HostFiles
public import SensorCore
import Synchronization

/// Sends one journal to one destination, in order, for as long as it takes.
///
/// Its owner gives it a thread of its own: `run` blocks. All other members may be called from any thread.
/// At each connection the format's birth goes before the first record; the other side says the format's will when the
/// connection breaks, and the service says the last words itself when it is asked to stop.
public final class DestinationService: Sendable {
    /// Makes the transport on the destination's thread, which alone uses it; it waits for the wake besides its own input.
    public typealias TransportFactory = @Sendable (WakeEvent) -> any DeliveryTransport

    public let settings: DeliverySettings
    private let format: any RecordFormat
    private let outbox: any RecordOutbox
    private let makeTransport: TransportFactory
    private let clock: any NodeClock
    private let log: any EventLog
    private let version: String
    private let seed: UInt64
    private let wake: WakeEvent
    private let shared = Mutex(SharedState())
    private let turnCount = Atomic<UInt64>(0)

    /// - Parameters:
    ///   - version: the program's, for the format's birth.
    ///   - clock: the system's clock, also in simulations: brokers live in real time.
    ///   - seed: of the jitter in the waits between connections.
    public init(
        settings: DeliverySettings, format: any RecordFormat, outbox: any RecordOutbox, version: String,
        clock: any NodeClock, seed: UInt64, log: any EventLog, transport: @escaping TransportFactory
    ) throws(DestinationUnavailable) {
        do throws(WakeEventUnavailable) {
            wake = try WakeEvent()
        } catch {
            throw DestinationUnavailable(name: settings.name, code: error.code)
        }
        self.settings = settings
        self.format = format
        self.outbox = outbox
        makeTransport = transport
        self.clock = clock
        self.log = log
        self.version = version
        self.seed = seed
    }

    /// Sends until `requestStop`. Blocks the calling thread. Call it once.
    public func run() {
        let sender = DestinationSender(
            settings: settings, format: format, outbox: outbox, transport: makeTransport(wake), version: version, clock: clock,
            seed: seed, log: log,
            reports: DestinationSender.Reports(
                status: { status in self.shared.withLock { $0.status = status } },
                setAside: { records in self.shared.withLock { $0.setAside.append(records) } }))
        while sender.step(stoppingAt: shared.withLock { $0.drainUntil }) {
            shared.withLock { $0.status = sender.status }
            turnCount.wrappingAdd(1, ordering: .relaxed)
        }
        shared.withLock { $0.status = sender.status }
    }

    /// Asks `run` to end. It goes on sending what the journal holds until all of it is acknowledged or `deadline` has
    /// come; then it takes at most two seconds for the last words and the orderly end. Without anybody to send to it ends at
    /// once: the journal keeps what was not sent.
    public func requestStop(drainUntil deadline: MonotonicInstant) {
        shared.withLock { $0.drainUntil = deadline }
        wake.signal()
    }

    /// To be called after records were committed. Cheap; without it they are noticed within a second.
    public func recordsAvailable() { wake.signal() }

    /// Turns `run` has made: at least one a second, except while the resolver lets it wait for an address.
    public var turns: UInt64 { turnCount.load(ordering: .relaxed) }

    public var snapshot: DeliveryStatus { shared.withLock { $0.status } }

    /// What was set aside since the last call. What goes to the same address later is not told again.
    public func takeSetAside() -> [SetAsideRecords] {
        shared.withLock { shared in
            defer { shared.setAside = [] }
            return shared.setAside
        }
    }

    private struct SharedState {
        var status = DeliveryStatus()
        var drainUntil: MonotonicInstant?
        /// One for each address at most, until somebody takes them.
        var setAside: [SetAsideRecords] = []
    }
}

/// Records that a destination does not take while it takes others; the journal keeps them.
public struct SetAsideRecords: Hashable, Sendable {
    public var numbers: SequenceRanges
    /// Where they go.
    public var address: String
    public var obstacle: RefusalRegister.Obstacle
    /// The other side's, with what to do; nil where it said nothing.
    public var words: String?
    /// Payload of the first of them that failed, in bytes.
    public var size: Int
}

/// The system has no room for another destination.
public struct DestinationUnavailable: Error, Hashable, Sendable, SentenceConvertible {
    /// Of the destination.
    public let name: String
    /// `errno`.
    public let code: Int32

    public var sentence: Sentence { "destination \(name) can't begin: the process has too many open files (errno \(code))" }
}

import ClimateDrivers
import HardwareMocks
import SensorCore

/// Time that moves only when somebody sleeps.
final class BenchClock: NodeClock, @unchecked Sendable {
    // Sound without a lock: one thread uses it.
    private var instant = MonotonicInstant(nanoseconds: 1_000_000_000)

    let bootID = BootID("bench")
    func now() -> MonotonicInstant { instant }
    func reading() -> ClockReading { ClockReading(instant: instant, utc: nil) }
    func sleep(until deadline: MonotonicInstant) { instant = max(instant, deadline) }
}

/// Keeps what a part answers in one reading, then gives the same again and again, at no cost of its own.
final class RepeatingBus: I2CBus {
    private let source: SimulatedI2CBus
    /// All answers of one reading, one behind the other.
    private var answers: [UInt8] = []
    private var place = 0
    private var isRepeating = false

    init(_ source: SimulatedI2CBus) { self.source = source }

    var name: String { source.name }

    func `repeat`() {
        isRepeating = true
        place = 0
    }

    func transfer(
        to address: I2CAddress, write: UnsafeBufferPointer<UInt8>, read: UnsafeMutableBufferPointer<UInt8>
    ) throws(I2CError) {
        guard isRepeating else {
            try source.transfer(to: address, write: write, read: read)
            answers.append(contentsOf: read)
            return
        }
        if place == answers.count { place = 0 }
        for index in read.indices {
            read[index] = answers[place]
            place += 1
        }
    }

    /// What was kept so far is of a start, and not wanted.
    func forget() { answers.removeAll() }
}

/// One part that has been started, and is ready to be read again and again.
struct BenchedPart {
    let name: String
    let clock = BenchClock()
    private let bus: RepeatingBus
    private var reader: PartReader
    private var reading = PartReading()

    /// nil when the part cannot be read at all.
    init?(_ part: PartDescription) {
        guard let device = EmulatedParts.part(named: part.name), let reader = PartReader(part: part.name, at: part.addresses[0])
        else { return nil }
        name = part.name
        self.reader = reader
        let simulated = SimulatedI2CBus(clock: clock)
        simulated.plug(device, at: part.addresses[0])
        clock.sleep(for: .milliseconds(200))
        bus = RepeatingBus(simulated)
        guard read() else { return nil }
        bus.forget()
        clock.sleep(for: .seconds(60))
        guard read() else { return nil }
        bus.repeat()
        // The same answers to a reading that has nothing else to do.
        guard read() else { return nil }
    }

    /// False when it failed.
    mutating func read() -> Bool {
        do throws(SensorError) {
            try reader.read(on: bus, clock: clock, into: &reading)
            return true
        } catch {
            return false
        }
    }
}

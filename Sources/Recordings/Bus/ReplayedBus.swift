public import SensorCore
import Synchronization

/// A recorded bus, and a clock that does not wait, so that a driver can read it.
public struct ReplayedBus {
    /// Of the recorded part; nil when the recording does not say it: then every address answers.
    public let address: I2CAddress?
    public let bus: any I2CBus
    public let clock: any NodeClock

    /// Throws the first fault of the text, which begins with "LINE:COLUMN: ".
    public init(json text: [UInt8], name: String) throws(RecordingError) {
        let recording = try I2CRecording(json: text)
        address = recording.address
        bus = RecordedI2CBus(recording, name: name)
        clock = ReplayClock()
    }
}

/// Time that stands still but for waits, which pass at once.
private final class ReplayClock: NodeClock {
    private let nanoseconds = Atomic<Int64>(0)

    let bootID = BootID("replay")

    func now() -> MonotonicInstant { MonotonicInstant(nanoseconds: nanoseconds.load(ordering: .relaxed)) }
    func reading() -> ClockReading { ClockReading(instant: now(), utc: nil) }
    func sleep(until deadline: MonotonicInstant) { nanoseconds.max(deadline.nanoseconds, ordering: .relaxed) }
}

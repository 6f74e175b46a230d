import HardwareMocks
package import SensorCore

/// A recorded bus, and a clock that does not wait, so that a driver can read it.
package struct ReplayedBus {
    /// In bytes; a recording of one part fits into a fraction of it.
    package static let sizeLimit = I2CRecording.sizeLimit

    /// Of the recorded part; nil when the recording does not say it: then every address answers.
    package let address: I2CAddress?
    package let bus: any I2CBus
    package let clock: any NodeClock

    /// Throws the first fault of the text, which begins with "LINE:COLUMN: ".
    package init(json text: [UInt8], name: String) throws {
        let recording = try I2CRecording(json: text)
        address = recording.address
        bus = RecordedI2CBus(recording, name: name)
        clock = ManualClock(start: MonotonicInstant(nanoseconds: 0), utc: nil)
    }
}

import ControlSocket
import Recordings
import SensorCore

/// The stream `transfers`, as the recording that `sensor replay` reads.
///
/// A recording begins with a reading that starts the part, so the coefficients are in it, and ends with a whole reading.
struct RecordedTransfers {
    private(set) var recording = I2CRecordingWriter(part: "", address: "")
    private(set) var lost: UInt64 = 0

    /// False for a line that is none of the stream's.
    mutating func take(_ line: String) -> Bool {
        switch TransferLine(line) {
        case .part(let name, let address): recording = I2CRecordingWriter(part: name, address: address)
        case .lost(let count):
            let (sum, overflow) = lost.addingReportingOverflow(count)
            lost = overflow ? .max : sum
            recording.dropReading()
        case .reading(_, let outcome): recording.endReading(isSound: outcome == "ok")
        case .answered(_, let written, let read): recording.answered(written: written, read: read)
        case .failed(_, let written, let kind): recording.failed(written: written, I2CError.Kind(rawValue: kind))
        case nil: return false
        }
        return true
    }
}

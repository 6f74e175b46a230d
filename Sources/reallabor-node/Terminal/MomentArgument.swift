import ArgumentParser
import SensorCore

/// A moment of UTC in an option of a command: the same grammar for all.
func moment(_ argument: String) throws -> WallClockTime {
    guard let moment = WallClockTime(rfc3339: argument) else {
        throw ValidationError(saying: "write a moment of UTC like 2026-05-01, 2026-05-01T12:00 or 2026-05-01T12:00:00Z")
    }
    return moment
}

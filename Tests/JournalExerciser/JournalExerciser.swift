import Glibc
import SensorCore
import StoreForward

/// `append PATH FROM`: appends records for ever and prints the last sequence after each append that returned; record
/// n says n. `open PATH`: prints the opening report or the error. `bench DIRECTORY [RECORDS]`: prints figures.
/// `endure PATH [APPENDS]`, `examine PATH REPORTED` and `wear PATH MINUTES PAUSE STAT [DESTINATIONS]`: see `Endurance`.
@main
enum JournalExerciser {
    static func main() {
        let arguments = CommandLine.arguments
        do throws(JournalError) {
            switch (arguments.dropFirst().first, arguments.count) {
            case ("append", 3): try append(path: arguments[2])
            case ("open", 3): try open(path: arguments[2])
            case ("endure", 3...):
                try endure(path: arguments[2], appends: arguments.count > 3 ? Int(arguments[3]) ?? 0 : .max)
            case ("examine", 4): try examine(path: arguments[2], reported: UInt64(arguments[3]) ?? 0)
            case ("wear", 6...7):
                try wear(
                    path: arguments[2], minutes: Int(arguments[3]) ?? 1, pause: Int(arguments[4]) ?? 0, stat: arguments[5],
                    destinations: arguments.count > 6 ? Int(arguments[6]) ?? 1 : 1)
            case ("bench", 3...):
                try bench(directory: arguments[2], records: arguments.count > 3 ? Int(arguments[3]) ?? 0 : 1_000_000)
            default:
                print(
                    "usage: JournalExerciser append PATH | open PATH | endure PATH [APPENDS] | examine PATH REPORTED | "
                        + "wear PATH MINUTES PAUSE STAT [DESTINATIONS] | bench DIRECTORY [RECORDS]")
                exit(64)
            }
        } catch {
            print("\(error.kind.rawValue): \(error)")
            exit(1)
        }
    }

    private static func open(path: String) throws(JournalError) {
        let (journal, report) = try Journal.open(
            path: path, budgetBytes: 4 << 20, epochIfNew: JournalEpoch(rawValue: 7), destinations: ["mqtt"])
        print(report)
        try journal.close()
    }

    /// Ends by being killed. Acknowledges some, within a budget that makes it trim.
    private static func append(path: String) throws(JournalError) {
        let (journal, _) = try Journal.open(
            path: path, budgetBytes: 2 << 20, epochIfNew: JournalEpoch(rawValue: 7), destinations: ["mqtt"])
        var next = (journal.outbox(for: "mqtt")?.lastSequence ?? 0) + 1
        while true {
            let count = next % 20 + 1
            let records = (next..<next + count).map { number in
                Record(
                    bootID: BootID("boot"),
                    body: .notice(
                        Notice(
                            kind: .recordsLost, instant: MonotonicInstant(nanoseconds: Int64(number)), utc: nil,
                            text: String(repeating: "x", count: Int(number % 700)), count: number)))
            }
            let range = try journal.append(records, totals: ["gate": next + count - 1])
            journal.outbox(for: "mqtt")?.acknowledge(through: range.upperBound)
            next = range.upperBound + 1
            print(range.upperBound)
            fflush(nil)
        }
    }
}

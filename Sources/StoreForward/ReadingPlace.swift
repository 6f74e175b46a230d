import SensorCore
import Synchronization

/// A connection for reading, which is let go while the journal changes hands.
final class ReadingPlace: Sendable {
    private struct State {
        /// nil where it could not be opened again; the next read tries, and says so.
        var reader: JournalReader?
        var sharing: Database.Sharing
        var isClosed = false
    }

    private let path: String
    private let cacheKiB: Int
    private let state: Mutex<State>

    init(path: String, sharing: Database.Sharing, cacheKiB: Int) throws(JournalError) {
        self.path = path
        self.cacheKiB = cacheKiB
        state = Mutex(State(reader: try Self.reader(path, sharing, cacheKiB), sharing: sharing))
    }

    /// Up to `limit` records with these numbers, ascending.
    func records(in ranges: SequenceRanges, limit: Int) throws(JournalError) -> [JournalledRecord] {
        try state.withLock { (state) throws(JournalError) in
            guard !state.isClosed else {
                throw JournalError(kind: .closed, operation: "read \(path)", detail: "the journal was closed")
            }
            if state.reader == nil { state.reader = try Self.reader(path, state.sharing, cacheKiB) }
            guard let reader = state.reader else { return [] }
            var found: [JournalledRecord] = []
            for range in ranges.ranges where found.count < limit {
                found += try reader.records(in: range, limit: limit - found.count)
            }
            return found
        }
    }

    /// Closes the connection, runs `body`, and opens it again in the way that says. Nobody reads meanwhile.
    func handingOver(_ body: () -> Database.Sharing) -> Database.Sharing {
        state.withLock { state in
            state.reader = nil
            state.sharing = body()
            guard !state.isClosed else { return state.sharing }
            do throws(JournalError) {
                state.reader = try Self.reader(path, state.sharing, cacheKiB)
            } catch {
                state.reader = nil
            }
            return state.sharing
        }
    }

    func close() {
        state.withLock { state in
            state.reader = nil
            state.isClosed = true
        }
    }

    private static func reader(
        _ path: String, _ sharing: Database.Sharing, _ cacheKiB: Int
    ) throws(JournalError) -> JournalReader {
        // Alone on the file SQLite takes no lock for a read-only descriptor, so there it is told not to write.
        let database = try Database(path: path, access: sharing == .alone ? .readWrite : .readOnly, sharing: sharing)
        try JournalSchema.prepareReading(database, cacheKiB: cacheKiB)
        return try JournalReader(database)
    }
}

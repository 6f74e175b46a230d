extension Journal {
    /// Calls between two attempts to have the file alone again, when somebody who did not ask has it open.
    private static let callsBetweenAttempts = 60

    /// Shares the file with other processes as long as one wants to look into it (`ReadingRequest`), and has it to itself
    /// otherwise. To be called about once a second by the thread that appends. Opens all connections anew where something
    /// changes, which takes some milliseconds and writes nothing.
    ///
    /// - Throws: when the file could not be opened again. The next append or call tries.
    public func admitReaders() throws(JournalError) {
        guard damage == nil else { return }
        let isAsked = requests.areThere
        try writer.withLock { (writer) throws(JournalError) in
            // Opened anew, a file that was deleted or replaced would be another's.
            guard let writer, writer.connected == nil || writer.whereabouts.areInPlace() else { return }
            switch writer.sharing {
            case .alone where isAsked: try handOver(writer, .shared)
            case .shared where !isAsked:
                writer.callsUntilAttempt -= 1
                guard writer.callsUntilAttempt < 0 else { break }
                try handOver(writer, .alone)
                writer.callsUntilAttempt = writer.sharing == .alone ? 0 : Self.callsBetweenAttempts
            case .alone, .shared: break
            }
        }
    }

    /// Another process has the file open, or may.
    public var isShared: Bool { writer.withLock { $0?.sharing == .shared } }

    private func handOver(_ writer: JournalWriter, _ sharing: Database.Sharing) throws(JournalError) {
        var failure: JournalError?
        _ = Self.handingOver(places[...]) {
            do throws(JournalError) {
                try writer.connect(sharing)
            } catch {
                failure = error
            }
            return writer.sharing
        }
        if let failure { throw failure }
    }

    /// SQLite keeps its locks by process, so every connection has to be closed before the first is opened anew.
    private static func handingOver(
        _ places: ArraySlice<ReadingPlace>, _ body: () -> Database.Sharing
    ) -> Database.Sharing {
        guard let first = places.first else { return body() }
        return first.handingOver { handingOver(places.dropFirst(), body) }
    }
}

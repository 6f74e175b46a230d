import SensorCore

/// Read from the journal and not yet sent: at most a window per lane, so that the journal isn't asked for every record.
struct LaneReading {
    private var live: ArraySlice<JournalledRecord> = []
    private var backfill: ArraySlice<JournalledRecord> = []
    private var liveBase: UInt64 = 0
    private var backfillBase: UInt64 = 0

    /// The next record after `sequence`, if it was read already.
    mutating func next(_ lane: DeliverySession.Lane, after sequence: UInt64) -> JournalledRecord? {
        switch lane {
        case .live:
            guard liveBase == sequence, let record = live.popFirst() else { return nil }
            liveBase = record.sequence
            return record
        case .backfill:
            guard backfillBase == sequence, let record = backfill.popFirst() else { return nil }
            backfillBase = record.sequence
            return record
        }
    }

    mutating func keep(_ records: [JournalledRecord], of lane: DeliverySession.Lane, after sequence: UInt64) {
        switch lane {
        case .live: (live, liveBase) = (records[...], sequence)
        case .backfill: (backfill, backfillBase) = (records[...], sequence)
        }
    }
}

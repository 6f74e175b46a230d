import SensorCore

/// What the last commit left, besides the records: all that an append needs to know.
struct JournalStanding: Sendable {
    /// The highest number ever given.
    var lastSequence: UInt64
    /// The row of the newest run of records of one boot.
    var boot: (id: Int64, name: BootID)?
    var totals: [String: UInt64]
    var epochs: EpochChain
    /// Numbers whose records are no longer kept.
    var gone: SequenceRanges
    /// Acknowledged numbers by destination; also of destinations no longer configured.
    var acknowledged: [String: SequenceRanges]
    /// Kept numbers of joined records; nothing for `asMeasured`.
    var levels: [CoarseLevel: SequenceRanges]
    /// Of the opening that committed last; nil in a journal from before there were marks.
    var opening: UInt64?
    /// The destinations that the last opening named.
    var named: Set<String>
    /// Numbers that damage took, until the next append says so. Gone, too.
    var lost: SequenceRanges
    /// Numbers that were gone before, and what became of them is perhaps known no more, until the next append says so.
    var unexplained: SequenceRanges

    /// Of a journal without records.
    init(beginning epoch: JournalEpoch) {
        lastSequence = 0
        totals = [:]
        epochs = EpochChain(epoch)
        gone = SequenceRanges()
        acknowledged = [:]
        levels = [:]
        named = []
        lost = SequenceRanges()
        unexplained = SequenceRanges()
    }

    /// How many records are kept.
    var kept: UInt64 { lastSequence - gone.total }

    /// Numbers for which this destination is owed nothing.
    func settled(_ destination: String) -> SequenceRanges {
        var settled = gone
        if let acknowledged = acknowledged[destination] { settled.insert(acknowledged) }
        return settled
    }

    /// The numbers given under each epoch, ascending; none of one under which none was.
    var numbered: [(epoch: JournalEpoch, numbers: ClosedRange<UInt64>)] { epochs.numbered(through: lastSequence) }

    var everything: SequenceRanges { lastSequence > 0 ? SequenceRanges(1...lastSequence) : SequenceRanges() }
}

extension JournalStanding {
    /// Reads what the last commit left, and the ends of the account with it. Never more than that: opening must not
    /// take longer with a longer history.
    ///
    /// - Parameter recordsAreThere: false reads the account alone, without `boot`, and believes nothing of the records.
    init(
        _ database: Database, checksumIsNoted: Bool = true, recordsAreThere: Bool = true
    ) throws(JournalError) {
        func corrupt(_ detail: Sentence) -> JournalError { JournalSchema.corrupt(database, detail) }
        epochs = try EpochChain.read(database)
        totals = [:]
        gone = SequenceRanges()
        acknowledged = [:]
        levels = [:]
        named = []
        lost = SequenceRanges()
        unexplained = SequenceRanges()
        var last: UInt64?
        var noted: Int64?
        let select = try Statement(database, "SELECT name, first, value FROM counter ORDER BY name, first", "read")
        while try select.step() {
            guard let name = select.text(0) else { throw corrupt("a counter is not readable") }
            let (first, value) = (select.integer(1), select.integer(2))
            if name == JournalSchema.Counter.opening {
                opening = UInt64(bitPattern: value)
                continue
            }
            if name == JournalSchema.Counter.checksum {
                noted = value
                continue
            }
            guard first >= 0, value >= 0 else { throw corrupt("counter \(name) is not readable") }
            if name == JournalSchema.Counter.lastSequence {
                last = UInt64(value)
            } else if let channel = name.suffix(after: JournalSchema.Counter.total) {
                totals[channel] = UInt64(value)
            } else if let destination = name.suffix(after: JournalSchema.Counter.named) {
                named.insert(destination)
            } else {
                guard first > 0, first <= value else { throw corrupt("range \(first) to \(value) of \(name) is none") }
                let range = UInt64(first)...UInt64(value)
                if name == JournalSchema.Counter.gone {
                    gone.insert(range)
                } else if name == JournalSchema.Counter.lost {
                    lost.insert(range)
                } else if name == JournalSchema.Counter.unexplained {
                    unexplained.insert(range)
                } else if let destination = name.suffix(after: JournalSchema.Counter.acknowledged) {
                    acknowledged[destination, default: SequenceRanges()].insert(range)
                } else if let text = name.suffix(after: JournalSchema.Counter.level), let number = Int(text),
                    let level = CoarseLevel(rawValue: number)
                {
                    levels[level, default: SequenceRanges()].insert(range)
                } else {
                    throw corrupt("there is a counter \(name)")
                }
            }
        }
        guard let last else { throw corrupt("\(JournalSchema.Counter.lastSequence) is missing") }
        guard last <= JournalSchema.greatestSequence else { throw corrupt("\(last) records can't have been given a number") }
        lastSequence = last
        guard noted == Int64(checksum) || !checksumIsNoted else { throw corrupt("the checksum of the counters is wrong") }
        guard acknowledged.values.allSatisfy({ $0.ranges.last?.upperBound ?? 0 <= last }) else {
            throw corrupt("more is acknowledged than the \(last) records there were")
        }
        guard ([gone, lost, unexplained] + levels.values).allSatisfy({ $0.ranges.last?.upperBound ?? 0 <= last }) else {
            throw corrupt("there are notes on numbers beyond the last, \(last)")
        }
        guard recordsAreThere else { return }
        try checkEnds(database)
        let newestBoot = try Statement(database, "SELECT id, name FROM boot ORDER BY id DESC LIMIT 1", "read")
        if try newestBoot.step(), let name = newestBoot.text(1) {
            boot = (newestBoot.integer(0), BootID(name))
        }
    }

    /// The oldest and the newest kept record must be there and readable.
    private func checkEnds(_ database: Database) throws(JournalError) {
        let kept = everything.subtracting(gone)
        let ends = try database.integer("SELECT min(sequence) FROM record", "read")
        let newest = try database.integer("SELECT max(sequence) FROM record", "read")
        // A number below 0 is none that could be kept.
        func number(_ found: Int64?) -> UInt64? { found.map { UInt64(exactly: $0) ?? .max } }
        guard number(ends) == kept.ranges.first?.lowerBound, number(newest) == kept.ranges.last?.upperBound else {
            throw JournalSchema.corrupt(
                database,
                """
                records \(ends ?? 0) to \(newest ?? 0) are there, but \(kept.ranges.first?.lowerBound ?? 0) to \
                \(kept.ranges.last?.upperBound ?? 0) should be
                """)
        }
        guard let first = kept.ranges.first?.lowerBound, let last = kept.ranges.last?.upperBound else { return }
        let reader = try JournalReader(database)
        _ = try reader.records(in: first...first, limit: 1)
        _ = try reader.records(in: last...last, limit: 1)
    }
}

extension JournalStanding {
    /// Over everything in `counter` and `epoch`: a range that a flipped bit moves would leave records out unseen.
    var checksum: UInt32 {
        var crc = CRC32()
        func add(_ text: String) { var text = text; text.withUTF8 { crc.add(UnsafeRawBufferPointer($0)) } }
        func add(_ ranges: SequenceRanges) {
            for range in ranges.ranges {
                crc.add(range.lowerBound)
                crc.add(range.upperBound)
            }
        }
        crc.add(lastSequence)
        crc.add(opening ?? 0)
        for (channel, total) in totals.sorted(by: { $0.key < $1.key }) {
            add(channel)
            crc.add(total)
        }
        for link in epochs.links {
            crc.add(link.first)
            crc.add(link.epoch.rawValue)
        }
        add(gone)
        for (destination, ranges) in acknowledged.sorted(by: { $0.key < $1.key }) where !ranges.isEmpty {
            add(destination)
            add(ranges)
        }
        for level in CoarseLevel.allCases {
            crc.add(UInt64(level.rawValue))
            add(levels[level] ?? SequenceRanges())
        }
        for name in named.sorted() { add(name) }
        // Programs from before these ranges leave them out likewise.
        for (name, ranges) in [(JournalSchema.Counter.lost, lost), (JournalSchema.Counter.unexplained, unexplained)] where !ranges.isEmpty {
            add(name)
            add(ranges)
        }
        return crc.value
    }
}

extension String {
    fileprivate func suffix(after prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}

import Glibc
import SensorCore
import TestSupport
import Testing

@testable import StoreForward

/// One damage each. Whatever it is: never a wrong record, never a number twice in one epoch's account as read, and
/// the node gets a journal it can write to.
@Suite struct JournalCorruptionTests {
    let directory: ScratchFolder
    var path: String { directory.file("journal.db") }
    static let newEpoch = JournalEpoch(rawValue: 0x2222)
    static let count = 300

    init() throws { directory = ScratchFolder(inMemory: true) }

    /// Some are longer than a page.
    static func record(_ number: Int) -> Record { JournalUnderTest.record(number, textLength: number % 97 == 0 ? 5000 : 100) }

    /// `count` records, closed in an orderly way, so that all is in the database file.
    func fill() throws {
        let (journal, _) = try JournalUnderTest.open(path)
        for start in stride(from: 1, through: Self.count, by: 20) {
            _ = try journal.append(
                (start..<start + 20).map { Self.record($0) }, totals: ["gate": 1])
        }
        try journal.close()
    }

    private func change(_ file: String, _ change: (inout [UInt8]) -> Void) throws {
        var content = try Files.read(file)
        change(&content)
        try Files.write(file, content)
    }

    /// Opening sets the file aside under the first free number, says so, and begins anew: what is damaged so is not believed.
    private func expectSetAside(number: Int = 1, _ comment: String = "") throws {
        let (journal, report) = try JournalUnderTest.open(path, epoch: Self.newEpoch)
        guard case .setAside(let name, let damage, nil) = report else {
            Issue.record("\(comment): \(report)")
            return
        }
        #expect(name == "\(path).damaged-\(number)", "\(comment)")
        #expect(damage.kind == .corrupt, "\(comment)")
        #expect(directory.names.contains { $0.hasPrefix("journal.db.damaged-\(number)") }, "\(comment)")
        #expect(journal.epoch == Self.newEpoch, "\(comment)")
        #expect(try journal.append([JournalUnderTest.record(1)]) == 1...1, "\(comment)")
        try journal.close()
    }

    @Test("Garbage header") func garbageHeader() throws {
        try fill()
        let before = try Files.read(path)
        try change(path) { for index in 0..<100 { $0[index] = UInt8(index) &* 37 } }
        try expectSetAside()
        let aside = try Files.read(path + ".damaged-1")
        #expect(aside.dropFirst(100) == before.dropFirst(100), "evidence stays as it was found")
    }

    @Test("A file that is no database") func aFileThatIsNoDatabase() throws {
        try fill()
        try Files.write(path, Array("What is this?\n".utf8))
        try expectSetAside()
    }

    /// Somebody's notes under the journal's path: there was never a journal.
    @Test("A file that never was a journal is left alone", arguments: ["What is this?\n", String(repeating: "a,b,c\n", count: 2000)])
    func aFileThatNeverWasAJournal(_ text: String) throws {
        try Files.write(path, Array(text.utf8))
        for _ in 0..<2 {
            let error = caught { () throws(JournalError) in try JournalUnderTest.open(path) }
            #expect(error?.kind == .foreign)
            #expect(error?.detail.description.contains("never was one") == true)
        }
        #expect(try Files.read(path) == Array(text.utf8))
        #expect(!directory.names.contains { $0.contains("damaged") }, "\(directory.names)")
    }

    @Test("Zeros that a power cut left are set aside") func zeros() throws {
        try Files.write(path, [UInt8](repeating: 0, count: 4096))
        try expectSetAside()
    }

    /// With the right checksum, as whoever plants it would write it.
    @Test(
        "No number in it ends the program",
        arguments: [-1, -9_223_372_036_854_775_808, 9_223_372_036_854_775_807, 0, 9_007_199_254_740_993])
    func noNumberEndsTheProgram(_ number: Int64) throws {
        try fill()
        let planted = directory.file("planted.db")
        for column in ["record", "oldest record", "last_sequence"] {
            try Files.write(planted, try Files.read(path))
            do {
                let database = try Database(path: planted, access: .readWrite, lock: nil)
                var standing = try JournalStanding(database)
                switch column {
                case "record": try database.execute("UPDATE record SET sequence = \(number) WHERE sequence = 7", "plant")
                case "oldest record": try database.execute("UPDATE record SET sequence = \(number) WHERE sequence = 1", "plant")
                default:
                    standing.lastSequence = UInt64(bitPattern: number)
                    try database.execute(
                        """
                        UPDATE counter SET value = \(number) WHERE name = 'last_sequence'; \
                        UPDATE counter SET value = \(Int64(standing.checksum)) WHERE name = 'checksum'
                        """, "plant")
                }
            }
            let inspection = try JournalInspection(path: planted)
            _ = caught { () throws(JournalError) in try inspection.stats() }
            _ = caught { () throws(JournalError) in try inspection.node() }
            _ = caught { () throws(JournalError) in
                guard let kept = try inspection.keptRange() else { return }
                _ = try inspection.records(in: kept, limit: 1000)
            }
            let report = try JournalVerification(path: planted).run()
            #expect(!report.findings.isEmpty, "\(column) \(number)")
            let (journal, _) = try JournalUnderTest.open(planted, epoch: Self.newEpoch)
            let given = try journal.append([JournalUnderTest.record(1)])
            #expect(given.lowerBound > 0 && given.upperBound < 1 << 53, "\(column) \(number): \(given)")
            try journal.close()
            for name in directory.names where name.hasPrefix("planted") { unlink(directory.file(name)) }
        }
    }

    @Test("Each damaged file gets a number of its own") func eachDamagedFileGetsANumberOfItsOwn() throws {
        try fill()
        for number in 1...3 {
            try Files.write(path, Array("damage \(number)".utf8))
            try expectSetAside(number: number)
        }
        #expect(try Files.read(path + ".damaged-2") == Array("damage 2".utf8))
    }

    /// Within what says which numbers there were; `JournalPageDamageTests` has those behind it.
    @Test("Truncated file", arguments: [15, 100, 4096, 10_000]) func truncatedFile(length: Int) throws {
        try fill()
        try change(path) { $0.removeSubrange(length...) }
        try expectSetAside("\(length) bytes")
    }

    /// A file cut to nothing holds nothing to set aside.
    @Test("Empty file") func emptyFile() throws {
        try Files.write(path, [])
        let (_, report) = try JournalUnderTest.open(path)
        #expect(report == .begun)
    }

    @Test("Log without its database") func logWithoutItsDatabase() throws {
        try fillLog()
        unlink(path)
        try expectSetAside()
        #expect(directory.names.contains("journal.db.damaged-1-wal"))
    }

    /// Records that stand in the log only: the journal is dropped without closing.
    func fillLog() throws {
        let (journal, _) = try JournalUnderTest.open(path)
        for start in stride(from: 1, through: Self.count, by: 20) {
            let records = (start..<start + 20).map { Self.record($0) }
            _ = try journal.append(records, totals: ["gate": UInt64(start + 19)])
        }
    }

    /// A log that ends anywhere, or has a flipped byte anywhere: whole commits up to there, numbered on without a gap.
    @Test("Torn log", arguments: [false, true]) func tornLog(isFlipped: Bool) throws {
        try fillLog()
        let database = try Files.read(path)
        let log = try Files.read(path + "-wal")
        var random = SeededRandom(seed: 5)
        var seen: Set<Int> = []
        for _ in 0..<60 {
            let place = ScratchFolder(inMemory: true)
            let copy = place.file("journal.db")
            let position = Int.random(in: 0..<log.count, using: &random)
            var damaged = log
            if isFlipped { damaged[position] ^= 0x10 } else { damaged.removeSubrange(position...) }
            try Files.write(copy, database)
            try Files.write(copy + "-wal", damaged)
            try Files.write(copy + ".mark", try Files.read(path + ".mark"))
            let (journal, report) = try JournalUnderTest.open(copy)
            let outbox = try JournalUnderTest.outbox(journal)
            let last = Int(outbox.lastSequence)
            seen.insert(last)
            // Torn before the first commit, the log leaves what a beginning cut off leaves.
            #expect(report == .continued || (report == .begun && last == 0), "at \(position): \(report)")
            #expect(last % 20 == 0, "at \(position): a commit is there or not")
            #expect(last == 0 || journal.totals() == ["gate": UInt64(last)])
            let expected = (0..<last).map { Self.record($0 + 1) }
            #expect(try JournalUnderTest.readAll(outbox).map(\.record) == expected)
            #expect(try journal.append([JournalUnderTest.record(0)]).lowerBound == UInt64(last) + 1)
        }
        #expect(seen.count > 5, "the places must differ: \(seen)")
    }

    /// Each page in turn. It is noticed on opening or on use, or it held nothing that matters.
    @Test("Zeroed page") func zeroedPage() throws {
        try fill()
        let intact = try Files.read(path)
        var found = 0
        var carried: [Int] = []
        let pageBytes = Int(JournalSchema.pageBytes)
        let pages = intact.count / pageBytes
        for page in 0..<pages {
            let place = ScratchFolder(inMemory: true)
            let copy = place.file("journal.db")
            var damaged = intact
            for index in page * pageBytes..<(page + 1) * pageBytes { damaged[index] = 0 }
            try Files.write(copy, damaged)
            try Files.write(copy + ".mark", try Files.read(path + ".mark"))
            let use = try use(copy, "page \(page + 1)")
            if use.isNoticed { found += 1 }
            if let count = use.carried { carried.append(count) }
        }
        #expect(found >= pages - 2, "\(found) of \(pages): only free and pointer-map pages may go unnoticed")
        // A page of records takes its own records, a page above them many; the first page and that of the counters take all.
        #expect(carried.count >= found - 4, "\(carried) of \(found)")
        #expect(carried.count { $0 >= Self.count - 15 } > found / 2, "\(carried)")
    }

    /// One bit anywhere.
    @Test("Flipped bit", arguments: [1 as UInt64, 2, 3]) func flippedBit(seed: UInt64) throws {
        try fill()
        let intact = try Files.read(path)
        var random = SeededRandom(seed: seed)
        var found = 0
        var carried = 0
        for _ in 0..<100 {
            let place = ScratchFolder(inMemory: true)
            let copy = place.file("journal.db")
            var damaged = intact
            let position = Int.random(in: 0..<intact.count, using: &random)
            damaged[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            try Files.write(copy, damaged)
            try Files.write(copy + ".mark", try Files.read(path + ".mark"))
            let use = try use(copy, "seed \(seed), byte \(position)")
            if use.isNoticed { found += 1 }
            if use.carried ?? 0 >= Self.count - 15 { carried += 1 }
        }
        #expect(found > 50, "\(found) of 100")
        #expect(carried > found * 3 / 4, "\(carried) of \(found) seen")
    }

    struct Use {
        var isNoticed: Bool
        /// Records that went over to the journal that goes on.
        var carried: Int?
    }

    /// Opens, reads everything, appends. What was read until damage was noticed must be right.
    /// Noticed while running, the journal is reopened with that damage and must then be usable.
    func use(_ copy: String, _ comment: String) throws -> Use {
        let opened: (Journal, OpeningReport)
        do throws(JournalError) {
            opened = try JournalUnderTest.open(copy, epoch: Self.newEpoch)
        } catch {
            // The format number or the program's mark was hit: refused, not set aside.
            #expect(error.kind == .newerVersion || error.kind == .foreign, "\(comment): \(error)")
            return Use(isNoticed: true)
        }
        let (journal, report) = opened
        guard report == .continued else {
            guard case .setAside(_, _, let carriedOver) = report else { return Use(isNoticed: true) }
            return Use(isNoticed: true, carried: try expectGoesOn(journal, carriedOver, comment))
        }
        var read: [JournalledRecord] = []
        let outbox = try JournalUnderTest.outbox(journal)
        let failedRead = caught { () throws(OutboxError) in
            // Rows that come again would go on for ever.
            while read.count <= Self.count {
                let some = try outbox.records(after: read.last?.sequence ?? 0, limit: 10)
                if some.isEmpty { return }
                read += some
            }
        }
        let expected = (1...Self.count).map {
            JournalledRecord(sequence: UInt64($0), record: Self.record($0))
        }
        #expect(read == Array(expected.prefix(read.count)), "\(comment)")
        #expect(failedRead != nil || read.count == Self.count, "\(comment): \(read.count) records")
        let failedAppend = caught { () throws(JournalError) in
            try journal.append([JournalUnderTest.record(1)], totals: ["gate": 2])
        }
        if let failedAppend { #expect(failedAppend.kind == .corrupt, "\(comment): \(failedAppend)") }
        guard failedRead != nil || failedAppend != nil else { return Use(isNoticed: false) }
        let damage = try #require(journal.damage, "\(comment)")
        try journal.close()
        let (next, second) = try JournalUnderTest.open(copy, epoch: Self.newEpoch, knownDamage: damage)
        guard case .setAside(copy + ".damaged-1", let told, let carriedOver) = second else {
            Issue.record("\(comment): \(second)")
            return Use(isNoticed: true)
        }
        #expect(told.kind == .corrupt && told.detail.description.hasPrefix(damage.detail.description), "\(comment)")
        return Use(isNoticed: true, carried: try expectGoesOn(next, carriedOver, comment))
    }

    /// The numbers go on where they ended, what could be read is as it was, and a notice names the rest; or all begins anew.
    ///
    /// Returns how many records went over; nil when all began anew.
    @discardableResult
    func expectGoesOn(_ journal: Journal, _ carriedOver: CarriedOver?, _ comment: String) throws -> Int? {
        let newest = JournalUnderTest.record(7_777)
        let range = try journal.append([newest])
        guard let carriedOver else {
            #expect(range == 1...1 && journal.epoch == Self.newEpoch, "\(comment)")
            return nil
        }
        let outbox = try JournalUnderTest.outbox(journal)
        let all = try JournalUnderTest.readAll(outbox)
        var accountedFor = SequenceRanges()
        var carried = 0
        for record in all {
            if record.sequence <= UInt64(Self.count) {
                carried += 1
                accountedFor.insert(record.sequence...record.sequence)
                #expect(record.record == Self.record(Int(record.sequence)), "\(comment): \(record.sequence)")
            } else if case .notice(let notice) = record.record.body, notice.kind == .recordsDropped {
                for range in record.record.replaces { accountedFor.insert(range) }
            }
        }
        #expect(carried == Int(carriedOver.records) && carried + Int(carriedOver.lost) == Self.count, "\(comment): \(carriedOver)")
        #expect(accountedFor == SequenceRanges(1...UInt64(Self.count)), "\(comment): \(accountedFor)")
        #expect(all.last?.record == newest && all.last?.sequence == range.upperBound, "\(comment)")
        let notices = all.drop { $0.sequence <= UInt64(Self.count) }
        #expect(notices.map(\.sequence) == Array(UInt64(Self.count) + 1...range.upperBound), "\(comment)")
        if case .notice(let first)? = notices.first?.record.body {
            #expect(first.kind == .journalRestored && first.previousEpoch == JournalUnderTest.epoch, "\(comment)")
        }
        #expect(outbox.epoch(of: UInt64(Self.count)) == JournalUnderTest.epoch, "\(comment)")
        #expect(outbox.epoch(of: UInt64(Self.count) + 1) == Self.newEpoch, "\(comment)")
        #expect(journal.totals() == ["gate": 1], "\(comment)")
        return carried
    }

    /// Damage that strikes while the node runs.
    @Test("Damage while running stops everything until reopened") func damageWhileRunningStopsEverythingUntilReopened() throws {
        try fill()
        let (journal, _) = try JournalUnderTest.open(path)
        let outbox = try JournalUnderTest.outbox(journal)
        let second = try outbox.records(after: 149, limit: 1)
        #expect(second.count == 1)
        try JournalUnderTest.sql(path, "UPDATE record SET body = zeroblob(40) WHERE sequence = 200")
        let error = caught { () throws(OutboxError) in try outbox.records(after: 190, limit: 20) }
        #expect(error?.detail.description.contains("200") ?? false, "\(String(describing: error))")
        let damage = try #require(journal.damage)
        let refused = caught { () throws(JournalError) in try journal.append([JournalUnderTest.record(1)]) }
        #expect(refused == damage)
        try journal.close()
        let (again, report) = try JournalUnderTest.open(path, epoch: Self.newEpoch, knownDamage: damage)
        let carriedOver = CarriedOver(records: 299, lost: 1, leftBehind: 0)
        #expect(report == .setAside(name: path + ".damaged-1", damage: damage, carriedOver: carriedOver))
        try expectGoesOn(again, carriedOver, "200 overwritten")
    }

    @Test(
        "Wrong content",
        arguments: [
            ("a record missing in the middle", "DELETE FROM record WHERE sequence = 150"),
            ("a record moved", "UPDATE record SET sequence = 1000 WHERE sequence = 150"),
            (
                "a body of another record",
                "UPDATE record SET body = (SELECT body FROM record WHERE sequence = 5) WHERE sequence = 6"
            ),
            ("a boot missing", "DELETE FROM boot WHERE id = 2"),
            ("a boot mistaken", "UPDATE record SET boot = 1 WHERE sequence = 200"),
            ("the newest record missing", "DELETE FROM record WHERE sequence = 300"),
            ("all records missing", "DELETE FROM record"),
            ("a range too far", "INSERT INTO counter VALUES ('acknowledged:mqtt', 1, 301)"),
            ("kept records noted as gone", "INSERT INTO counter VALUES ('gone', 5, 9)"),
            ("an acknowledgement that never came", "INSERT INTO counter VALUES ('acknowledged:mqtt', 1, 200)"),
            ("a total that lies", "UPDATE counter SET value = 90 WHERE name = 'total:gate'"),
            ("a counter of another program", "INSERT INTO counter VALUES ('weather', 1, 2)"),
            ("the last number missing", "DELETE FROM counter WHERE name = 'last_sequence'"),
            ("a negative counter", "UPDATE counter SET value = -5 WHERE name = 'total:gate'"),
            ("the epoch missing", "DELETE FROM epoch"),
            ("an epoch that begins late", "UPDATE epoch SET first = 3"),
            ("an epoch of letters", "UPDATE epoch SET name = 'zzzzzzzzzzzzzzzz'"),
            ("a table missing", "DROP TABLE counter"),
            ("a column more", "ALTER TABLE record ADD COLUMN extra INTEGER"),
            ("a version that never was", "PRAGMA user_version = 0"),
        ]) func wrongContent(what: String, sql: String) throws
    {
        try fill()
        try JournalUnderTest.sql(path, sql)
        #expect(try use(path, what).isNoticed, "\(what) must be noticed")
    }

    @Test("Malformed schema") func malformedSchema() throws {
        try fill()
        let name = Array("CREATE TABLE record".utf8)
        try change(path) { content in
            let start = (0..<4096).first { Array(content[$0..<$0 + name.count]) == name }!
            content[start + 3] = UInt8(ascii: "?")
        }
        try expectSetAside()
    }

    @Test("Future schema version") func futureSchemaVersion() throws {
        try fill()
        try JournalUnderTest.sql(path, "PRAGMA user_version = 4")
        let before = try Files.read(path)
        let error = caught { () throws(JournalError) in try JournalUnderTest.open(path) }
        #expect(error?.kind == .newerVersion)
        #expect(error?.description.contains("format 4, this program knows up to 3") ?? false)
        #expect(try Files.read(path) == before, "not touched")
        #expect(!directory.names.contains { $0.contains("damaged") })
    }

    @Test("Another programs database") func anotherProgramsDatabase() throws {
        try JournalUnderTest.sql(path, "CREATE TABLE recipe (name TEXT)")
        let error = caught { () throws(JournalError) in try JournalUnderTest.open(path) }
        #expect(error?.kind == .foreign)
        #expect(directory.names == ["journal.db", "journal.db.lock", "journal.db.readers"])
    }

    /// A beginning that a power cut ended before anything was in it.
    @Test("Unfinished beginning") func unfinishedBeginning() throws {
        try JournalUnderTest.sql(path, "PRAGMA journal_mode = WAL")
        #expect(Files.size(path) > 0)
        let (journal, report) = try JournalUnderTest.open(path)
        #expect(report == .begun)
        #expect(try journal.append([JournalUnderTest.record(1)]) == 1...1)
    }
}

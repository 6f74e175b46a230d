import SensorCore
import TestSupport
import Testing

@testable import StoreForward

/// Records in which something stands that only a newer program knows.
@Suite struct NewerRecordsTests {
    let directory: ScratchFolder
    var path: String { directory.file("journal.db") }
    static let boot = BootID("a")

    init() throws { directory = ScratchFolder(inMemory: true) }

    // MARK: What a newer program writes

    /// Version 1 of a record of this kind.
    static func row(kind: UInt64, _ fields: (inout FieldWriter) -> Void) -> [UInt8] {
        var writer = FieldWriter()
        writer.writeVarint(1)
        writer.writeVarint(kind)
        writer.writeWithLength(fields)
        return writer.bytes
    }

    static func temperature(_ minute: Int64) -> ClimateInterval {
        ClimateInterval(
            span: CoarseningTests.span(minute), sensor: "mast", part: "bme280",
            quantities: [
                QuantityInterval(
                    quantity: .temperature,
                    statistics: SampleStatistics(count: 6, mean: 21, minimum: 20, maximum: 22, last: 21.5, standardDeviation: 0.5),
                    rawMean: 21)
            ], errors: [.init(kind: .crc, count: 2)])
    }

    /// Between two quantities that are known; with a kind of error, and a field of its own.
    static func newQuantity(_ minute: Int64) -> [UInt8] {
        row(kind: 2) { writer in
            temperature(minute).write(to: &writer)
            writer.write(4) { quantity in
                quantity.write(1, 4_711 as UInt64)
                quantity.write(2) {
                    $0.write(1, 6 as UInt64); $0.write(2, 0.25)
                }
                quantity.write(77, "of its own")
            }
            writer.write(4) { $0.write(1, Quantity.humidity.code) }
            writer.write(5) {
                $0.write(1, 99 as UInt64); $0.write(2, 3 as UInt64)
            }
        }
    }

    static func newDetector(_ minute: Int64) -> [UInt8] {
        row(kind: 1) { writer in
            writer.write(1) { CoarseningTests.span(minute).write(to: &$0) }
            writer.write(2, "lane")
            writer.write(3, 42 as UInt64)
            writer.write(6, 17 as UInt64)
        }
    }

    static func newKind(_ minute: Int64) -> [UInt8] {
        row(kind: 6) { writer in
            writer.write(1) { CoarseningTests.span(minute).write(to: &$0) }
            writer.write(2, 49.87)
            writer.write(3, "Schulhof")
        }
    }

    static let newNotice = row(kind: 5) { writer in
        writer.write(1, 55 as UInt64)
        writer.write(2, signed: 5)
        writer.write(4, "the lid was opened")
        writer.write(5, 3 as UInt64)
    }

    static func newField(_ minute: Int64) -> [UInt8] {
        row(kind: 1) { writer in
            guard case .traffic(let interval) = CoarseningTests.traffic(minute, 7).body else { return }
            interval.write(to: &writer)
            writer.write(50, signed: -3)
        }
    }

    static var all: [[UInt8]] { [newQuantity(0), newDetector(1), newKind(2), newNotice, newField(3)] }

    /// As this program holds it.
    static func read(_ bytes: [UInt8]) throws -> Record {
        try bytes.withUnsafeBytes { (bytes) throws(RecordCodecError) in try RecordCodec.decode(bytes, bootID: boot) }
    }

    // MARK: What is read of it

    @Test("A quantity that is not known is left out of its record") func aQuantityThatIsNotKnownIsLeftOutOfItsRecord() throws {
        let bytes = Self.newQuantity(4)
        let record = try Self.read(bytes)
        var expected = Self.temperature(4)
        expected.quantities.append(QuantityInterval(quantity: .humidity, statistics: nil, rawMean: nil))
        #expect(record.body == .climate(expected))
        #expect(record.verbatim == bytes)
    }

    @Test("A field that is not known is left out of its record") func aFieldThatIsNotKnownIsLeftOutOfItsRecord() throws {
        let record = try Self.read(Self.newField(4))
        #expect(record.body == CoarseningTests.traffic(4, 7).body)
        #expect(record.verbatim == Self.newField(4))
    }

    @Test("A notice of a kind that is not known keeps its text") func aNoticeOfAKindThatIsNotKnownKeepsItsText() throws {
        let expected = Notice(kind: .unknown, instant: MonotonicInstant(nanoseconds: 5), utc: nil, text: "the lid was opened", count: 3)
        #expect(try Self.read(Self.newNotice).body == .notice(expected))
    }

    @Test("A record whose kind or detector is not known has its time") func aRecordWhoseKindOrDetectorIsNotKnownHasItsTime() throws {
        #expect(try Self.read(Self.newKind(2)).body == .unknown(UnknownRecord(code: 6, span: CoarseningTests.span(2))))
        #expect(try Self.read(Self.newDetector(1)).body == .unknown(UnknownRecord(code: 1, span: CoarseningTests.span(1))))
    }

    @Test("A malformed body is still refused", arguments: 0..<5) func aMalformedBodyIsStillRefused(index: Int) {
        let bytes = Self.all[index]
        for length in 0..<bytes.count { #expect(throws: (any Error).self) { try Self.read(Array(bytes[..<length])) } }
    }

    @Test("Is written again byte for byte", arguments: 0..<5) func isWrittenAgainByteForByte(index: Int) throws {
        #expect(try RecordCodec.encode(Self.read(Self.all[index])) == Self.all[index])
    }

    // MARK: What the journal does with it

    /// Bodies by number, by SQLite itself.
    private func bodies(_ path: String) throws -> [String] {
        try JournalUnderTest.sql(path, "SELECT sequence || ' ' || hex(body) FROM record ORDER BY sequence")
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
    }

    private func fill() throws -> Journal {
        let (journal, _) = try JournalUnderTest.open(path)
        _ = try journal.append(Self.all.map { try Self.read($0) })
        return journal
    }

    @Test("Is kept and sent and no damage") func isKeptAndSentAndNoDamage() throws {
        let journal = try fill()
        #expect(try JournalUnderTest.readAll(JournalUnderTest.outbox(journal)).map(\.record.verbatim) == Self.all)
        try journal.close()
        #expect(try bodies(path) == Self.all.enumerated().map { "\($0.offset + 1) \(Self.hex($0.element))" })
        #expect(try JournalUnderTest.sql(path, "SELECT kind FROM record") == ["2", "1", "6", "5", "1"])
        let report = try JournalVerification(path: path).run()
        #expect(report.records == 5 && report.findings.isEmpty)
        let (again, opening) = try JournalUnderTest.open(path)
        #expect(opening == .continued && again.lastSequence == 5)
    }

    @Test("Goes on from a damaged journal byte for byte") func goesOnFromADamagedJournalByteForByte() throws {
        let journal = try fill()
        _ = try journal.append([JournalUnderTest.record(1)])
        try journal.close()
        let before = try bodies(path)
        try JournalUnderTest.sql(path, "UPDATE record SET body = zeroblob(9) WHERE sequence = 6")
        let (again, report) = try JournalUnderTest.open(
            path, epoch: JournalEpoch(rawValue: 0x77), knownDamage: JournalError(kind: .corrupt, operation: "read", detail: "told"))
        guard case .setAside(_, _, let carriedOver) = report else {
            Issue.record("\(report)")
            return
        }
        #expect(carriedOver == CarriedOver(records: 5, lost: 1, leftBehind: 0))
        try again.close()
        #expect(try bodies(path) == Array(before.prefix(5)))
    }

    @Test("Stays in a copy and when space is given back") func staysInACopyAndWhenSpaceIsGivenBack() throws {
        try fill().close()
        let before = try bodies(path)
        try JournalUnderTest.sql(path, "VACUUM INTO '\(directory.file("copy.db"))'")
        _ = try JournalCompaction.run(path: directory.file("copy.db"))
        #expect(try bodies(directory.file("copy.db")) == before)
    }

    @Test("Is never joined") func isNeverJoined() throws {
        for bytes in Self.all { #expect(try !Coarsening.applies(to: Self.read(bytes))) }
        #expect(Coarsening.applies(to: CoarseningTests.traffic(0)))
    }

    /// A budget that a backlog outgrows: what is known is joined around what is not, which stays as it is for as long as
    /// anything does.
    @Test("A full budget joins the records around it") func aFullBudgetJoinsTheRecordsAroundIt() throws {
        let (journal, _) = try JournalUnderTest.open(path, budget: Journal.minimumBudgetBytes)
        var newer: [UInt64: [UInt8]] = [:]
        for minute in stride(from: 0 as Int64, to: 30_000, by: 60) {
            var records = (minute..<minute + 60).map { CoarseningTests.traffic($0, 1) }
            if minute % 600 == 0 { records.append(try Self.read(Self.newQuantity(minute))) }
            let numbers = try journal.append(records)
            if minute % 600 == 0 { newer[numbers.upperBound] = Self.newQuantity(minute) }
        }
        let kept = try JournalUnderTest.readAll(JournalUnderTest.outbox(journal))
        #expect(kept.contains { $0.record.isReplacement }, "nothing was joined")
        #expect(kept.filter { $0.record.verbatim != nil }.map(\.record.verbatim) == newer.sorted { $0.key < $1.key }.map(\.value))
        #expect(kept.allSatisfy { record in newer.keys.allSatisfy { number in !record.record.replaces.contains { $0.contains(number) } } })
        let counted = kept.reduce(0 as UInt64) { sum, record in
            guard case .traffic(let interval) = record.record.body else { return sum }
            return sum + (interval.flows ?? []).reduce(0) { $0 + $1.count }
        }
        #expect(counted == 30_000)
    }
}

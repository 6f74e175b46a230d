import SensorCore
import TestSupport
import Testing

@testable import StoreForward

/// Pages lost, mixed up and spoilt at random; `JournalCorruptionTests.use` says what must hold then: nothing read is anything but
/// what was written, and every number that is missing is named.
extension JournalCorruptionTests {
    enum Damage: String, CaseIterable {
        case truncated, zeroed, swapped, copied, flipped

        /// The first page, and those of epoch, boots and counters, are the account: without them nothing is carried over.
        static let pagesOfTheAccount = 6
    }

    private func spoil(_ bytes: inout [UInt8], _ damage: Damage, sparing first: Int, _ random: inout SeededRandom) {
        let size = Int(JournalSchema.pageBytes)
        func page() -> Int { Int.random(in: first..<max(first + 1, bytes.count / size), using: &random) * size }
        let (one, other) = (page(), page())
        guard max(one, other) + size <= bytes.count else { return }
        switch damage {
        case .truncated: bytes.removeSubrange((Bool.random(using: &random) ? one : one + Int.random(in: 0..<size, using: &random))...)
        case .zeroed: bytes.replaceSubrange(one..<one + size, with: [UInt8](repeating: 0, count: size))
        case .swapped:
            let kept = Array(bytes[one..<one + size])
            bytes.replaceSubrange(one..<one + size, with: bytes[other..<other + size])
            bytes.replaceSubrange(other..<other + size, with: kept)
        case .copied: bytes.replaceSubrange(one..<one + size, with: Array(bytes[other..<other + size]))
        case .flipped:
            for _ in 0..<Int.random(in: 1...20, using: &random) {
                bytes[one + Int.random(in: 0..<size, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            }
        }
    }

    /// Numbers with a row on some page that is as it was written: what can be given back.
    private func readable(_ bytes: [UInt8], of intact: [UInt8]) -> Int {
        let size = Int(JournalSchema.pageBytes)
        var sound: Set<ArraySlice<UInt8>> = []
        for start in stride(from: 0, to: intact.count, by: size) { sound.insert(intact[start..<start + size]) }
        var numbers: Set<Int> = []
        for start in stride(from: 0, to: bytes.count - size + 1, by: size) where sound.contains(bytes[start..<start + size]) {
            // A page of rows; each says its number at the end of its text. Those that are longer than a page go by other pages too.
            guard bytes[start] == 0x0D else { continue }
            for at in start..<start + size - 5 where bytes[at] == UInt8(ascii: "x") && bytes[at + 1] == UInt8(ascii: " ") {
                let digits = bytes[(at + 2)...].prefix(3).prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
                if let number = Int(String(decoding: digits, as: UTF8.self)), number % 97 != 0 { numbers.insert(number) }
            }
        }
        return numbers.count
    }

    @Test("Whatever becomes of its pages, what can be read is given back", arguments: Damage.allCases)
    func whateverBecomesOfItsPages(_ damage: Damage) throws {
        try fill()
        let intact = try Files.read(path)
        let mark = try Files.read(path + ".mark")
        var whole = 0
        for seed in 1...60 as ClosedRange<UInt64> {
            var random = SeededRandom(seed: seed)
            let place = ScratchFolder(inMemory: true)
            let copy = place.file("journal.db")
            var bytes = intact
            let spares = seed % 4 != 0
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                spoil(&bytes, damage, sparing: spares ? Damage.pagesOfTheAccount : 0, &random)
            }
            try Files.write(copy, bytes)
            try Files.write(copy + ".mark", mark)
            let comment = "\(damage) seed \(seed)"
            let use = try use(copy, comment)
            guard spares, use.isNoticed else { continue }
            let carried = try #require(use.carried, "\(comment): nothing was carried over")
            #expect(carried >= readable(bytes, of: intact), "\(comment): \(carried)")
            whole += 1
        }
        #expect(whole > 20, "\(damage): \(whole) of 45 noticed")
    }

    /// Nothing is wrong with it: short rows and long ones, in the file and in its log.
    @Test("Of a sound file all goes over", arguments: [false, true]) func ofASoundFile(_ isInLog: Bool) throws {
        if isInLog { try fillLog() } else { try fill() }
        let damage = JournalError(kind: .corrupt, operation: "read", detail: "told by a test")
        let (journal, report) = try JournalUnderTest.open(path, epoch: Self.newEpoch, knownDamage: damage)
        let whole = CarriedOver(records: UInt64(Self.count), lost: 0, leftBehind: 0)
        #expect(report == .setAside(name: path + ".damaged-1", damage: damage, carriedOver: whole))
        let read = try JournalUnderTest.readAll(JournalUnderTest.outbox(journal))
        #expect(read.map(\.record) == (1...Self.count).map { Self.record($0) })
    }

    /// A page that the file does not use any more says something else of the same numbers, with right checksums.
    @Test("Of two rows of one number the one in use is taken") func ofTwoRowsOfOneNumber() throws {
        try fill()
        let other = ScratchFolder(inMemory: true)
        let (journal, _) = try JournalUnderTest.open(other.file("journal.db"))
        _ = try journal.append((1...Self.count).map { JournalUnderTest.record(9_000 - $0, textLength: 100) })
        try journal.close()
        try Files.write(path, try Files.read(path) + Files.read(other.file("journal.db")))
        let damage = JournalError(kind: .corrupt, operation: "read", detail: "told by a test")
        let (again, _) = try JournalUnderTest.open(path, epoch: Self.newEpoch, knownDamage: damage)
        let read = try JournalUnderTest.readAll(JournalUnderTest.outbox(again))
        #expect(read.map(\.record) == (1...Self.count).map { Self.record($0) })
    }
}

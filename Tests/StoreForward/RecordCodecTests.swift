import SensorCore
import TestSupport
import Testing

@testable import StoreForward

@Suite struct RecordCodecTests {
    static let seeds: [UInt64] = Array(1...40)
    static let boot = BootID("boot")

    /// The boot is not part of the bytes. Every second one replaces others.
    static func record(kind: Int, _ random: inout SeededRandom) -> Record {
        var record = random.record(kind: kind)
        record.bootID = boot
        if Bool.random(using: &random) { record.replaces = [1...1, 3...UInt64.random(in: 3...900, using: &random), 5_000...(.max)] }
        return record
    }

    static func decode(_ bytes: [UInt8]) throws(RecordCodecError) -> Record {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 1)
        defer { copy.deallocate() }
        copy.copyBytes(from: bytes)
        return try RecordCodec.decode(UnsafeRawBufferPointer(rebasing: copy[..<bytes.count]), bootID: boot)
    }

    @Test("Gives back what it was given", arguments: 0..<5, seeds) func givesBackWhatItWasGiven(kind: Int, seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<20 {
            let record = Self.record(kind: kind, &random)
            #expect(try Self.decode(RecordCodec.encode(record)) == record, "seed \(seed)")
        }
    }

    /// Worked by hand from the format's description: version, kind, what is replaced, length, then key and value of each field.
    @Test(
        "Is the format described",
        arguments: [
            (
                Record.Body.timeFix(
                    TimeFix(instant: MonotonicInstant(nanoseconds: 1), utc: WallClockTime(nanoseconds: -300))),
                [] as [ClosedRange<UInt64>], [1, 4, 5, 0x04, 0x02, 0x08, 0xD7, 0x04] as [UInt8]
            ),
            (
                .notice(
                    Notice(
                        kind: .recordsLost, instant: MonotonicInstant(nanoseconds: 64), utc: nil, text: "hé", count: 7,
                        sequences: nil)),
                [2...5, 200...200], [2, 5, 5, 2, 3, 0xC3, 0x01, 0, 12, 0x04, 3, 0x08, 0x80, 0x01, 0x12, 3, 0x68, 0xC3, 0xA9, 0x14, 7]
            ),
        ]) func isTheFormatDescribed(body: Record.Body, replaces: [ClosedRange<UInt64>], bytes: [UInt8]) throws
    {
        let record = Record(bootID: Self.boot, body: body, replaces: replaces)
        #expect(RecordCodec.encode(record) == bytes)
        #expect(try Self.decode(bytes) == record)
    }

    /// As a program of format 2 wrote them (`journal.sqlite` of 2026-11-20): every field is there.
    @Test("Reads bodies of format two") func readsBodiesOfFormatTwo() throws {
        let traffic = try Self.decode(Self.trafficOfFormatTwo)
        let span = IntervalSpan(
            start: MonotonicInstant(nanoseconds: 186_360_000_000_000), end: MonotonicInstant(nanoseconds: 186_420_000_000_000),
            utc: .init(start: WallClockTime(secondsSince1970: 1_780_099_960), end: WallClockTime(secondsSince1970: 1_780_100_020)),
            isPartial: false)
        #expect(
            traffic.body
                == .traffic(
                    TrafficInterval(
                        span: span, channel: "gate-north", detector: .contact, observed: .seconds(60),
                        flows: [TrafficFlow(count: 31)], total: 540_018,
                        quality: CountQuality(
                            counters: EdgeCounters(edges: 74, lostEdges: 0, overflows: 0, rejectedGlitches: 3),
                            filter: "stable rise 8 ms, fall 8 ms", confidence: 1))))
        let short = RecordCodec.encode(traffic)
        #expect(short.count + 45 < Self.trafficOfFormatTwo.count)
        #expect(try Self.decode(short) == traffic)
    }

    private static let trafficOfFormatTwo = bytes(
        "01017306220480C0CD99CADF540880E0BA84BF030C80C0E5C7EEDE97B4311080E0BA84BF0314000A0A676174652D6E6F7274680C011080E0BA84"
            + "BF03160406020C1F18F2FA201E2E044A08000C001003161B737461626C6520726973652038206D732C2066616C6C2038206D7319000000000000"
            + "F03F")

    private static func bytes(_ hexadecimal: String) -> [UInt8] {
        stride(from: 0, to: hexadecimal.count, by: 2).map { start in
            UInt8(hexadecimal.dropFirst(start).prefix(2), radix: 16) ?? 0
        }
    }

    @Test(
        "Phrases give back what they were given",
        arguments: [
            "stable rise 8 ms, fall 8 ms", "lockout 20 ms, glitches below 0.1 ms", "none", "", " ms ms, fall", "kernel 3 ms", "stable ris",
            "\u{10FFFF} lockout \u{E5}",
        ]) func phrasesGiveBackWhatTheyWereGiven(text: String)
    {
        let packed = Self.packed(text)
        #expect(CommonPhrases.unpacked(packed) == text)
        #expect(packed.count <= text.utf8.count)
        #expect(CommonPhrases.unpacked(Array(text.utf8)) == text, "what format 2 wrote")
    }

    @Test("Phrases refuse what is no text") func phrasesRefuseWhatIsNoText() {
        #expect(CommonPhrases.unpacked([0xF5, 0x38, 0xFF]) == nil)
        #expect(Self.packed("stable rise 8 ms, fall 8 ms") == [0xF5, 0x38, 0xF6, 0x38, 0xF9])
    }

    private static func packed(_ text: String) -> [UInt8] {
        var packed: [UInt8] = []
        CommonPhrases.pack(text, into: &packed)
        return packed
    }

    @Test("Refuses every truncation", arguments: 0..<5, seeds.prefix(8)) func refusesEveryTruncation(kind: Int, seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let bytes = RecordCodec.encode(Self.record(kind: kind, &random))
        for length in 0..<bytes.count {
            let error = caught { () throws(RecordCodecError) in try Self.decode(Array(bytes[..<length])) }
            #expect(error.map { $0.offset <= length } ?? false, "seed \(seed), length \(length)")
        }
        #expect(caught { () throws(RecordCodecError) in try Self.decode(bytes + [0]) } != nil)
    }

    /// Whatever a flipped byte makes of a body: another body or an error, never a trap.
    @Test("Survives every flipped byte", arguments: 0..<5, seeds.prefix(8)) func survivesEveryFlippedByte(kind: Int, seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let bytes = RecordCodec.encode(Self.record(kind: kind, &random))
        for index in bytes.indices {
            for bit in 0..<8 {
                var damaged = bytes
                damaged[index] ^= 1 << bit
                do throws(RecordCodecError) {
                    _ = try Self.decode(damaged)
                } catch {
                    #expect(error.offset <= bytes.count)
                }
            }
        }
    }

    @Test("Skips fields of a newer program") func skipsFieldsOfANewerProgram() throws {
        let fix = TimeFix(instant: MonotonicInstant(nanoseconds: 5), utc: WallClockTime(nanoseconds: 6))
        var writer = FieldWriter()
        writer.writeVarint(1)
        writer.writeVarint(4)
        writer.writeWithLength {
            $0.write(900, "later")
            fix.write(to: &$0)
            $0.write(901, 2.5)
            $0.write(902, signed: -1)
        }
        #expect(try Self.decode(writer.bytes).body == .timeFix(fix))
    }

    @Test(
        "Names what is wrong",
        arguments: [
            (1, "number", [1, 4, 3, 0x06, 1, 2] as [UInt8]),
            (2, "version", [9, 4, 0]),
            (3, "span is missing", [1, 77, 0]),
            (4, "missing", [1, 4, 2, 0x04, 0x02]),
            (5, "64 bits", [1, 4, 12, 0x04] + [UInt8](repeating: 0xFF, count: 10) + [1]),
            (6, "UTF-8", [1, 5, 8, 0x04, 3, 0x08, 0, 0x12, 2, 0xC3, 0x28]),
            (7, "instant is missing", [1, 5, 2, 0x04, 5]),
            (8, "wire type 3", [1, 4, 2, 0x07, 0]),
            (9, "do not ascend", [2, 4, 4, 3, 0, 0, 0, 0]),
            (10, "replaces nothing", [2, 4, 0, 0]),
        ]) func namesWhatIsWrong(_: Int, words: String, bytes: [UInt8])
    {
        let error = caught { () throws(RecordCodecError) in try Self.decode(bytes) }
        #expect(error?.detail.description.contains(words) ?? false, "\(String(describing: error))")
    }

    /// The check value every description of this CRC gives, and 32 zero bytes after zlib.
    @Test("Checksum is the usual one") func checksumIsTheUsualOne() {
        func crc(_ bytes: [UInt8]) -> UInt32 {
            var crc = CRC32()
            bytes.withUnsafeBytes { crc.add($0) }
            return crc.value
        }
        #expect(crc(Array("123456789".utf8)) == 0xCBF4_3926)
        #expect(crc([UInt8](repeating: 0, count: 32)) == 0x190A_55AD)
    }

    /// Eight bytes a step give what bit by bit gives, at every length and whatever went before.
    @Test("Checksum in steps is the one bit by bit") func checksumInStepsIsTheOneBitByBit() {
        var random = SeededRandom(seed: 32)
        let bytes = (0..<40).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        for start in 0...9 {
            for end in start...bytes.count {
                var crc = CRC32()
                bytes[..<start].withUnsafeBytes { crc.add($0) }
                bytes[start..<end].withUnsafeBytes { crc.add($0) }
                #expect(crc.value == Self.bitByBit(bytes[..<end]), "\(start) to \(end)")
            }
        }
        var crc = CRC32()
        crc.add(0x0123_4567_89AB_CDEF)
        #expect(crc.value == Self.bitByBit([0xEF, 0xCD, 0xAB, 0x89, 0x67, 0x45, 0x23, 0x01]))
    }

    private static func bitByBit(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var register: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            register ^= UInt32(byte)
            for _ in 0..<8 { register = register & 1 == 1 ? register >> 1 ^ 0xEDB8_8320 : register >> 1 }
        }
        return ~register
    }
}

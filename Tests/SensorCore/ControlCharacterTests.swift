import SensorCore
import Testing

@Suite struct ControlCharacterTests {
    @Test("Control characters are written out, everything else stays") func controlCharactersAreWrittenOut() {
        for value in 0...0x2100 as ClosedRange<UInt32> {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let isControl =
                value < 0x20 || (0x7F..<0xA0).contains(value) || [0x200E, 0x200F].contains(value) || (0x2028...0x202E).contains(value)
                || (0x2066...0x2069).contains(value)
            let text = "a\(Character(scalar))b"
            #expect(text.withoutControls() == (isControl ? "a\\u{\(String(value, radix: 16))}b" : text))
        }
        #expect("Straße\t1\n2\r\u{1b}[2J".withoutControls(keeping: "\n\t") == "Straße\t1\n2\\u{d}\\u{1b}[2J")
        #expect("🚲 Radweg 水".withoutControls() == "🚲 Radweg 水")
    }
}

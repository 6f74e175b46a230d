import ControlSocket
import TestSupport
import Testing

/// What the node writes into its streams is what its readers read: one type has both.
@Suite struct StreamLineTests {
    @Test("Edge lines read back as written, for any numbers", arguments: 0..<200 as Range<UInt64>)
    func edges(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let time = Int64.random(in: .min ... .max, using: &random)
        let (input, active) = (Int.random(in: 0...99, using: &random), Bool.random(using: &random))
        let sequence = UInt64.random(in: 0 ... .max, using: &random)
        for line in [
            EdgeLine.input(index: input, role: "first", pin: active ? "J8-11" : nil, isActiveLow: !active),
            .start(time: time, input: input, isActive: active), .edge(time: time, input: input, isActive: active, sequence: sequence),
            .lost(sequence),
        ] { #expect(EdgeLine(line.text) == line, "seed \(seed)") }
    }

    @Test("Reading, transfer and passage lines read back as written, for any numbers", arguments: 0..<200 as Range<UInt64>)
    func others(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let time = Int64.random(in: .min ... .max, using: &random)
        let (one, two) = (Double.random(in: -1e9...1e9, using: &random), Double.random(in: -1...1, using: &random))
        let bytes = String(UInt16.random(in: 0x1000...0xFFFF, using: &random), radix: 16)
        for line in [
            ReadingLine.value(time: time, quantity: "pm2_5", unit: "ug/m3", raw: one, calibrated: two), .error(time: time, kind: "crc"),
            .lost(7),
        ] {
            #expect(ReadingLine(line.text) == line, "seed \(seed)")
        }
        for line in [
            TransferLine.part(name: "bme280", address: "0x76"), .answered(time: time, written: bytes, read: ""),
            .answered(time: time, written: "", read: bytes), .failed(time: time, written: bytes, kind: "nack"),
            .reading(time: time, outcome: "ok"), .lost(7),
        ] { #expect(TransferLine(line.text) == line, "seed \(seed)") }
        for line in [
            PassageLine.passage(time: time, direction: "forward", roadUser: "bike", speed: one, length: nil),
            .passage(time: time, direction: nil, roadUser: nil, speed: nil, length: two), .lost(7),
        ] { #expect(PassageLine(line.text) == line, "seed \(seed)") }
    }

    @Test(
        "What is none of the stream is nil",
        arguments: [
            "", " ", "lost", "lost -1", "lost 99999999999999999999", "input 0 a", "input -1 a b active-low", "input 0 a b high",
            "start 1 0 2",
            "1 0 2 3", "1 0 1 -3", "99999999999999999999 0 1 0", "edge", "1 2 3", "1 f 00", "1 f7 0g", "x reading ok", "1 a b c d e",
            "1 q u x 1",
        ])
    func malformed(_ line: String) {
        #expect(EdgeLine(line) == nil)
        #expect(TransferLine(line) == nil)
        #expect(ReadingLine(line) == nil)
        #expect(PassageLine(line) == nil)
    }
}

import Glibc
import NodeConfiguration
import SensorCore
import TestSupport
import Testing

@Suite struct ConfigurationFuzz {
    /// Short, yet with every kind of value.
    static let valid = """
        node: a
        board: lab
        site: {name: "Straße", latitude: 1, longitude: 2, height: 3m}
        channels:
          - name: n
            detector: contact
            input: {pin: SIM-0, bias: pull-up}
            debounce: {kind: stable, time: 8ms}
        sensors:
          - {name: s, part: bme280, bus: i2c-fake, address: 0x76, period: 2s}
        # comment
        journal: {path: 'j', budget: 5MB}
        mqtt:
          host: h
          window: 7

        """

    /// A configuration, or faults that all lie inside the file; tells what went wrong otherwise.
    func complaint(about bytes: [UInt8], in context: ConfigurationContext) -> String? {
        do throws(ConfigurationFaults) {
            _ = try NodeConfiguration.parse(bytes, file: "f", context: context)
            return nil
        } catch {
            if error.faults.isEmpty { return "neither a configuration nor a fault" }
            let lengths = lineLengths(bytes)
            for fault in error.faults where fault.file == "f" {
                let isInside =
                    (1...lengths.count).contains(fault.line) && fault.column >= 1
                    && fault.column <= lengths[fault.line - 1] + 1
                if !isInside { return "outside the file: \(fault)" }
                if fault.message.unicodeScalars.contains(where: { $0.value < 0x20 }) { return "not on one line: \(fault)" }
            }
            let places = error.faults.filter { $0.file == "f" }.map { [$0.line, $0.column] }
            return zip(places, places.dropFirst()).allSatisfy { !$1.lexicographicallyPrecedes($0) }
                ? nil : "out of order: \(error)"
        }
    }

    /// Characters per line, with what is not UTF-8 counted generously: one per byte.
    private func lineLengths(_ bytes: [UInt8]) -> [Int] {
        let isText = String(validating: bytes, as: UTF8.self)
        let scalars = isText.map { $0.unicodeScalars.map(\.value) } ?? bytes.map { UInt32($0) }
        var lengths = [0]
        for (index, value) in scalars.enumerated() {
            if value == 0x0D || value == 0x0A && (index == 0 || scalars[index - 1] != 0x0D) {
                lengths.append(0)
            } else if value != 0x0A {
                lengths[lengths.count - 1] += 1
            }
        }
        return lengths
    }

    @Test("The text itself is valid") func theTextItselfIsValid() throws {
        _ = try parse(Self.valid)
    }

    @Test("Truncated at every byte") func truncatedAtEveryByte() throws {
        let context = try context()
        let bytes = Array(Self.valid.utf8)
        for length in 0..<bytes.count {
            if let complaint = complaint(about: Array(bytes[..<length]), in: context) {
                Issue.record("cut to \(length) bytes: \(complaint)")
            }
        }
    }

    @Test("Every byte replaced by every kind of trouble") func everyByteReplacedByEveryKindOfTrouble() throws {
        let context = try context()
        let bytes = Array(Self.valid.utf8)
        for index in bytes.indices {
            for trouble in Array("\t:{]-&*!'\"#\n\0\r%|@,".utf8) + [0x80, 0xC3, 0xFF] {
                var changed = bytes
                changed[index] = trouble
                if let complaint = complaint(about: changed, in: context) {
                    Issue.record("byte \(index) replaced by \(trouble): \(complaint)")
                }
            }
        }
    }

    @Test("Random mutations", arguments: [1, 2, 3, 4] as [UInt64]) func randomMutations(seed: UInt64) throws {
        let context = try context()
        let bytes = Array(Self.valid.utf8)
        var generator = SeededRandom(seed: seed)
        for round in 0..<1000 {
            var changed = bytes
            for _ in 0..<Int.random(in: 1...6, using: &generator) where !changed.isEmpty {
                let from = Int.random(in: 0..<changed.count, using: &generator)
                let to = min(changed.count, from + Int.random(in: 1...20, using: &generator))
                switch Int.random(in: 0..<5, using: &generator) {
                case 0: changed.removeSubrange(from..<to)
                case 1: changed.insert(contentsOf: changed[from..<to], at: Int.random(in: 0...changed.count, using: &generator))
                case 2: changed[from] = UInt8.random(in: 0...255, using: &generator)
                case 3: changed.insert(contentsOf: "\n- ? [{: |\n".utf8.shuffled(using: &generator), at: from)
                default: changed.swapAt(from, Int.random(in: 0..<changed.count, using: &generator))
                }
            }
            if let complaint = complaint(about: changed, in: context) {
                Issue.record("seed \(seed), round \(round): \(complaint)\n\(String(decoding: changed, as: UTF8.self))")
            }
        }
    }
}

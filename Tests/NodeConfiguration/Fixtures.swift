import NodeConfiguration
import SensorCore
import TestSupport
import Testing

/// What a translator finds of this target.
let catalogue = SentenceCatalogue("SensorCore", "HostFiles", "Calibration", "NodeConfiguration")

/// The repository, from this file's own place in it.
let repository = String(#filePath.dropLast("Tests/NodeConfiguration/Fixtures.swift".count))

func address(_ value: Int) throws -> I2CAddress { try #require(I2CAddress(value)) }

func context(kernelDebounce: Bool = true, boardFolders: [String]? = nil) throws -> ConfigurationContext {
    let climate: [Quantity] = [.temperature, .humidity]
    return ConfigurationContext(
        parts: [
            PartDescription(
                name: "bme280", addresses: [try address(0x76), try address(0x77)], quantities: climate + [.pressure]),
            PartDescription(
                name: "bmp280", addresses: [try address(0x76), try address(0x77)], quantities: [.temperature, .pressure]),
            PartDescription(name: "sht40", addresses: [try address(0x44)], quantities: climate),
            PartDescription(name: "sht41", addresses: [try address(0x45)], quantities: climate),
            PartDescription(name: "sht45", addresses: [try address(0x46)], quantities: climate),
        ],
        edges: EdgeCapabilities(
            backend: kernelDebounce ? "libgpiod 2.2.1 (GPIO uAPI v2)" : "libgpiod 1.6.3 (GPIO uAPI v1)",
            hasSequenceNumbers: kernelDebounce, hasKernelDebounce: kernelDebounce, bufferedEvents: 16),
        formats: [FormatDescription(name: "native", hasReceipts: true), FormatDescription(name: "senml", hasReceipts: false)],
        boardFolders: boardFolders ?? [repository + "Boards"])
}

/// What every configuration needs, and nothing else.
let smallest = """
    node: a
    board: raspberry-pi-4
    journal: {path: j.sqlite}
    mqtt: {host: broker}

    """

func channel(_ rest: String) -> String { smallest + "channels:\n  - " + rest + "\n" }
func sensor(_ rest: String) -> String { smallest + "sensors:\n  - " + rest + "\n" }
/// `smallest` with another section in place of `key`'s own.
func replacing(_ key: String, by line: String) -> String {
    smallest.split(separator: "\n").map { $0.hasPrefix(key + ":") ? line : String($0) }.joined(separator: "\n") + "\n"
}

func parse(_ text: String, kernelDebounce: Bool = true) throws -> NodeConfiguration {
    try NodeConfiguration.parse(text, file: "node.yaml", context: context(kernelDebounce: kernelDebounce))
}

func faults(of bytes: [UInt8], in context: ConfigurationContext) -> [ConfigurationFault] {
    do throws(ConfigurationFaults) {
        _ = try NodeConfiguration.parse(bytes, file: "node.yaml", context: context)
        return []
    } catch {
        return error.faults
    }
}

/// A text in which `▶` stands before each place where a fault is expected, with words its message must hold.
struct FaultCase: CustomTestStringConvertible, Sendable {
    var title: String
    var marked: String
    var words: [[String]]

    /// One fault.
    init(_ title: String, _ marked: String, _ words: String...) {
        self.init(title, marked, [words])
    }

    init(_ title: String, _ marked: String, _ words: [[String]]) {
        self.title = title
        self.marked = marked
        self.words = words
    }

    var testDescription: String { title }
    var text: String { String(marked.filter { $0 != "▶" }) }

    /// Lines and columns of the marks, 1-based, counted without the marks.
    var places: [[Int]] {
        var places: [[Int]] = []
        var (line, column) = (1, 1)
        for scalar in marked.unicodeScalars {
            switch scalar {
            case "▶": places.append([line, column])
            case "\n": (line, column) = (line + 1, 1)
            default: column += 1
            }
        }
        return places
    }

    func check(_ found: [ConfigurationFault], file: String = "node.yaml") {
        let told = found.map(\.description).joined(separator: "\n")
        #expect(found.map { [$0.line, $0.column] } == places, "\(told)")
        for (fault, expected) in zip(found, words) {
            #expect(fault.file == file)
            #expect(catalogue.missing(of: fault.sentence) == [], "not in Translations: run Deploy/messages.py")
            for word in expected { #expect(fault.message.contains(word), "\(fault)") }
        }
        #expect(places.count == words.count, "the case itself")
    }
}

extension NodeConfiguration {
    /// Of the first destination: most configurations have one, in the short form.
    var mqtt: MQTTConfiguration { destinations[0].mqtt }
}

import ArgumentParser
import ClimateDrivers
import JSONText
import SensorCore

struct SensorListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "The climate parts there are drivers for: what they measure, in which range, how well, by which datasheet.",
        discussion: """
            Example:
              reallabor-node sensor list --format json
            """)

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    func run() throws {
        guard format == .json else { return writeStandardOutput(ClimateParts.all.map(text).joined()) }
        let bytes = JSONWriter.object { json in
            json.arrayField("parts") { list in
                for part in ClimateParts.all { list.objectElement { write(part, &$0) } }
            }
        }
        writeStandardOutput(String(decoding: bytes, as: UTF8.self) + "\n")
    }

    private func text(_ part: PartDescription) -> String {
        let addresses = part.addresses.map(\.description).joined(separator: " ")
        var lines: [Sentence] = ["\(part.name) at \(addresses), read every \(part.timing.shortestPeriod.seconds) s or less often"]
        for specification in part.specifications {
            let range = specification.range
            let line: Sentence = """
                  \(specification.quantity.rawValue) \(range.lowerBound) to \(range.upperBound) \
                \(specification.quantity.unit), \(specification.accuracy) (\(specification.source))
                """
            lines.append(specification.onlyWith.map { "\(line), only with '\($0): true'" } ?? line)
        }
        for option in part.options { lines.append("  option \(option.name): \(option.meaning)") }
        return lines.lines
    }

    private func write(_ part: PartDescription, _ json: inout JSONWriter) {
        json.field("part", part.name)
        json.arrayField("addresses") { list in for address in part.addresses { list.element(address.description) } }
        json.field("shortest_period_s", part.timing.shortestPeriod.seconds)
        json.arrayField("quantities") { list in
            for specification in part.specifications {
                list.objectElement {
                    $0.field("quantity", specification.quantity.rawValue)
                    $0.field("unit", specification.quantity.unit)
                    $0.field("minimum", specification.range.lowerBound)
                    $0.field("maximum", specification.range.upperBound)
                    $0.field("accuracy", specification.accuracy)
                    $0.field("source", specification.source)
                    $0.field("only_with", specification.onlyWith)
                }
            }
        }
        json.arrayField("options") { list in
            for option in part.options {
                list.objectElement {
                    $0.field("option", option.name)
                    switch option.usual {
                    case .flag(let isOn): $0.field("usual", isOn ? 1.0 : 0)
                    case .time(let time): $0.field("usual", time.seconds)
                    case .resistance(let number), .number(let number): $0.field("usual", number)
                    case .choice(let word): $0.field("usual", word)
                    }
                    if case .choice(let words) = option.form {
                        $0.arrayField("words") { list in for word in words { list.element(word) } }
                    }
                    $0.field("meaning", option.meaning)
                }
            }
        }
    }
}

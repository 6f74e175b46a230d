import EdgeAnalysis
import JSONText
import NodeConfiguration
import SensorCore

/// How long each input of a channel was active and inactive, for a person or as JSON.
struct WidthReport {
    private let channel: ChannelConfiguration
    private let lines: [LineWidths]
    private let length: TimeSpan
    /// Of the longest bar, in characters.
    private static let barLength = 40

    init(_ channel: ChannelConfiguration, study: WidthStudy) {
        self.channel = channel
        lines = study.lines
        length = study.length
    }

    var text: String {
        var text: [Sentence] = []
        for (input, line) in zip(channel.inputs, lines) {
            text.append("\(channel.name), \(input.role) on \(input.label): \(line.edges) edges in \(length.seconds.rounded(toPlaces: 3)) s")
            text.append("  active: \(Self.summary(of: line.active))")
            text += Self.bars(line.active).map { "    \($0)" }
            text.append("  inactive: \(Self.summary(of: line.inactive))")
            text += Self.bars(line.inactive).map { "    \($0)" }
            if line.repeatedLevels > 0 {
                text.append("  \(line.repeatedLevels) edges to a level that was there already: some between are missing")
            }
        }
        return text.lines
    }

    var json: String {
        let bytes = JSONWriter.object { report in
            report.field("channel", channel.name)
            report.field("seconds", length.seconds)
            report.arrayField("inputs") { list in
                for (input, line) in zip(channel.inputs, lines) {
                    list.objectElement { object in
                        object.field("role", input.role)
                        object.field("pin", input.label)
                        object.field("edges", line.edges)
                        object.field("repeated_levels", line.repeatedLevels)
                        Self.write(line.active, "active", to: &object)
                        Self.write(line.inactive, "inactive", to: &object)
                    }
                }
            }
        }
        return String(decoding: bytes, as: UTF8.self) + "\n"
    }

    private static func summary(of widths: WidthHistogram) -> Sentence {
        guard let shortest = widths.shortest, let longest = widths.longest else { return "not seen from its beginning to its end" }
        return "\(widths.count) times, \(shortest.figure) to \(longest.figure)"
    }

    private static func bars(_ widths: WidthHistogram) -> [String] {
        let bins = widths.bins
        let most = bins.map(\.count).max() ?? 1
        let rows = bins.map { [bound($0).text(in: readersLanguage), "\($0.count)"] }
        return zip(aligned(rows), bins).map { row, bin in
            // A width that occurred is shown, however rare it is.
            let length = bin.count == 0 ? 0 : max(1, Int((Double(bin.count) / Double(most) * Double(barLength)).rounded()))
            return length == 0 ? row : row + "  " + String(repeating: "#", count: length)
        }
    }

    private static func bound(_ bin: WidthHistogram.Bin) -> Sentence {
        guard let to = bin.to else { return "from \(bin.from.figure)" }
        return bin.from == .zero ? "below \(to.figure)" : "\(bin.from.figure) to \(to.figure)"
    }

    private static func write(_ widths: WidthHistogram, _ name: String, to object: inout JSONWriter) {
        object.objectField(name) { object in
            object.field("count", widths.count)
            object.field("shortest_us", widths.shortest.map { Double($0.nanoseconds) / 1e3 })
            object.field("longest_us", widths.longest.map { Double($0.nanoseconds) / 1e3 })
            object.arrayField("bins") { list in
                for bin in widths.bins {
                    list.objectElement { object in
                        object.field("from_us", Double(bin.from.nanoseconds) / 1e3)
                        object.field("to_us", bin.to.map { Double($0.nanoseconds) / 1e3 })
                        object.field("count", bin.count)
                    }
                }
            }
        }
    }
}

extension TimeSpan {
    /// Three figures and a unit: "12 us", "2.5 ms", "80 s".
    var figure: String {
        let units: [(size: Double, name: String)] = [(1e9, "s"), (1e6, "ms"), (1e3, "us")]
        let unit = units.first { Double(nanoseconds) >= $0.size } ?? (1, "ns")
        let value = Double(nanoseconds) / unit.size
        let places = value < 10 ? 2 : value < 100 ? 1 : 0
        let rounded = value.rounded(toPlaces: places)
        return rounded == rounded.rounded() ? "\(Int64(rounded)) \(unit.name)" : "\(rounded) \(unit.name)"
    }
}

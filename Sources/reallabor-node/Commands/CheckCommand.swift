import ArgumentParser
import Diagnosis
import Glibc
import LinuxHardware
import NodeConfiguration
import NodeRuntime
import PulsePipeline
import SensorCore

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a configuration without touching hardware.",
        discussion: """
            Says everything that is wrong in the file at once, each with file, line and column, and what to write instead.

            Example:
              reallabor-node check --config /etc/reallabor-node/node.yaml
            """)

    @Option(name: .customLong("config"), help: ArgumentHelp("The node's configuration.", valueName: "file"))
    var named: String?

    @Argument(help: ArgumentHelp("The same.", valueName: "file"))
    var file: String?

    private var config: String { named ?? file ?? "" }

    func validate() throws {
        if named == nil, file == nil { throw ValidationError(saying: "which file? Write --config node.yaml") }
        if named != nil, file != nil { throw ValidationError(saying: "one file at a time: leave --config or the other one out") }
    }

    func run() throws {
        let configuration = try loadConfiguration(config)
        if !configuration.doubts.isEmpty {
            throw CommandFailure(.badConfiguration, .list(configuration.doubts.map(\.sentence), separator: "\n"))
        }
        _ = try nodePlan(configuration, file: config)
        var lines: [Sentence] = [
            "\(config): good",
            "  node \(configuration.node) on \(configuration.board.model), every \(configuration.interval.seconds) s",
        ]
        for channel in configuration.channels {
            let pins = channel.inputs.map { "\($0.label) (line \($0.lineOffset) of \(configuration.board.chipLabel))" }
            lines.append(
                "  channel \(channel.name): \(channel.settings.kind.rawValue) on \(pins.joined(separator: ", ")), filter \(channel.settings.filter.text)"
            )
        }
        for sensor in configuration.sensors {
            lines.append(Self.line(sensor))
        }
        lines.append("  journal \(configuration.journal.path), at most \(configuration.journal.budgetBytes / 1_000_000) MB")
        for destination in configuration.destinations {
            lines.append(Self.line(destination))
            lines += destination.remarks.map { "    \($0)" }
        }
        if configuration.destinations.isEmpty { lines.append("  to nobody: records are only kept") }
        lines.append("  edges by \(GPIOEdgeSource.capabilities.backend)")
        lines += missing(in: configuration).map { "  warning: \($0)" }
        lines += Self.assumed(configuration.assumed)
        writeStandardOutput(lines.lines)
    }

    /// What the machine that runs the node may have and this one lacks: no fault of the configuration.
    private func missing(in configuration: NodeConfiguration) -> [Sentence] {
        var found: [Sentence] = []
        if configuration.channels.isEmpty, configuration.sensors.isEmpty {
            found.append("there is no channel and no sensor: the node would have nothing to count or measure")
        }
        let journal = configuration.journal.path
        let folder = journal.lastIndex(of: "/").map { String(journal[..<$0]) } ?? "."
        if !folder.isEmpty, access(folder, F_OK) != 0 {
            found.append("journal: the folder \(folder) is not there, and the node does not make it")
        }
        found += configuration.destinations.compactMap(\.unreadablePassword).map {
            "\($0.description); as a service user reallabor-transport must be able to"
        }
        for destination in configuration.destinations {
            let mqtt = destination.mqtt
            let named = [
                ("ca-file", mqtt.tls?.authorityFile), ("revocation-file", mqtt.tls?.revocationFile),
                ("certificate-file", mqtt.tls?.client?.certificateFile), ("key-file", mqtt.tls?.client?.keyFile),
            ]
            for (key, path) in named {
                guard let path, access(path, R_OK) != 0 else { continue }
                found.append(
                    destination.isShortForm
                        ? "mqtt.\(key): cannot read \(path): \(systemText(errno))"
                        : "\(key) of destination \(destination.name): cannot read \(path): \(systemText(errno))")
            }
        }
        return found
    }

    private static func line(_ sensor: SensorConfiguration) -> Sentence {
        let bus = sensor.bus.device
        let place: Sentence =
            sensor.multiplexer.map { "\(sensor.address) on \(bus) behind \($0.address) channel \($0.channel)" }
            ?? "\(sensor.address) on \(bus)"
        let period = sensor.period.seconds
        guard !sensor.derived.isEmpty else { return "  sensor \(sensor.name): \(sensor.part.name) at \(place), every \(period) s" }
        let derived = sensor.derived.map(\.rawValue).joined(separator: ", ")
        return "  sensor \(sensor.name): \(sensor.part.name) at \(place), every \(period) s, derived \(derived)"
    }

    /// What holds because the file does not say otherwise: a line per place, wrapped.
    static func assumed(_ values: [AssumedValue], width: Int = 80) -> [Sentence] {
        if values.isEmpty { return [] }
        var places: [(name: String, values: [String])] = []
        for value in values {
            let name = (value.place ?? "node").text(in: readersLanguage)
            let text = "\(value.key) \(value.value)"
            if let place = places.firstIndex(where: { $0.name == name }) {
                places[place].values.append(text)
            } else {
                places.append((name, [text]))
            }
        }
        var lines: [Sentence] = ["  assumed, since the file does not say otherwise:"]
        for place in places {
            var line = "    \(place.name):"
            for (index, value) in place.values.enumerated() {
                let word = " " + value + (index + 1 < place.values.count ? "," : "")
                if line.count + word.count > width {
                    lines.append(Sentence(verbatim: line))
                    line = "     "
                }
                line += word
            }
            lines.append(Sentence(verbatim: line))
        }
        return lines
    }

    /// The short form has no name, and everything else about it is as usual.
    private static func line(_ destination: DestinationConfiguration) -> Sentence {
        let mqtt = destination.mqtt
        let place: Sentence = "to \(mqtt.host):\(mqtt.port) under \(mqtt.topic)"
        if destination.isShortForm { return "  \(place)" }
        var parts = [Sentence(verbatim: destination.format.name)]
        if destination.lanes == .live { parts.append("only what is new") }
        if let kinds = destination.view.kinds { parts.append("only \(kinds.sorted().joined(separator: ", "))") }
        if let channels = destination.view.channels { parts.append("channels \(channels.sorted().joined(separator: ", "))") }
        if let sensors = destination.view.sensors { parts.append("sensors \(sensors.sorted().joined(separator: ", "))") }
        if let finest = destination.view.finestInterval { parts.append("in intervals of \(Int(finest.seconds)) s") }
        return "  destination \(destination.name): \(place), \(Sentence.list(parts, separator: "; "))"
    }
}

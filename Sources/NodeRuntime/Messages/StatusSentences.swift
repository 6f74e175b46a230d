import Calibration
import Delivery
import SensorCore

extension StatusReport {
    var text: String { sentence.text(in: .english) + "\n" }

    /// A line for each thing there is.
    var sentence: Sentence {
        var lines: [Sentence] = [
            "\(node), reallabor-node \(ProgramVersion.text), up \(Int(uptime.seconds)) s",
            reading.utc.map { "clock: synchronised, \($0.rfc3339)" } ?? "clock: not synchronised, UTC unknown",
        ]
        lines += channels.map(line)
        lines += sensors.map(line)
        lines += calibrations.map { line($0.entry, $0.standing) }
        lines += calibrationFaults.map { "calibration not applied: \($0)" }
        lines.append("journal: \(known(backlog)) records waiting, last number \(known(lastSequence))")
        if isJournalInPlace == false {
            lines.append(
                "  its file was deleted, moved or replaced, and can't be put back: what is not delivered before the node ends will be lost")
        }
        for destination in destinations { lines += deliveryLines(destination) }
        if destinations.isEmpty { lines.append("broker: nothing is published") }
        lines.append(.list([memory, counting], separator: "; "))
        lines += loops.map { "loop \($0.name): \(known($0.turns)) turns, the last \(ago($0.lastTurn))" }
        return .list(lines, separator: "\n")
    }

    private func known(_ value: (some CustomStringConvertible)?) -> Sentence {
        value.map { Sentence(verbatim: $0.description) } ?? "unknown"
    }

    private func ago(_ instant: MonotonicInstant?) -> Sentence {
        age(instant).map { "\($0.rounded(toPlaces: 1)) s ago" } ?? "unknown"
    }

    private var memory: Sentence {
        switch isMemoryLocked {
        case true?: "memory: locked"
        case false?: "memory: not locked"
        case nil: "memory: unknown"
        }
    }

    private var counting: Sentence {
        switch countsInRealTime {
        case true?: "counting: in real time"
        case false?: "counting: without real-time priority"
        case nil: "counting: unknown"
        }
    }

    private func line(_ channel: Channel) -> Sentence {
        let last = channel.last?.flows?.reduce(0) { $0 + $1.count }
        let quality = channel.last?.quality
        let line: Sentence = """
            channel \(channel.name): \(known(channel.sinceStart)) since start, \(known(last)) in the last interval; last edge \
            \(ago(channel.lastEdge)), level \(known(channel.level.map { $0 ? 1 : 0 })); \(known(quality?.rejectedGlitches)) glitches \
            rejected, \(known(quality?.lostEdges)) edges lost
            """
        return with(channel.last?.fault, line)
    }

    private func line(_ sensor: SensorWatch.Sensor) -> Sentence {
        let values = sensor.values.map {
            "\($0.quantity.rawValue) \($0.value.rounded(toPlaces: 3)) \($0.quantity.unit) (raw \($0.raw.rounded(toPlaces: 3)))" as Sentence
        }
        let all = values.isEmpty ? "unknown" : Sentence.list(values, separator: ", ")
        var parts: [Sentence] = [
            age(sensor.instant).map { "sensor \(sensor.name) (\(sensor.part)): \(all), \($0.rounded(toPlaces: 1)) s ago" }
                ?? "sensor \(sensor.name) (\(sensor.part)): \(all)"
        ]
        let errors = SensorErrorKind.allCases.compactMap { kind in sensor.errors[kind].map { "\($0) \(kind.rawValue)" } }
        if !errors.isEmpty { parts.append("errors: \(errors.joined(separator: ", "))") }
        return with(sensor.fault, .list(parts, separator: "; "))
    }

    private func line(_ entry: CalibrationEntry, _ standing: CalibrationStanding) -> Sentence {
        let line: Sentence = "calibration of \(entry.sensor) \(entry.quantity.rawValue): \(entry.id), \(entry.changeSentence), \(standing)"
        return entry.expiresAt.map { "\(line) (until \($0.rfc3339))" } ?? line
    }

    private func with(_ fault: String?, _ line: Sentence) -> Sentence {
        .list([line] + [fault].compactMap { $0.map { Sentence(verbatim: $0) } }, separator: "; ")
    }

    /// Without its name where there is only one.
    private func deliveryLines(_ destination: DestinationStanding) -> [Sentence] {
        let status = destination.status
        var connection: [Sentence] = [connectionLine(status)]
        if destinations.count > 1 { connection.append("\(known(destination.backlog)) records waiting") }
        if let trouble = status.trouble { connection.append(trouble) }
        var lines: [Sentence] = [.list(connection, separator: "; ")]
        // Only what a person must see: each of these waits for somebody elsewhere.
        let refused = status.waiting - status.unheard
        if refused > 0 {
            lines.append("refused by the broker: \(refused) records, kept and offered again; look at its log and its limits")
        }
        if status.unheard > 0 {
            lines.append("nobody subscribes to the topics of \(status.unheard) records; they are kept and sent when somebody does")
        }
        if status.unconfirmed > 0 {
            lines.append("not confirmed by the receiver: \(status.unconfirmed) records, kept until they are")
        }
        if status.unreadableReceipts > 0 {
            lines.append("not understood on the receipt topic: \(status.unreadableReceipts) messages")
        }
        return destinations.count == 1 ? lines : lines.map { "destination \(destination.name): \($0)" }
    }

    private func connectionLine(_ status: DeliveryStatus) -> Sentence {
        let since: Sentence = age(status.since).map { "\($0.rounded(toPlaces: 1)) s" } ?? "unknown"
        return switch (status.broker, status.isConnected) {
        case (let broker?, true): "\(broker): connected since \(since)"
        case (let broker?, false): "\(broker): not connected since \(since)"
        case (nil, true): "broker: connected since \(since)"
        case (nil, false): "broker: not connected since \(since)"
        }
    }
}

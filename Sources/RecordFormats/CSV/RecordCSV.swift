public import SensorCore

/// A record as rows, one value each, so that every kind fits the same columns. RFC 4180, lines ended by LF.
public enum RecordCSV {
    private static let columns = [
        "epoch", "sequence", "kind", "boot", "start", "end", "start_monotonic_ns", "end_monotonic_ns", "partial", "name",
        "direction", "class", "quantity", "unit", "value", "n", "min", "max", "standard_deviation", "observed_seconds",
        "confidence", "replaces", "text", "node",
    ]

    /// The names of the columns, as a line.
    public static let header = columns.joined(separator: ",") + "\n"

    /// At least one line for each record.
    public static func rows(of record: JournalledRecord, node: String, epoch: JournalEpoch) -> String {
        var base: [String: String] = [
            "node": node, "epoch": epoch.text, "sequence": "\(record.sequence)", "boot": record.record.bootID.text,
            "replaces": record.record.replaces.map { "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: " "),
        ]
        let body = record.record.body
        base["kind"] = body.name
        base["name"] = body.subject
        base.add(body.span)
        var values: [[String: String]] = [[:]]
        switch body {
        case .traffic(let interval):
            base["observed_seconds"] = "\(interval.observed.seconds)"
            base["confidence"] = interval.quality.confidence.map { "\($0.writtenShare)" }
            base["text"] = interval.fault
            values = self.values(of: interval)
        case .climate(let interval):
            values = interval.quantities.map { self.value(of: $0, PartResolution.of($0.quantity, part: interval.part).places) }
        case .node(let interval):
            values = [
                ("backlog", interval.backlog), ("connections_lost", interval.connectionsLost),
                ("queue_overflows", interval.queueOverflows), ("journal_faults", interval.journalFaults),
            ].map { ["quantity": $0.0, "unit": "1", "value": "\($0.1)"] }
        case .timeFix(let fix):
            values = [["quantity": "unix_ns", "unit": "ns", "value": "\(fix.utc.nanoseconds)"]]
        case .notice(let notice):
            base["name"] = notice.kind.rawValue
            base["text"] = notice.text
            values = [["quantity": "records", "unit": "1", "value": notice.count.map { "\($0)" } ?? ""]]
        default: break
        }
        return values.map { value in
            columns.map { quoted(value[$0] ?? base[$0] ?? "") }.joined(separator: ",") + "\n"
        }.joined()
    }

    private static func values(of interval: TrafficInterval) -> [[String: String]] {
        guard let flows = interval.flows else { return [["quantity": "count", "unit": "1"]] }
        var values: [[String: String]] = []
        for flow in flows {
            let of = ["direction": flow.direction ?? "", "class": flow.vehicleClass ?? ""]
            values.append(of.merging(["quantity": "count", "unit": "1", "value": "\(flow.count)"]) { $1 })
            guard let speeds = flow.speeds else { continue }
            values.append(
                of.merging([
                    "quantity": "speed", "unit": "km/h", "value": "\(speeds.mean.written(2))", "n": "\(speeds.count)",
                    "min": "\(speeds.minimum.written(2))", "max": "\(speeds.maximum.written(2))",
                ]) { $1 })
        }
        switch interval.measured {
        case .rain(let millimetres): values.append(["quantity": "rain", "unit": "mm", "value": "\(millimetres.written(6))"])
        case .wind(let run, let gust):
            values.append(["quantity": "wind_run", "unit": "m", "value": "\(run.written(6))"])
            if let gust { values.append(["quantity": "wind_gust", "unit": "m/s", "value": "\(gust.written(3))"]) }
        case nil: break
        }
        return values
    }

    private static func value(of quantity: QuantityInterval, _ places: Int) -> [String: String] {
        var value = ["quantity": quantity.quantity.rawValue, "unit": quantity.quantity.unit, "n": "0"]
        guard let statistics = quantity.statistics else { return value }
        value["value"] = "\(statistics.mean.written(places))"
        value["n"] = "\(statistics.count)"
        value["min"] = "\(statistics.minimum.written(places))"
        value["max"] = "\(statistics.maximum.written(places))"
        value["standard_deviation"] = statistics.standardDeviation.map { "\($0.written(places + 1))" }
        return value
    }

    private static func quoted(_ text: String) -> String {
        guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}

extension [String: String] {
    fileprivate mutating func add(_ span: IntervalSpan) {
        self["start"] = span.utc?.start.rfc3339
        self["end"] = span.utc?.end.rfc3339
        self["start_monotonic_ns"] = "\(span.start.nanoseconds)"
        self["end_monotonic_ns"] = "\(span.end.nanoseconds)"
        self["partial"] = span.isPartial ? "true" : "false"
    }
}

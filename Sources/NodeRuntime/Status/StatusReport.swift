import Calibration
import Delivery
import JSONText
import SensorCore

/// A node at one moment. What is not known is nil, never 0.
package struct StatusReport {
    struct Channel {
        var name: String
        /// Since the journal began; nil before the first interval of a new one has ended.
        var total: UInt64?
        /// In the intervals that have ended since the node started.
        var sinceStart: UInt64?
        var last: TrafficInterval?
        var lastEdge: MonotonicInstant?
        /// After the last edge: true is active.
        var level: Bool?
    }

    struct Loop {
        var name: String
        var turns: UInt64?
        /// When its newest turn was noticed, at most a tick late; nil where there is no such loop.
        var lastTurn: MonotonicInstant?
    }

    var node: String
    var reading: ClockReading
    var uptime: TimeSpan
    var isArmed: Bool
    var channels: [Channel]
    var sensors: [SensorWatch.Sensor]
    /// What corrects a quantity, and what should and does not; superseded records are left to the history.
    var calibrations: [(entry: CalibrationEntry, standing: CalibrationStanding)] = []
    /// Files of calibrations that cannot be used, with their place.
    var calibrationFaults: [String] = []
    /// nil while there is no journal.
    var backlog: UInt64?
    var lastSequence: UInt64?
    /// Empty when nothing is published.
    var destinations: [DestinationStanding]
    var loops: [Loop]
    /// nil where it was not asked for.
    package var isMemoryLocked: Bool?
    /// nil where it was not asked for.
    package var countsInRealTime: Bool?

    private func age(_ instant: MonotonicInstant?) -> Double? { instant.map { (reading.instant - $0).seconds } }

    private func utc(_ instant: MonotonicInstant?) -> WallClockTime? {
        guard let instant, let utc = reading.utc else { return nil }
        return utc - (reading.instant - instant)
    }

    var json: [UInt8] {
        JSONWriter.object { json in
            json.field("version", ProgramVersion.text)
            json.field("node", node)
            json.field("uptime_s", uptime.seconds)
            json.field("armed", isArmed)
            json.field("memory_locked", isMemoryLocked)
            json.field("real_time", countsInRealTime)
            json.objectField("clock") {
                $0.field("synchronised", reading.utc != nil)
                $0.field("utc", reading.utc?.rfc3339)
                $0.field("monotonic_ns", reading.instant.nanoseconds)
            }
            json.arrayField("channels") { list in for channel in channels { list.objectElement { write(channel, &$0) } } }
            json.arrayField("sensors") { list in for sensor in sensors { list.objectElement { write(sensor, &$0) } } }
            json.objectField("calibrations") { calibrations in
                calibrations.arrayField("records") { list in
                    for item in self.calibrations { list.objectElement { item.entry.write(item.standing, to: &$0) } }
                }
                calibrations.arrayField("broken") { list in
                    for fault in calibrationFaults { list.objectElement { $0.field("fault", fault) } }
                }
            }
            json.objectField("journal") {
                $0.field("backlog", backlog)
                $0.field("last_sequence", lastSequence)
            }
            // The first destination, as when there could be only one.
            json.objectField("connection") { write(destinations.first?.status, &$0) }
            json.arrayField("destinations") { list in
                for destination in destinations {
                    list.objectElement { json in
                        json.field("name", destination.name)
                        json.field("backlog", destination.backlog)
                        json.field("acknowledged_through", destination.acknowledgedThrough)
                        write(destination.status, &json)
                        json.field("withheld", destination.status.withheld)
                        json.field("without_form", destination.status.formless)
                        json.field("passed_over", destination.status.passedOver)
                    }
                }
            }
            json.arrayField("loops") { list in
                for loop in loops {
                    list.objectElement {
                        $0.field("name", loop.name)
                        $0.field("turns", loop.turns)
                        $0.field("age_s", age(loop.lastTurn))
                    }
                }
            }
        } + [UInt8(ascii: "\n")]
    }

    private func write(_ status: DeliveryStatus?, _ json: inout JSONWriter) {
        json.field("connected", status?.isConnected)
        json.field("since_s", age(status?.since))
        json.field("since", utc(status?.since)?.rfc3339)
        json.field("last_error", status?.lastError)
        json.field("broker", status?.broker)
        json.field("connections_lost", status?.connectionsLost)
        json.field("in_flight", status?.inFlight)
        json.field("set_aside", status?.setAside)
        json.field("not_taken", status?.waiting)
        json.field("unheard", status?.unheard)
        json.field("unconfirmed", status?.unconfirmed)
        json.field("unreadable_receipts", status?.unreadableReceipts)
    }

    private func write(_ channel: Channel, _ json: inout JSONWriter) {
        json.field("name", channel.name)
        json.field("total", channel.total)
        json.field("since_start", channel.sinceStart)
        json.field("last_interval", channel.last?.flows?.reduce(0) { $0 + $1.count })
        json.field("last_edge_age_s", age(channel.lastEdge))
        json.field("level", channel.level.map { $0 ? 1 : 0 })
        json.field("lost_edges", channel.last?.quality.lostEdges)
        json.field("rejected_glitches", channel.last?.quality.rejectedGlitches)
        json.field("fault", channel.last?.fault)
    }

    private func write(_ sensor: SensorWatch.Sensor, _ json: inout JSONWriter) {
        json.field("name", sensor.name)
        json.field("part", sensor.part)
        json.field("age_s", age(sensor.instant))
        json.arrayField("values") { list in
            for value in sensor.values {
                let places = PartResolution.of(value.quantity, part: sensor.part).places
                list.objectElement {
                    $0.field("quantity", value.quantity.rawValue)
                    $0.field("unit", value.quantity.unit)
                    $0.field("raw", value.raw.written(places))
                    $0.field("value", value.value.written(places))
                }
            }
        }
        json.objectField("errors") {
            for kind in SensorErrorKind.allCases { if let count = sensor.errors[kind] { $0.field(kind.rawValue, count) } }
        }
        if !sensor.standing.isEmpty {
            json.objectField("standing_still") {
                for quantity in Quantity.allCases { if let count = sensor.standing[quantity] { $0.field(quantity.rawValue, count) } }
            }
        }
        json.field("fault", sensor.fault)
    }

    var text: String {
        func known<T>(_ value: T?, _ unit: String = "") -> String { value.map { "\($0)\(unit)" } ?? "unknown" }
        var lines = [
            "\(node), reallabor-node \(ProgramVersion.text), up \(Int(uptime.seconds)) s",
            "clock: \(reading.utc.map { "synchronised, \($0.rfc3339)" } ?? "not synchronised, UTC unknown")",
        ]
        for channel in channels {
            let last = channel.last?.flows?.reduce(0) { $0 + $1.count }
            lines.append(
                "channel \(channel.name): \(known(channel.sinceStart)) since start, \(known(last)) in the last interval; last edge "
                    + "\(known(age(channel.lastEdge)?.rounded(toPlaces: 1), " s ago")), level \(known(channel.level.map { $0 ? 1 : 0 })); "
                    + "\(known(channel.last?.quality.rejectedGlitches)) glitches rejected, "
                    + "\(known(channel.last?.quality.lostEdges)) edges lost" + (channel.last?.fault.map { "; \($0)" } ?? ""))
        }
        for sensor in sensors {
            let values = sensor.values.map {
                "\($0.quantity.rawValue) \($0.value.rounded(toPlaces: 3)) \($0.quantity.unit) (raw \($0.raw.rounded(toPlaces: 3)))"
            }
            let errors = SensorErrorKind.allCases.compactMap { kind in sensor.errors[kind].map { "\($0) \(kind.rawValue)" } }
            lines.append(
                "sensor \(sensor.name) (\(sensor.part)): \(values.isEmpty ? "unknown" : values.joined(separator: ", "))"
                    + (age(sensor.instant).map { ", \($0.rounded(toPlaces: 1)) s ago" } ?? "")
                    + (errors.isEmpty ? "" : "; errors: \(errors.joined(separator: ", "))")
                    + (sensor.fault.map { "; \($0)" } ?? ""))
        }
        for (entry, standing) in calibrations {
            lines.append(
                "calibration of \(entry.sensor) \(entry.quantity.rawValue): \(entry.id), \(entry.changeText), \(standing.word)"
                    + (entry.expiresAt.map { " (until \($0.rfc3339))" } ?? ""))
        }
        for fault in calibrationFaults { lines.append("calibration not applied: \(fault)") }
        lines.append("journal: \(known(backlog)) records waiting, last number \(known(lastSequence))")
        for destination in destinations { lines += deliveryLines(destination) }
        if destinations.isEmpty { lines.append("broker: nothing is published") }
        lines.append(
            "memory: \(isMemoryLocked.map { $0 ? "locked" : "not locked" } ?? "unknown"); counting: "
                + (countsInRealTime.map { $0 ? "in real time" : "without real-time priority" } ?? "unknown"))
        for loop in loops {
            lines.append(
                "loop \(loop.name): \(known(loop.turns)) turns, the last \(known(age(loop.lastTurn)?.rounded(toPlaces: 1), " s ago"))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Without its name where there is only one.
    private func deliveryLines(_ destination: DestinationStanding) -> [String] {
        let status = destination.status
        let whose = destinations.count == 1 ? "" : "destination \(destination.name): "
        let since = age(status.since).map { "\($0.rounded(toPlaces: 1)) s" } ?? "unknown"
        let owed = destinations.count == 1 ? "" : "; \(destination.backlog.map(String.init) ?? "unknown") records waiting"
        var lines = [
            "\(whose)\(status.broker ?? "broker"): \(status.isConnected ? "connected" : "not connected") since \(since)\(owed)"
                + (status.lastError.map { "; \($0)" } ?? "")
        ]
        // Only what a person must see: each of these waits for somebody elsewhere.
        let refused = status.waiting - status.unheard
        if refused > 0 {
            lines.append(
                "\(whose)refused by the broker: \(refused) records, kept and offered again; look at its log and its limits")
        }
        if status.unheard > 0 {
            lines.append("\(whose)nobody subscribes to the topics of \(status.unheard) records; they are kept and sent when somebody does")
        }
        if status.unconfirmed > 0 {
            lines.append("\(whose)not confirmed by the receiver: \(status.unconfirmed) records, kept until they are")
        }
        if status.unreadableReceipts > 0 {
            lines.append("\(whose)not understood on the receipt topic: \(status.unreadableReceipts) messages")
        }
        return lines
    }
}

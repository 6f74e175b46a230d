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
    /// The numbers given under each epoch; empty while there is no journal.
    var numbered: [(epoch: JournalEpoch, numbers: ClosedRange<UInt64>)] = []
    /// The journal's path leads to the open file; nil while there is no journal.
    var isJournalInPlace: Bool?
    /// Empty when nothing is published.
    var destinations: [DestinationStanding]
    var loops: [Loop]
    /// nil where it was not asked for.
    package var isMemoryLocked: Bool?
    /// nil where it was not asked for.
    package var countsInRealTime: Bool?

    func age(_ instant: MonotonicInstant?) -> Double? { instant.map { (reading.instant - $0).seconds } }

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
                $0.arrayField("epochs") { list in
                    for entry in numbered {
                        list.objectElement {
                            $0.field("epoch", entry.epoch.text)
                            $0.field("first", entry.numbers.lowerBound)
                            $0.field("last", entry.numbers.upperBound)
                        }
                    }
                }
                $0.field("in_place", isJournalInPlace)
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
}

public import JSONText
public import SensorCore

/// The fields of each kind of record; `docs/native-format.md` says what they mean.
extension JSONWriter {
    /// As RFC 3339 text in UTC.
    mutating func field(_ name: String, _ value: WallClockTime?) {
        guard let value else { return nullField(name) }
        field(name, unescaped: value.appendRFC3339)
    }

    mutating func time(_ span: IntervalSpan) {
        field("start", span.utc?.start)
        field("end", span.utc?.end)
        field("start_monotonic_ns", span.start.nanoseconds)
        field("end_monotonic_ns", span.end.nanoseconds)
        field("time_quality", (span.utc == nil ? TimeQuality.unsynchronised : .synchronised).rawValue)
        field("partial", span.isPartial)
    }

    /// `[[1, 20], [40, 40]]`; no field where there are none.
    mutating func ranges(_ name: String, _ ranges: [ClosedRange<UInt64>]) {
        guard !ranges.isEmpty else { return }
        arrayField(name) { json in
            for range in ranges {
                json.arrayElement {
                    $0.element(range.lowerBound)
                    $0.element(range.upperBound)
                }
            }
        }
    }

    /// What a kind of record has of its own.
    mutating func content(of body: Record.Body) {
        switch body {
        case .traffic(let interval): traffic(interval)
        case .climate(let interval): climate(interval)
        case .node(let interval): node(interval)
        case .timeFix(let fix): timeFix(fix)
        case .notice(let notice): self.notice(notice)
        case .unknown(let record): field("code", record.code)
        }
    }

    mutating func traffic(_ interval: TrafficInterval) {
        field("channel", interval.channel)
        field("detector", interval.detector.rawValue)
        field("count", interval.flows?.totalCount)
        if let flows = interval.flows {
            arrayField("flows") { json in
                for flow in flows {
                    json.objectElement { json in
                        json.field("direction", flow.direction)
                        if flow.direction != nil, interval.detector.infersDirection { json.field("direction_inferred", true) }
                        json.field("class", flow.vehicleClass)
                        json.field("count", flow.count)
                        json.speeds(flow.speeds)
                    }
                }
            }
        } else {
            nullField("flows")
        }
        headways(interval.headways)
        field("occupied_seconds", interval.occupied?.seconds)
        field("rate_per_hour", interval.ratePerHour?.written(3))
        measured(interval.measured, over: interval.observed)
        field("total", interval.total)
        field("observed_seconds", interval.observed.seconds)
        field("edges", interval.quality.edges)
        field("lost_edges", interval.quality.lostEdges)
        field("overflows", interval.quality.overflows)
        field("rejected_glitches", interval.quality.rejectedGlitches)
        field("filter", interval.quality.filter)
        field("uncertain", interval.quality.uncertain)
        field("rejected_passages", interval.quality.rejectedPassages)
        field("confidence", interval.quality.confidence?.writtenShare)
        field("fault", interval.fault)
        if interval.fault != nil { message(interval.faultMessage, "fault_code", "fault_arguments") }
        filterSettings(interval.quality.filter)
    }

    /// - Parameter observed: what it came in.
    public mutating func measured(_ amount: CountedAmount?, over observed: TimeSpan) {
        switch amount {
        case nil:
            nullField("measured")
        case .rain(let millimetres):
            objectField("measured") { json in
                json.field("quantity", "rain")
                json.field("mm", millimetres.written(6))
            }
        case .wind(let run, let gust):
            objectField("measured") { json in
                json.field("quantity", "wind")
                json.field("mean_m_s", observed > .zero ? (run / observed.seconds).written(3) : nil)
                json.field("gust_m_s", gust?.written(3))
                json.field("run_m", run.written(6))
            }
        }
    }

    /// `null` where none was measured.
    public mutating func speeds(_ speeds: SpeedStatistics?) {
        guard let speeds else {
            nullField("speed")
            return
        }
        objectField("speed") { json in
            json.field("n", speeds.count)
            json.field("mean_kmh", speeds.mean.written(2))
            json.field("harmonic_mean_kmh", speeds.harmonicMean.written(2))
            json.field("v85_kmh", speeds.v85?.written(2))
            json.field("min_kmh", speeds.minimum.written(2))
            json.field("max_kmh", speeds.maximum.written(2))
            json.field("sum_kmh", speeds.sum)
            json.field("inverse_sum_h_per_km", speeds.inverseSum)
            json.objectField("histogram") { json in
                json.field("from_kmh", speeds.firstBin)
                json.arrayField("n") { json in
                    for number in speeds.histogram { json.element(number) }
                }
            }
        }
    }

    public mutating func headways(_ headways: [HeadwaySum]?) {
        guard let headways else {
            nullField("headways")
            return
        }
        arrayField("headways") { json in
            for headway in headways {
                json.objectElement { json in
                    json.field("direction", headway.direction)
                    json.field("n", headway.count)
                    json.field("sum_seconds", headway.sum.seconds)
                }
            }
        }
    }

    mutating func climate(_ interval: ClimateInterval) {
        field("sensor", interval.sensor)
        field("part", interval.part)
        arrayField("quantities") { json in
            for quantity in interval.quantities {
                json.objectElement { $0.quantity(quantity, of: interval.part) }
            }
        }
        objectField("errors") { json in
            for error in interval.errors { json.field(error.kind.rawValue, error.count) }
        }
    }

    private mutating func quantity(_ interval: QuantityInterval, of part: String) {
        let places = PartResolution.of(interval.quantity, part: part).places
        field("quantity", interval.quantity.rawValue)
        field("unit", interval.quantity.unit)
        field("derived", interval.quantity.isDerived)
        let statistics = interval.statistics
        field("mean", statistics?.mean.written(places))
        field("min", statistics?.minimum.written(places))
        field("max", statistics?.maximum.written(places))
        field("last", statistics?.last.written(places))
        field("n", statistics?.count ?? 0)
        field("standard_deviation", statistics?.standardDeviation?.written(places + 1))
        field("raw_mean", interval.rawMean?.written(places))
        field("calibration", interval.calibration)
        arrayField("flags") { json in
            if interval.flags.contains(.clippedToRange) { json.element("clipped_to_range") }
            if interval.flags.contains(.humidAir) { json.element("humid_air") }
            if interval.flags.contains(.standsStill) { json.element("stands_still") }
        }
        if !interval.withheld.isEmpty {
            objectField("withheld") { json in
                for error in interval.withheld { json.field(error.kind.rawValue, error.count) }
            }
        }
    }

    mutating func node(_ interval: NodeInterval) {
        field("backlog", interval.backlog)
        field("connections_lost", interval.connectionsLost)
        field("queue_overflows", interval.queueOverflows)
        field("journal_faults", interval.journalFaults)
    }

    mutating func timeFix(_ fix: TimeFix) {
        field("utc", fix.utc)
        field("unix_ns", fix.utc.nanoseconds)
        // A reader whose numbers are doubles loses the last digits of the number: ECMAScript, mosquitto's %J, Node-RED.
        field("unix_ns_text", "\(fix.utc.nanoseconds)")
        field("monotonic_ns", fix.instant.nanoseconds)
    }

    mutating func notice(_ notice: Notice) {
        field("notice", notice.kind.rawValue)
        field("text", notice.text)
        field("count", notice.count)
        field("first_sequence", notice.sequences?.lowerBound)
        field("last_sequence", notice.sequences?.upperBound)
        field("previous_epoch", notice.previousEpoch?.text)
        message(notice.message, "code", "arguments")
    }
}

extension TrafficInterval {
    /// nil when nothing was observed.
    fileprivate var ratePerHour: Double? {
        guard observed > .zero, let count = flows?.totalCount else { return nil }
        return Double(count) * 3600 / observed.seconds
    }
}

extension [TrafficFlow] {
    /// nil when the sum has no room in 64 bits, which only damaged records can bring about.
    fileprivate var totalCount: UInt64? {
        var total: UInt64 = 0
        for flow in self {
            let (sum, overflow) = total.addingReportingOverflow(flow.count)
            if overflow { return nil }
            total = sum
        }
        return total
    }
}

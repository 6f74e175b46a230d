import JSONText
import SensorCore

/// The SenML records of one pack, in order; `baseName` goes with the first.
struct SenMLPack {
    let baseName: String
    /// Of the journalled records in it.
    private(set) var sequences: [UInt64] = []
    private var values: [Value] = []

    private enum Content {
        case number(Double)
        case count(UInt64)
        case text(String)
        case flag(Bool)
    }

    private struct Value {
        var name: String
        var unit: String?
        var content: Content
        /// Nanoseconds of UTC; nil for "now".
        var time: Int64?
    }

    init(baseName: String) { self.baseName = baseName }

    mutating func add(_ record: JournalledRecord) {
        let before = values.count
        switch record.record.body {
        case .traffic(let interval): add(interval)
        case .climate(let interval): add(interval)
        case .node(let interval):
            let time = interval.span.utc?.end
            add("node/backlog", "count", .count(interval.backlog), time)
            add("node/connections-lost", "count", .count(interval.connectionsLost), time)
            add("node/queue-overflows", "count", .count(interval.queueOverflows), time)
            add("node/journal-faults", "count", .count(interval.journalFaults), time)
        case .notice(let notice):
            add("node/notice", nil, .text("\(notice.kind.rawValue): \(notice.text)"), notice.utc)
            if let count = notice.count { add("node/notice/\(notice.kind.rawValue.senMLName)", "count", .count(count), notice.utc) }
        // Others have no value that SenML could tell.
        default: break
        }
        if values.count > before { sequences.append(record.sequence) }
    }

    /// 0 observed seconds without a count say that the count is missing.
    private mutating func add(_ interval: TrafficInterval) {
        let time = interval.span.utc?.end
        let name = interval.channel.senMLName + (interval.summedOver.map { "/sum-\($0.nanoseconds / 1_000_000_000)s" } ?? "")
        add("\(name)/observed", "s", .number(interval.observed.seconds), time)
        if let flows = interval.flows {
            add("\(name)/count", "count", .count(flows.reduce(0) { $0 &+ $1.count }), time)
            for flow in flows where flow.direction != nil || flow.vehicleClass != nil {
                let parts = [flow.direction, flow.vehicleClass].compactMap { $0?.senMLName }
                let of = "\(name)/\(parts.joined(separator: "/"))"
                add("\(of)/count", "count", .count(flow.count), time)
                if let speeds = flow.speeds { add("\(of)/speed", "m/s", .number((speeds.mean / 3.6).written(3)), time) }
            }
            add("\(name)/total", "count", .count(interval.total), time)
        }
        if let confidence = interval.quality.confidence { add("\(name)/confidence", "/", .number(confidence.writtenShare), time) }
        if let occupied = interval.occupied { add("\(name)/occupied", "s", .number(occupied.seconds), time) }
        switch interval.measured {
        case .rain(let millimetres): add("\(name)/rain", "m", .number((millimetres / 1000).written(9)), time)
        case .wind(let run, let gust):
            if interval.observed > .zero { add("\(name)/wind", "m/s", .number((run / interval.observed.seconds).written(3)), time) }
            if let gust { add("\(name)/gust", "m/s", .number(gust.written(3)), time) }
        case nil: break
        }
        if let fault = interval.fault { add("\(name)/fault", nil, .text(fault), time) }
    }

    private mutating func add(_ interval: ClimateInterval) {
        let time = interval.span.utc?.end
        let name = interval.sensor.senMLName
        for item in interval.quantities {
            let quantity = item.quantity.rawValue.senMLName
            let (unit, power) = item.quantity.senMLUnit
            let resolution = PartResolution.of(item.quantity, part: interval.part)
            add("\(name)/\(quantity)/samples", "count", .count(UInt64(item.statistics?.count ?? 0)), time)
            guard let statistics = item.statistics else { continue }
            if item.flags.contains(.standsStill) { add("\(name)/\(quantity)/stands-still", nil, .flag(true), time) }
            add("\(name)/\(quantity)", unit, .number(statistics.mean.written(resolution.places, dividedBy: power)), time)
            add("\(name)/\(quantity)/min", unit, .number(statistics.minimum.written(resolution.places, dividedBy: power)), time)
            add("\(name)/\(quantity)/max", unit, .number(statistics.maximum.written(resolution.places, dividedBy: power)), time)
        }
        for error in interval.errors {
            add("\(name)/errors/\(error.kind.rawValue.senMLName)", "count", .count(UInt64(error.count)), time)
        }
    }

    /// A number that JSON can't say is left out.
    private mutating func add(_ name: String, _ unit: String?, _ content: Content, _ time: WallClockTime?) {
        if case .number(let number) = content, !number.isFinite { return }
        values.append(Value(name: name, unit: unit, content: content, time: time?.nanoseconds))
    }

    /// Base name and base time stand in the first record; times are differences to it, 0 left out (§4.5.1, §4.5.3).
    var payload: [UInt8] {
        let base = values.first?.time
        return JSONWriter.array { list in
            for (index, value) in values.enumerated() {
                list.objectElement { json in
                    if index == 0 {
                        json.field("bn", baseName)
                        if let base { json.field("bt", Self.seconds(base)) }
                    }
                    json.field("n", value.name)
                    if let unit = value.unit { json.field("u", unit) }
                    switch value.content {
                    case .number(let number): json.field("v", number)
                    case .count(let count): json.field("v", count)
                    case .text(let text): json.field("vs", text)
                    case .flag(let flag): json.field("vb", flag)
                    }
                    if let time = value.time, let base, time != base { json.field("t", Self.seconds(time &- base)) }
                }
            }
        }
    }

    private static func seconds(_ nanoseconds: Int64) -> Double { Double(nanoseconds) / 1e9 }
}

extension Quantity {
    /// The unit of RFC 8428 §12.1 or RFC 8798 §3, and the power of ten that a value is divided by to be in it.
    var senMLUnit: (unit: String, power: Int) {
        switch unit {
        case "ppm": ("/", 6)
        case "ug/m3": ("kg/m3", 9)
        case "g/m3": ("kg/m3", 3)
        default: (unit, 0)
        }
    }
}

extension String {
    /// Only what a SenML name may have (§4.5.1): letters, digits, `-`, `.` and `_`; others become `:` and the hexadecimal
    /// code of the character with `:` behind it, so that different names stay different. "Tor 1" becomes "Tor:20:1".
    var senMLName: String {
        var name = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "-", ".", "_": name.unicodeScalars.append(scalar)
            default: name += ":\(String(scalar.value, radix: 16)):"
            }
        }
        return name
    }
}

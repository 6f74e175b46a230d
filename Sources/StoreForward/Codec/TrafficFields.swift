import SensorCore

extension TrafficInterval {
    func write(to writer: inout FieldWriter) {
        writer.write(1) { span.write(to: &$0) }
        writer.write(2, channel)
        writer.write(3, detector.code)
        if observed.nanoseconds != span.distance { writer.write(4, signed: observed.nanoseconds) }
        if let flows {
            // A part around the list tells "no flows" from "nothing observed".
            writer.write(5) { list in
                for flow in flows { list.write(1) { flow.write(to: &$0) } }
            }
        }
        writer.write(6, total)
        writer.write(7) { quality.write(to: &$0) }
        if let fault { writer.write(8, fault) }
        if let faultMessage { writer.write(13) { faultMessage.write(to: &$0) } }
        if let headways {
            writer.write(9) { list in
                for headway in headways { list.write(1) { headway.write(to: &$0) } }
            }
        }
        if let summedOver { writer.write(11, signed: summedOver.nanoseconds) }
        if let measured { writer.write(12) { measured.write(to: &$0) } }
        if let occupied { writer.write(10, signed: occupied.nanoseconds) }
    }

    init(from reader: inout FieldReader) throws(RecordCodecError) {
        var span: IntervalSpan?
        var channel: String?
        var detector: DetectorKind?
        var observed: Int64?
        var flows: [TrafficFlow]?
        var total: UInt64?
        var quality: CountQuality?
        var fault: String?
        var faultMessage: CodedMessage?
        var headways: [HeadwaySum]?
        var occupied: TimeSpan?
        var summedOver: TimeSpan?
        var measured: CountedAmount?
        while let field = try reader.next() {
            switch field.tag {
            case 1: span = try IntervalSpan(field)
            case 2: channel = try field.text()
            case 3: detector = try field.coded(as: DetectorKind.self)
            case 4: observed = try field.signed()
            case 5: flows = try TrafficFlow.list(field)
            case 6: total = try field.number()
            case 7: quality = try CountQuality(field)
            case 8: fault = try field.text()
            case 9: headways = try HeadwaySum.list(field)
            case 11: summedOver = TimeSpan(nanoseconds: try field.signed())
            case 10: occupied = TimeSpan(nanoseconds: try field.signed())
            case 13: faultMessage = try CodedMessage(field)
            case 12: measured = try CountedAmount.known(field)
            default: field.passOver()
            }
        }
        let known = try reader.required(span, "span")
        self.init(
            span: known, channel: try reader.required(channel, "channel"),
            detector: try reader.required(detector, "detector"),
            observed: TimeSpan(nanoseconds: observed ?? known.distance),
            flows: flows, headways: headways, occupied: occupied,
            total: try reader.required(total, "total"),
            quality: try reader.required(quality, "quality"),
            fault: fault)
        self.summedOver = summedOver
        self.measured = measured
        self.faultMessage = faultMessage
    }
}

extension CountedAmount {
    func write(to writer: inout FieldWriter) {
        switch self {
        case .rain(let millimetres):
            writer.write(1, millimetres)
        case .wind(let run, let gust):
            writer.write(2, run)
            if let gust { writer.write(3, gust) }
        }
    }

    /// nil for what only a newer program knows.
    static func known(_ field: FieldReader.Field) throws(RecordCodecError) -> Self? {
        var reader = try field.part()
        var rain: Double?
        var run: Double?
        var gust: Double?
        while let field = try reader.next() {
            switch field.tag {
            case 1: rain = try field.double()
            case 2: run = try field.double()
            case 3: gust = try field.double()
            default: field.passOver()
            }
        }
        if let rain { return .rain(millimetres: rain) }
        if run == nil, reader.holdsUnknown { return nil }
        return .wind(run: try reader.required(run, "amount of rain or wind"), gust: gust)
    }
}

extension TrafficFlow {
    func write(to writer: inout FieldWriter) {
        if let direction { writer.write(1, direction) }
        if let vehicleClass { writer.write(2, vehicleClass) }
        writer.write(3, count)
        if let speeds { writer.write(4) { speeds.write(to: &$0) } }
    }

    init(_ field: FieldReader.Field) throws(RecordCodecError) {
        var reader = try field.part()
        var direction: String?
        var vehicleClass: String?
        var count: UInt64?
        var speeds: SpeedStatistics?
        while let field = try reader.next() {
            switch field.tag {
            case 1: direction = try field.text()
            case 2: vehicleClass = try field.text()
            case 3: count = try field.number()
            case 4: speeds = try SpeedStatistics(field)
            default: field.passOver()
            }
        }
        self.init(
            direction: direction, vehicleClass: vehicleClass, count: try reader.required(count, "count of a flow"),
            speeds: speeds)
    }

    static func list(_ field: FieldReader.Field) throws(RecordCodecError) -> [TrafficFlow] {
        var reader = try field.part()
        var flows: [TrafficFlow] = []
        while let field = try reader.next() {
            if field.tag == 1 { flows.append(try TrafficFlow(field)) } else { field.passOver() }
        }
        return flows
    }
}

extension CountQuality {
    func write(to writer: inout FieldWriter) {
        writer.write(1, counters.edges)
        if counters.lostEdges > 0 { writer.write(2, counters.lostEdges) }
        if counters.overflows > 0 { writer.write(3, counters.overflows) }
        if counters.rejectedGlitches > 0 { writer.write(4, counters.rejectedGlitches) }
        writer.write(5, phrases: filter)
        if confidence == 1 { writer.write(9, true) } else if let confidence { writer.write(6, confidence) }
        if counters.uncertain > 0 { writer.write(7, counters.uncertain) }
        if counters.rejectedPassages > 0 { writer.write(8, counters.rejectedPassages) }
    }

    init(_ field: FieldReader.Field) throws(RecordCodecError) {
        var reader = try field.part()
        var edges: UInt64?
        // Records from before these were counted lack some of them.
        var counters = EdgeCounters()
        var filter: String?
        var confidence: Double?
        while let field = try reader.next() {
            switch field.tag {
            case 1: edges = try field.number()
            case 2: counters.lostEdges = try field.number()
            case 3: counters.overflows = try field.number()
            case 4: counters.rejectedGlitches = try field.number()
            case 5: filter = try field.phrases()
            case 6: confidence = try field.double()
            case 7: counters.uncertain = try field.number()
            case 8: counters.rejectedPassages = try field.number()
            case 9: confidence = try field.flag() ? 1 : nil
            default: field.passOver()
            }
        }
        counters.edges = try reader.required(edges, "edges")
        self.init(counters: counters, filter: try reader.required(filter, "filter"), confidence: confidence)
    }
}

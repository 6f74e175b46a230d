import SensorCore

extension ClimateInterval {
    func write(to writer: inout FieldWriter) {
        writer.write(1) { span.write(to: &$0) }
        writer.write(2, sensor)
        writer.write(3, part)
        for quantity in quantities { writer.write(4) { quantity.write(to: &$0) } }
        for error in errors { writer.write(5) { error.write(to: &$0) } }
    }

    init(from reader: inout FieldReader) throws(RecordCodecError) {
        var span: IntervalSpan?
        var sensor: String?
        var part: String?
        var quantities: [QuantityInterval] = []
        var errors: [ErrorCount] = []
        while let field = try reader.next() {
            switch field.tag {
            case 1: span = try IntervalSpan(field)
            case 2: sensor = try field.text()
            case 3: part = try field.text()
            case 4: if let quantity = try QuantityInterval.known(field) { quantities.append(quantity) }
            case 5: if let error = try ErrorCount.known(field) { errors.append(error) }
            default: field.passOver()
            }
        }
        self.init(
            span: try reader.required(span, "span"),
            sensor: try reader.required(sensor, "sensor"),
            part: try reader.required(part, "part"),
            quantities: quantities,
            errors: errors)
    }
}

extension ClimateInterval.ErrorCount {
    func write(to writer: inout FieldWriter) {
        writer.write(1, kind.code)
        writer.write(2, UInt64(count))
    }

    /// nil for a kind that only a newer program knows. The kind comes first.
    static func known(_ field: FieldReader.Field) throws(RecordCodecError) -> Self? {
        var reader = try field.part()
        var kind: SensorErrorKind?
        var count: UInt32?
        while let field = try reader.next() {
            switch field.tag {
            case 1:
                kind = try field.coded(as: SensorErrorKind.self)
                if kind == nil { return nil }
            case 2: count = try field.narrow(to: UInt32.self)
            default: field.passOver()
            }
        }
        return Self(
            kind: try reader.required(kind, "kind of an error"),
            count: try reader.required(count, "count of an error"))
    }
}

extension QuantityInterval {
    func write(to writer: inout FieldWriter) {
        writer.write(1, quantity.code)
        if let statistics { writer.write(2) { statistics.write(to: &$0) } }
        if let rawMean {
            // Without a calibration, bit by bit the mean.
            if rawMean.bitPattern == statistics?.mean.bitPattern { writer.write(6, true) } else { writer.write(3, rawMean) }
        }
        if let calibration { writer.write(4, calibration) }
        if !flags.isEmpty { writer.write(5, UInt64(flags.rawValue)) }
        for count in withheld { writer.write(7) { count.write(to: &$0) } }
    }

    /// nil for a quantity that only a newer program knows. Which it is comes first.
    static func known(_ field: FieldReader.Field) throws(RecordCodecError) -> Self? {
        var reader = try field.part()
        var quantity: Quantity?
        var statistics: SampleStatistics?
        var rawMean: Double?
        var calibration: String?
        var flags: UInt8 = 0
        var isRawMean = false
        var withheld: [ClimateInterval.ErrorCount] = []
        while let field = try reader.next() {
            switch field.tag {
            case 1:
                quantity = try field.coded(as: Quantity.self)
                if quantity == nil { return nil }
            case 2: statistics = try SampleStatistics(field)
            case 3: rawMean = try field.double()
            case 4: calibration = try field.text()
            case 5: flags = try field.narrow(to: UInt8.self)
            case 6: isRawMean = try field.flag()
            case 7: if let count = try ClimateInterval.ErrorCount.known(field) { withheld.append(count) }
            default: field.passOver()
            }
        }
        return Self(
            quantity: try reader.required(quantity, "quantity"), statistics: statistics,
            rawMean: isRawMean ? statistics?.mean : rawMean, calibration: calibration, flags: MeasurementFlags(rawValue: flags),
            withheld: withheld)
    }
}

extension SampleStatistics {
    func write(to writer: inout FieldWriter) {
        writer.write(1, UInt64(count))
        writer.write(2, mean)
        writer.write(3, minimum)
        writer.write(4, maximum)
        writer.write(5, last)
        if let standardDeviation { writer.write(6, standardDeviation) }
    }

    init(_ field: FieldReader.Field) throws(RecordCodecError) {
        var reader = try field.part()
        var count: UInt32?
        var mean: Double?
        var minimum: Double?
        var maximum: Double?
        var last: Double?
        var standardDeviation: Double?
        while let field = try reader.next() {
            switch field.tag {
            case 1: count = try field.narrow(to: UInt32.self)
            case 2: mean = try field.double()
            case 3: minimum = try field.double()
            case 4: maximum = try field.double()
            case 5: last = try field.double()
            case 6: standardDeviation = try field.double()
            default: field.passOver()
            }
        }
        self.init(
            count: try reader.required(count, "count"),
            mean: try reader.required(mean, "mean"),
            minimum: try reader.required(minimum, "minimum"),
            maximum: try reader.required(maximum, "maximum"),
            last: try reader.required(last, "last value"),
            standardDeviation: standardDeviation)
    }
}

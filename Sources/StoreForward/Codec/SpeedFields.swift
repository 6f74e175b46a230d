import SensorCore

extension SpeedStatistics {
    func write(to writer: inout FieldWriter) {
        writer.write(1, count)
        writer.write(2, sum)
        writer.write(3, inverseSum)
        writer.write(4, minimum)
        writer.write(5, maximum)
        writer.write(6, UInt64(firstBin))
        for number in histogram { writer.write(7, UInt64(number)) }
    }

    init(_ field: FieldReader.Field) throws(RecordCodecError) {
        var reader = try field.part()
        var count: UInt64?
        var numbers: [Double?] = [nil, nil, nil, nil]
        var firstBin: UInt8?
        var histogram: [UInt32] = []
        while let field = try reader.next() {
            switch field.tag {
            case 1: count = try field.number()
            case 2...5: numbers[Int(field.tag) - 2] = try field.double()
            case 6: firstBin = try field.narrow(to: UInt8.self)
            case 7: histogram.append(try field.narrow(to: UInt32.self))
            default: field.passOver()
            }
        }
        let statistics = SpeedStatistics(
            count: try reader.required(count, "number of speeds"), sum: try reader.required(numbers[0], "sum of speeds"),
            inverseSum: try reader.required(numbers[1], "inverse sum of speeds"),
            minimum: try reader.required(numbers[2], "lowest speed"),
            maximum: try reader.required(numbers[3], "highest speed"), histogram: histogram,
            firstBin: Int(try reader.required(firstBin, "first bin")))
        self = try reader.required(statistics, "a histogram that fits its count")
    }
}

extension HeadwaySum {
    func write(to writer: inout FieldWriter) {
        if let direction { writer.write(1, direction) }
        writer.write(2, count)
        writer.write(3, signed: sum.nanoseconds)
    }

    private init(_ field: FieldReader.Field) throws(RecordCodecError) {
        var reader = try field.part()
        var direction: String?
        var count: UInt64?
        var sum: Int64?
        while let field = try reader.next() {
            switch field.tag {
            case 1: direction = try field.text()
            case 2: count = try field.number()
            case 3: sum = try field.signed()
            default: field.passOver()
            }
        }
        self.init(
            direction: direction, count: try reader.required(count, "number of headways"),
            sum: TimeSpan(nanoseconds: try reader.required(sum, "sum of headways")))
    }

    static func list(_ field: FieldReader.Field) throws(RecordCodecError) -> [HeadwaySum] {
        var reader = try field.part()
        var sums: [HeadwaySum] = []
        while let field = try reader.next() {
            if field.tag == 1 { sums.append(try HeadwaySum(field)) } else { field.passOver() }
        }
        return sums
    }
}

public import SensorCore

extension WallClockTime {
    /// A whole second as `2026-05-01T12:00:00Z`, from 2000 to 2199; nil for anything else, also a day that is none.
    public init?(wholeSecond text: String) {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let bytes = Array(text.utf8)
        let shape = bytes.map { digits.contains($0) ? UInt8(ascii: "d") : $0 }
        guard shape == Array("dddd-dd-ddTdd:dd:ddZ".utf8) else { return nil }
        func number(_ range: Range<Int>) -> Int64 { bytes[range].reduce(0) { $0 * 10 + Int64($1 - digits.lowerBound) } }
        let (year, month, day) = (number(0..<4), number(5..<7), number(8..<10))
        let (hour, minute, second) = (number(11..<13), number(14..<16), number(17..<19))
        guard (2000...2199).contains(year), (1...12).contains(month), hour < 24, minute < 60, second < 60 else {
            return nil
        }
        func isLeap(_ year: Int64) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }
        let lengths: [Int64] = [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1...lengths[Int(month - 1)]).contains(day) else { return nil }
        // 10,957 days from 1970-01-01 to 2000-01-01.
        let years: Int64 = (2000..<year).reduce(10_957) { $0 + (isLeap($1) ? 366 : 365) }
        let days: Int64 = lengths[..<Int(month - 1)].reduce(years + day - 1) { $0 + $1 }
        self.init(secondsSince1970: days * 86_400 + hour * 3600 + minute * 60 + second)
    }
}

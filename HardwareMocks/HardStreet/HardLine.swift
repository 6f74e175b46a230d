import SensorCore

/// One input's changes: moments at which its level turns over, in s since the street's start.
struct HardLine {
    private(set) var toggles: [Double] = []

    init() {}

    /// Active during each of the spans, in any order; where they touch they are one.
    init(spans: [ClosedRange<Double>]) {
        var last: ClosedRange<Double>?
        for span in spans.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let open = last, span.lowerBound <= open.upperBound + 1e-6 {
                last = open.lowerBound...max(open.upperBound, span.upperBound)
            } else {
                if let last { toggles += [last.lowerBound, last.upperBound] }
                last = span
            }
        }
        if let last { toggles += [last.lowerBound, last.upperBound] }
    }

    mutating func toggle(at time: Double) { toggles.append(time) }

    /// In order and at least half a microsecond apart; levels alternate from inactive on.
    func edges(input: UInt8, from start: MonotonicInstant) -> [EdgeEvent] {
        var last = 0.0
        var level = false
        var number: UInt32 = 0
        return toggles.sorted().map { time in
            last = max(time, last + 5e-7)
            level.toggle()
            number &+= 1
            return EdgeEvent(instant: start + TimeSpan(nanoseconds: Int64(last * 1e9)), input: input, level: level, lineSequence: number)
        }
    }
}

import SensorCore

/// Tells that a quantity repeats one value to the last bit although it trembles by more than a step when all is well: a part that
/// hangs and goes on answering, a register nobody writes to any more.
///
/// Only quantities whose noise exceeds their step are judged, see `PartResolution`; a value at an end of what the part or the
/// quantity can be stands still with good reason (saturated air, darkness). States of each quantity: *moving*, or *standing* from
/// `fewestReadings` equal readings on that took at least `shortestTime`. The next other value ends it.
struct StandstillWatch: Sendable {
    static let shortestTime = TimeSpan.seconds(3 * 3600)
    static let fewestReadings = 30

    private struct Row: Sendable {
        var quantity: Quantity
        var range: ClosedRange<Double>
        var bits: UInt64?
        var readings = 0
        var since = MonotonicInstant(nanoseconds: 0)
    }

    private var rows: [Row]

    init(_ part: PartDescription) {
        rows = part.specifications.compactMap { specification in
            let resolution = PartResolution.of(specification.quantity, part: part.name)
            guard let noise = resolution.noise, noise > resolution.step else { return nil }
            let bounds = specification.quantity.bounds ?? specification.range
            return Row(quantity: specification.quantity, range: bounds.clamped(to: specification.range))
        }
    }

    /// Flags what stands still in a reading. Allocates nothing.
    mutating func judge(_ reading: inout PartReading, at now: MonotonicInstant) {
        for place in rows.indices {
            guard let raw = reading.given.first(where: { $0.quantity == rows[place].quantity })?.raw else { continue }
            guard raw > rows[place].range.lowerBound, raw < rows[place].range.upperBound else {
                rows[place].bits = nil
                continue
            }
            if raw.bitPattern != rows[place].bits {
                rows[place].bits = raw.bitPattern
                rows[place].readings = 0
                rows[place].since = now
            }
            rows[place].readings += 1
            if rows[place].readings >= Self.fewestReadings, now - rows[place].since >= Self.shortestTime {
                reading.flag(rows[place].quantity, .standsStill)
            }
        }
    }
}

import SensorCore
import TestSupport
import Testing

/// A clock that is synchronised, lost, slewed and stepped at random must never break what an interval promises.
@Test(
    "Whatever the clock does intervals keep their promises", arguments: 1...60 as ClosedRange<UInt64>,
    [TimeSpan.seconds(10), .seconds(60), .seconds(900)])
func whateverTheClockDoesIntervalsKeepTheirPromises(seed: UInt64, length: TimeSpan) {
    var chance = SeededRandom(seed: seed)
    var now = MonotonicInstant(nanoseconds: Int64.random(in: 0...5_000_000_000_000, using: &chance))
    var offset: Int64 = 1_777_636_800_000_000_000 + Int64.random(in: 0...3_600_000_000_000, using: &chance)
    var isSynchronised = Bool.random(using: &chance)
    func reading() -> ClockReading {
        ClockReading(instant: now, utc: isSynchronised ? WallClockTime(nanoseconds: now.nanoseconds + offset) : nil)
    }

    var schedule = IntervalSchedule(length: length, startingAt: reading())
    let start = now
    var ended: [IntervalSpan] = []
    var wasEverSynchronised = isSynchronised
    for _ in 0..<400 {
        switch Int.random(in: 0..<20, using: &chance) {
        case 0: isSynchronised.toggle()
        case 1: offset += Int64.random(in: -7_200_000_000_000...7_200_000_000_000, using: &chance)
        case 2, 3: offset += Int64.random(in: -200_000_000...200_000_000, using: &chance)
        case 4: now = now + length * Int64.random(in: 1...4, using: &chance)
        case 5: now = max(now, schedule.boundary)
        default: now = now + TimeSpan(nanoseconds: Int64.random(in: 0...length.nanoseconds / 3, using: &chance))
        }
        wasEverSynchronised = wasEverSynchronised || isSynchronised
        let reading = reading()
        // Now and then an edge closes before the clock is looked at.
        if reading.instant >= schedule.boundary, Bool.random(using: &chance) {
            ended.append(schedule.closeAtBoundary(reading))
        }
        while let span = schedule.nextEnded(by: reading) { ended.append(span) }
        #expect(schedule.start <= now && now < schedule.boundary, "seed \(seed)")
    }
    ended.append(schedule.closePartial(reading()))

    var end = start
    for span in ended {
        #expect(span.start == end, "seed \(seed): gap or overlap at \(span)")
        end = span.end
        #expect(span.length >= .zero && span.length <= length + IntervalSchedule.stepTolerance, "seed \(seed): \(span)")
        #expect(span.utc == nil || wasEverSynchronised, "seed \(seed): UTC out of nowhere in \(span)")
        if !span.isPartial, span.utc == nil { #expect(span.length == length, "seed \(seed): \(span)") }
        guard let utc = span.utc else { continue }
        let disagreement = ((utc.end - utc.start) - span.length).nanoseconds.magnitude
        #expect(disagreement <= UInt64(IntervalSchedule.stepTolerance.nanoseconds), "seed \(seed): \(span)")
        if !span.isPartial {
            #expect(utc.start.nanoseconds % length.nanoseconds == 0, "seed \(seed): \(span)")
            #expect(utc.end - utc.start == length, "seed \(seed): \(span)")
        }
    }
    #expect(end == now, "seed \(seed)")
}

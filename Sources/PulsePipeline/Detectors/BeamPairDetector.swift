public import SensorCore

/// Two light beams a known way apart: direction, speed, length and class of who passes both.
///
/// States: *empty*; *open* while marks are in the window that belong to no passage yet; *stalled* while a beam has been broken
/// for longer than `BeamGeometry.stallLimit`. What the oldest mark belongs to is decided by `BeamSearch`, as soon as
/// nothing that may still come can change it.
public struct BeamPairDetector: PassageDetector {
    private let geometry: BeamGeometry
    private let window = MarkWindow()
    /// When the oldest mark is to be looked at again, in ns of the monotonic clock.
    private var nextLook = Int64.max
    /// By input: since when it has been broken too long.
    private var stalls: (first: Int64?, second: Int64?) = (nil, nil)
    public private(set) var rejected: UInt64 = 0
    public let longestPassage: TimeSpan

    public init(_ geometry: BeamGeometry) {
        self.geometry = geometry
        longestPassage = TimeSpan(nanoseconds: nanoseconds(geometry.stallLimit + 2 * geometry.longestShift + 1))
    }

    @inline(__always)
    public mutating func take(_ change: LevelChange, passages: inout PassageBuffer) {
        let instant = change.instant.nanoseconds
        if instant >= nextLook { look(at: instant, passages: &passages) }
        if change.level {
            if window.isFull { look(at: .max, passages: &passages) }
            window.begin(change.input, at: instant)
            if window.count == 1 { nextLook = instant &+ nanoseconds(geometry.stallLimit) }
            return
        }
        if let place = window.end(change.input, at: instant) {
            // The entry alone decides nothing, and who waits for an image looks when one is complete.
            if change.input != window[0].input || !(place == 0) { nextLook = min(nextLook, instant) }
            if place == 0 { nextLook = min(nextLook, instant &+ nanoseconds(geometry.longestShift)) }
            if instant >= nextLook { look(at: instant, passages: &passages) }
        } else {
            endStall(of: change.input)
        }
    }

    public mutating func advance(to now: MonotonicInstant, passages: inout PassageBuffer) {
        if now.nanoseconds >= nextLook { look(at: now.nanoseconds, passages: &passages) }
    }

    public mutating func interrupt(until instant: MonotonicInstant, levels: UInt8, passages: inout PassageBuffer) {
        // What is complete is given, but a part of it may be missing; the rest began or ended unseen.
        let before = passages.count
        look(at: .max, passages: &passages)
        passages.markUncertain(from: before)
        window.remove(.max)
        nextLook = .max
        stalls = (nil, nil)
    }

    public var deadline: MonotonicInstant? { nextLook == .max ? nil : MonotonicInstant(nanoseconds: nextLook) }
    public var openSince: MonotonicInstant? { window.count == 0 ? nil : MonotonicInstant(nanoseconds: window[0].on) }

    public var stalledSince: MonotonicInstant? {
        let since =
            switch (stalls.first, stalls.second) {
            case (let first?, let second?): min(first, second) as Int64?
            case (let first, let second): first ?? second
            }
        return since.map { MonotonicInstant(nanoseconds: $0) }
    }

    private mutating func look(at now: Int64, passages: inout PassageBuffer) {
        while window.count > 0 {
            let verdict = BeamSearch(window, geometry: geometry, now: now).verdict()
            if verdict.readyAt > now {
                nextLook = verdict.readyAt
                return
            }
            let oldest = window[0]
            if let first = verdict.first {
                passages.append(first)
                if let second = verdict.second { passages.append(second) }
            } else if oldest.isClosed {
                rejected &+= 1
            } else {
                if now != .max { beginStall(of: oldest) }
            }
            window.remove(verdict.marks)
        }
        nextLook = .max
    }

    private mutating func beginStall(of mark: Mark) {
        if mark.input == 0 { stalls.first = mark.on } else { stalls.second = mark.on }
    }

    private mutating func endStall(of input: UInt8) {
        if input == 0 { stalls.first = nil } else { stalls.second = nil }
    }
}

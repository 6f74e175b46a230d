package import SensorCore

/// Two pneumatic tubes a known way apart: axles grouped to vehicles, with direction, speed, wheelbase and class.
///
/// States: *empty*; *open* while hits are in the window that belong to no vehicle yet, explained together (`ExplanationPool`, by what
/// `AxleReading` offers) once nothing that may still come can change it; *stalled* while a tube stays pressed for
/// longer than `AxleGeometry.stallLimit`. Only the beginning of a pulse counts: its end depends on the tube, not on the axle.
/// `Passage.length` is from the first axle to the last.
///
/// Its channel alone has it. It can't say so by `~Copyable`: Swift 6.0's compiler ends over what such a value reads of a window.
package struct AxlePairDetector: PassageDetector {
    /// After a hit nothing is looked at for so long: another usually follows.
    private static let quiet: Int64 = 200_000_000
    /// Where nobody leaves room between, what is older than this is decided with what is known.
    private static let longestWait: Int64 = 8_000_000_000
    /// From so many hits on those that are sure are taken out.
    private static let crowd = 48

    private let geometry: AxleGeometry
    private let window = MarkWindow()
    private let pool = ExplanationPool(width: 10)
    private var nextLook = Int64.max
    private var lastHits: (Int64, Int64) = (.min, .min)
    /// By input: since when it is pressed; nil at rest.
    private var pressed: (first: Int64?, second: Int64?) = (nil, nil)
    private var stalled: Int64?
    package private(set) var rejected: UInt64 = 0
    package let longestPassage: TimeSpan

    package init(_ geometry: AxleGeometry) {
        self.geometry = geometry
        let row = Double(AxlePattern.mostAxles) * AxlePattern.longestGap / geometry.slowest
        longestPassage = TimeSpan(
            nanoseconds: nanoseconds(max(AxleGeometry.stallLimit, min(30, row) + 2 * geometry.longestShift) + 1))
    }

    @inline(__always)
    package mutating func take(_ change: LevelChange, passages: inout PassageBuffer) {
        let instant = change.instant.nanoseconds
        if instant >= nextLook { look(at: instant, passages: &passages) }
        guard change.level else {
            press(change.input, since: nil)
            _ = window.end(change.input, at: instant)
            stalled = nil
            return
        }
        press(change.input, since: instant)
        if window.count >= Self.crowd || (window.count > 0 && instant &- window[0].on > Self.longestWait) {
            look(at: instant, isForced: true, passages: &passages)
        }
        window.begin(change.input, at: instant)
        nextLook = instant &+ Self.quiet
    }

    package mutating func advance(to now: MonotonicInstant, passages: inout PassageBuffer) {
        if now.nanoseconds >= nextLook { look(at: now.nanoseconds, passages: &passages) }
        if let since = pressedSince, now.nanoseconds &- since >= nanoseconds(AxleGeometry.stallLimit) { stalled = since }
    }

    package mutating func interrupt(until instant: MonotonicInstant, levels: UInt8, passages: inout PassageBuffer) {
        // Of what was open an axle may be missing: what is left of it makes no sure vehicle.
        let before = passages.count
        look(at: .max, passages: &passages)
        passages.markUncertain(from: before)
        window.remove(.max)
        nextLook = .max
        lastHits = (.min, .min)
        stalled = nil
        pressed = (levels & 1 != 0 ? instant.nanoseconds : nil, levels & 2 != 0 ? instant.nanoseconds : nil)
    }

    package var deadline: MonotonicInstant? {
        var next = nextLook
        if stalled == nil, let since = pressedSince { next = min(next, since &+ nanoseconds(AxleGeometry.stallLimit)) }
        return next == .max ? nil : MonotonicInstant(nanoseconds: next)
    }

    package var openSince: MonotonicInstant? {
        let since = window.count == 0 ? pressedSince : window[0].on
        return since.flatMap { stalled == nil ? MonotonicInstant(nanoseconds: $0) : nil }
    }

    package var stalledSince: MonotonicInstant? { stalled.map { MonotonicInstant(nanoseconds: $0) } }

    private var pressedSince: Int64? {
        guard let first = pressed.first else { return pressed.second }
        return pressed.second.map { min($0, first) } ?? first
    }

    private mutating func press(_ input: UInt8, since instant: Int64?) {
        if input == 0 { pressed.first = instant } else { pressed.second = instant }
    }

    /// - Parameter isForced: take what is sure now, though more belongs to the rest: the window is full.
    private mutating func look(at now: Int64, isForced: Bool = false, passages: inout PassageBuffer) {
        while window.count > 0 {
            let reading = AxleReading(window, geometry: geometry, lastHits: lastHits)
            switch pool.settle(window.count, by: reading, at: now, isForced: isForced, passages: &passages) {
            case .wait(let moment):
                nextLook = moment
                return
            case .settled(let marks, let more):
                rejected &+= more
                for place in 0..<window.count where marks & (1 << UInt64(place)) != 0 {
                    if window[place].input == 0 { lastHits.0 = window[place].on } else { lastHits.1 = window[place].on }
                }
                window.remove(marks)
            }
            if isForced { return }
        }
        nextLook = .max
    }
}

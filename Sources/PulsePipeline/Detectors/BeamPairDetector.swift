package import SensorCore

/// Two light beams a known way apart: direction, speed, length and class of who passes both.
///
/// States: *empty*; *open* while marks are in the window that belong to no passage yet; *stalled* while a beam has been broken
/// for longer than `BeamGeometry.stallLimit`. They are explained together (`ExplanationPool`, by what
/// `BeamReading` offers) when no beam is broken and nothing that may still come can change it.
///
/// Its channel alone has it. It can't say so by `~Copyable`: Swift 6.0's compiler ends over what such a value reads of a window.
package struct BeamPairDetector: PassageDetector {
    /// After a mark nothing is looked at for so long: another usually follows.
    private static let quiet: Int64 = 150_000_000
    /// Where nobody leaves room between, what is older than this is decided with what is known.
    private static let longestWait: Int64 = 8_000_000_000
    /// From so many marks on those that are sure are taken out.
    private static let crowd = 48

    private let geometry: BeamGeometry
    /// Nothing is sure before: somebody who walks slowly may still show what the oldest mark really is.
    private let patience: Int64
    private let window = MarkWindow()
    private let pool = ExplanationPool(width: 24)
    /// Marks that have not ended.
    private var open = 0
    /// When the oldest mark is to be looked at again, in ns of the monotonic clock.
    private var nextLook = Int64.max
    private let stallLimit: Int64
    /// Since when each beam has been broken too long; `.max` when it is not. No tuple: Swift 6.0.3 loses its labels and then
    /// fails to compile.
    private var firstStall = Int64.max
    private var secondStall = Int64.max
    package private(set) var rejected: UInt64 = 0
    package let longestPassage: TimeSpan

    package init(_ geometry: BeamGeometry) {
        self.geometry = geometry
        patience = nanoseconds(geometry.patience)
        stallLimit = nanoseconds(geometry.stallLimit)
        longestPassage = TimeSpan(nanoseconds: nanoseconds(geometry.stallLimit + 2 * geometry.longestShift + 1))
    }

    @inline(__always)
    package mutating func take(_ change: LevelChange, passages: inout PassageBuffer) {
        let instant = change.instant.nanoseconds
        if instant >= nextLook { look(at: instant, passages: &passages) }
        if change.level {
            let isOld = window.count > 0 && instant &- window[0].on > Self.longestWait
            if window.count >= Self.crowd || isOld { look(at: instant, isForced: true, passages: &passages) }
            if window.isFull { giveUpOldest() }
            window.begin(change.input, at: instant)
            open += 1
            nextLook = stallLook
            return
        }
        if window.end(change.input, at: instant) != nil {
            open -= 1
            nextLook = open == 0 ? max(instant &+ Self.quiet, window[0].on &+ patience) : stallLook
        } else {
            endStall(of: change.input)
        }
    }

    package mutating func advance(to now: MonotonicInstant, passages: inout PassageBuffer) {
        if now.nanoseconds >= nextLook { look(at: now.nanoseconds, passages: &passages) }
    }

    package mutating func interrupt(until instant: MonotonicInstant, levels: UInt8, passages: inout PassageBuffer) {
        // What is complete is given, but a part of it may be missing; the rest began or ended unseen.
        let before = passages.count
        look(at: .max, passages: &passages)
        passages.markUncertain(from: before)
        window.remove(.max)
        open = 0
        nextLook = .max
        firstStall = .max
        secondStall = .max
    }

    package var deadline: MonotonicInstant? { nextLook == .max ? nil : MonotonicInstant(nanoseconds: nextLook) }
    package var openSince: MonotonicInstant? { window.count == 0 ? nil : MonotonicInstant(nanoseconds: window[0].on) }

    package var stalledSince: MonotonicInstant? {
        let since = min(firstStall, secondStall)
        return since == .max ? nil : MonotonicInstant(nanoseconds: since)
    }

    /// - Parameter isForced: take what is sure now, though more belongs to the rest: the window is full.
    private mutating func look(at now: Int64, isForced: Bool = false, passages: inout PassageBuffer) {
        while window.count > 0 {
            if open > 0, !isForced, now != .max {
                // Who stands in a beam may be part of anything.
                guard dropStalled(at: now) else {
                    nextLook = stallLook
                    return
                }
                continue
            }
            let reading = BeamReading(window, geometry: geometry)
            switch pool.settle(window.count, by: reading, at: now, isForced: isForced, passages: &passages) {
            case .wait(let moment):
                nextLook = moment
                return
            case .settled(let marks, let more):
                rejected &+= more
                for place in 0..<window.count where marks & (1 << UInt64(place)) != 0 && !window[place].isClosed { open -= 1 }
                window.remove(marks)
            }
            if isForced { return }
        }
        nextLook = .max
    }

    /// When the oldest mark that is open will have been so for too long.
    private var stallLook: Int64 {
        for place in 0..<window.count where !window[place].isClosed { return window[place].on &+ stallLimit }
        return .max
    }

    /// Takes a mark out that is open for too long. Returns whether there was one.
    private mutating func dropStalled(at now: Int64) -> Bool {
        for place in 0..<window.count where !window[place].isClosed && now &- window[place].on >= stallLimit {
            beginStall(of: window[place])
            window.remove(1 << UInt64(place))
            open -= 1
            return true
        }
        return false
    }

    private mutating func giveUpOldest() {
        if !window[0].isClosed { open -= 1 }
        window.remove(1)
        rejected &+= 1
    }

    private mutating func beginStall(of mark: Mark) {
        if mark.input == 0 { firstStall = mark.on } else { secondStall = mark.on }
    }

    private mutating func endStall(of input: UInt8) {
        if input == 0 { firstStall = .max } else { secondStall = .max }
    }
}

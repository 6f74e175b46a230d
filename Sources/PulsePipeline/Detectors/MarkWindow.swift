import SensorCore

/// One activation of an input: a broken beam, a pressed tube.
struct Mark: BitwiseCopyable, Sendable {
    /// In ns of the monotonic clock.
    var on: Int64
    /// `Mark.stillActive` until the input is at rest again.
    var off: Int64
    var input: UInt8

    static let stillActive = Int64.max

    @inline(__always)
    var isClosed: Bool { off != Self.stillActive }
}

/// The activations of a detector's two inputs that belong to no passage yet, by their beginning.
///
/// Fixed size; made with its detector and used by it alone. A set of marks is the bits of a `UInt64`, by place.
final class MarkWindow {
    static let capacity = 64

    private let marks = UnsafeMutablePointer<Mark>.allocate(capacity: MarkWindow.capacity)
    private(set) var count = 0

    deinit { marks.deallocate() }

    @inline(__always)
    subscript(place: Int) -> Mark { marks[place] }

    @inline(__always)
    var isFull: Bool { count == Self.capacity }

    /// Where there is no room the mark is dropped: ask `isFull` before.
    @inline(__always)
    func begin(_ input: UInt8, at instant: Int64) {
        guard count < Self.capacity else { return }
        (marks + count).initialize(to: Mark(on: instant, off: Mark.stillActive, input: input))
        count += 1
    }

    /// The input's open mark ends. Returns its place; nil when there is none.
    @inline(__always)
    func end(_ input: UInt8, at instant: Int64) -> Int? {
        var place = count
        while place > 0 {
            place -= 1
            if marks[place].input == input, !marks[place].isClosed {
                marks[place].off = instant
                return place
            }
        }
        return nil
    }

    /// Takes out the marks whose bits are set.
    @inline(__always)
    func remove(_ places: UInt64) {
        var kept = 0
        for place in 0..<count where places & (1 << UInt64(place)) == 0 {
            marks[kept] = marks[place]
            kept += 1
        }
        count = kept
    }
}

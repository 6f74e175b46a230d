import SensorCore

/// Accepted level changes of a channel's inputs on their way to the detector, brought into the order of their instants.
///
/// The debouncers decide late and at different times, and edges of two lines may reach the node in another order than they
/// happened. Fixed size; made when a channel is armed and used by it alone.
final class PendingChanges {
    static let capacity = 128

    private let changes = UnsafeMutablePointer<LevelChange>.allocate(capacity: PendingChanges.capacity)
    private var head = 0
    private var count = 0
    /// The instant of the first; `.distantFuture` when there is none.
    private(set) var next = MonotonicInstant.distantFuture

    deinit { changes.deallocate() }

    var isFull: Bool { count == Self.capacity }

    /// Where there is no room the change is dropped: ask `isFull` before.
    @inline(__always)
    func insert(_ change: LevelChange) {
        guard count < Self.capacity else { return }
        var place = count
        while place > 0, changes[slot(place - 1)].instant > change.instant {
            (changes + slot(place)).initialize(to: changes[slot(place - 1)])
            place -= 1
        }
        (changes + slot(place)).initialize(to: change)
        count += 1
        if place == 0 { next = change.instant }
    }

    /// There must be one: see `next`.
    @inline(__always)
    func takeFirst() -> LevelChange {
        let first = changes[head]
        head = slot(1)
        count -= 1
        next = count == 0 ? .distantFuture : changes[head].instant
        return first
    }

    @inline(__always)
    private func slot(_ place: Int) -> Int { (head &+ place) & (Self.capacity - 1) }
}

import Synchronization

/// Condensed pulses of one radar channel on their way from the counting thread to the one that tracks.
///
/// One side pushes, the other pops, as with `BoundedQueue`; neither waits for the other.
public final class SliceQueue: Sendable {
    private let queue: BoundedQueue<PulseSlice>
    private let lostSlices = Atomic<UInt64>(0)

    /// Room for about 4 s of a 24 GHz radar, longer for slower ones.
    public init(capacity: Int = 2048) { queue = BoundedQueue(capacity: capacity) }

    /// Slices that found no room since the beginning.
    public var lost: UInt64 { lostSlices.load(ordering: .relaxed) }

    /// False when there is no room; the slice is then lost, and counted.
    package func push(_ slice: PulseSlice) -> Bool {
        if queue.push(slice) { return true }
        lostSlices.wrappingAdd(UInt64(slice.repeats), ordering: .relaxed)
        return false
    }

    package func pop() -> PulseSlice? { queue.pop() }
}

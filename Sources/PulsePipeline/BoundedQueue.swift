import Synchronization

/// A ring of fixed size between exactly one producing and one consuming thread. Neither side ever locks or allocates.
///
/// `push` and `pop` are each to be called from one thread only; that discipline is what makes `@unchecked Sendable`
/// true: the producer alone writes slots and `tail`, the consumer alone reads slots and moves `head`, and each publishes
/// with a release store that the other reads with an acquire load.
public final class BoundedQueue<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
    private let slots: UnsafeMutableBufferPointer<Element>
    private let mask: Int
    private let head = Atomic<Int>(0)
    private let tail = Atomic<Int>(0)

    /// `capacity` is rounded up to a power of two.
    public init(capacity: Int) {
        var size = 1
        while size < capacity { size <<= 1 }
        slots = .allocate(capacity: size)
        mask = size - 1
    }

    deinit { slots.deallocate() }

    /// False when there is no room; the element is then still the caller's.
    public func push(_ element: Element) -> Bool {
        let end = tail.load(ordering: .relaxed)
        if end &- head.load(ordering: .acquiring) > mask { return false }
        slots.initializeElement(at: end & mask, to: element)
        tail.store(end &+ 1, ordering: .releasing)
        return true
    }

    /// The oldest element; nil when there is none.
    public func pop() -> Element? {
        let start = head.load(ordering: .relaxed)
        if start == tail.load(ordering: .acquiring) { return nil }
        let element = slots[start & mask]
        head.store(start &+ 1, ordering: .releasing)
        return element
    }
}

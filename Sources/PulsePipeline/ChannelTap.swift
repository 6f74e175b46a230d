public import SensorCore
import Synchronization

/// Lets one ordinary thread look on at one channel of the counting thread, which it never holds up: what finds no room
/// is counted and left out.
///
/// `open`, `close` and `take` belong to the looking thread; `wanted` and `offer` to the counting one, which neither locks
/// nor allocates in them.
public final class ChannelTap<Element: BitwiseCopyable & Sendable>: Sendable {
    private struct Tapped: BitwiseCopyable, Sendable {
        var selection: TapSelection
        var element: Element
    }

    private let queue: BoundedQueue<Tapped>
    private let selection = Atomic<UInt64>(0)
    private let lost = Atomic<UInt64>(0)

    public init(capacity: Int) { queue = BoundedQueue(capacity: capacity) }

    /// Asks for a channel, by its index, in place of any other. What was kept of an earlier one is not given any more.
    public func open(channel: Int) {
        let before = TapSelection(rawValue: selection.load(ordering: .relaxed))
        selection.store(before.next(channel: channel).rawValue, ordering: .releasing)
        _ = lost.exchange(0, ordering: .relaxed)
    }

    public func close() {
        let before = TapSelection(rawValue: selection.load(ordering: .relaxed))
        selection.store(before.next(channel: nil).rawValue, ordering: .releasing)
        while queue.pop() != nil {}
    }

    /// What has come since the last call, oldest first, and how many found no room.
    public func take(atMost limit: Int) -> (elements: [Element], lost: UInt64) {
        let current = selection.load(ordering: .relaxed)
        var elements: [Element] = []
        while elements.count < limit, let tapped = queue.pop() {
            if tapped.selection.rawValue == current { elements.append(tapped.element) }
        }
        return (elements, lost.exchange(0, ordering: .relaxed))
    }

    var wanted: TapSelection { TapSelection(rawValue: selection.load(ordering: .acquiring)) }

    func offer(_ element: Element, for selection: TapSelection) {
        if !queue.push(Tapped(selection: selection, element: element)) { lost.wrappingAdd(1, ordering: .relaxed) }
    }
}

/// A channel, and the number of the choice: what was put in for an earlier choice is known by it.
struct TapSelection: BitwiseCopyable, Equatable, Sendable {
    var rawValue: UInt64

    static var none: TapSelection { TapSelection(rawValue: 0) }

    /// nil for none. The lower 16 bits hold the index plus one.
    var channel: Int? { rawValue & 0xFFFF == 0 ? nil : Int(rawValue & 0xFFFF) - 1 }

    func next(channel: Int?) -> TapSelection {
        TapSelection(rawValue: ((rawValue >> 16) &+ 1) << 16 | UInt64(channel.map { $0 + 1 } ?? 0))
    }
}

/// An edge as it was counted, or the level that was read before the first of them.
public struct TappedEdge: BitwiseCopyable, Hashable, Sendable {
    public var edge: EdgeEvent
    /// No edge: the input's level when looking on began.
    public var isStart: Bool
}

/// What a channel's line did last, for any thread to read.
public final class ChannelSight: Sendable {
    private let instant = Atomic<Int64>(.min)
    private let active = Atomic<Bool>(false)

    init() {}

    /// The newest edge taken, and the level after it; nil before the first.
    public var lastEdge: (instant: MonotonicInstant, level: Bool)? {
        let nanoseconds = instant.load(ordering: .acquiring)
        guard nanoseconds != .min else { return nil }
        return (MonotonicInstant(nanoseconds: nanoseconds), active.load(ordering: .relaxed))
    }

    func saw(_ edge: EdgeEvent) {
        active.store(edge.level, ordering: .relaxed)
        instant.store(edge.instant.nanoseconds, ordering: .releasing)
    }
}

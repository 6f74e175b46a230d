public import SensorCore

/// One counted passage. What the detector can't tell is nil.
public struct Passage: BitwiseCopyable, Hashable, Sendable {
    /// When it began, by the kernel's timestamp of its first edge.
    public var instant: MonotonicInstant
    public var direction: PassageDirection?
    public var roadUser: RoadUserClass?
    /// In m/s, above 0.
    public var speed: Double?
    /// In m: from front to rear (`beam_pair`), or from the first axle to the last (`axle_pair`).
    public var length: Double?
    /// The signal also fits another reading: overlapping passes, a missing edge, somebody who turned back beside another.
    public var isUncertain: Bool

    @inlinable
    public init(
        instant: MonotonicInstant, direction: PassageDirection? = nil, roadUser: RoadUserClass? = nil,
        speed: Double? = nil, length: Double? = nil, isUncertain: Bool = false
    ) {
        self.instant = instant
        self.direction = direction
        self.roadUser = roadUser
        self.speed = speed
        self.length = length
        self.isUncertain = isUncertain
    }
}

/// Passages decided by one call, in a buffer made beforehand: the counting thread does not allocate.
public struct PassageBuffer: ~Copyable {
    private let storage: UnsafeMutableBufferPointer<Passage>
    public private(set) var count = 0
    /// Passages that found no room; the tally has them all the same.
    public private(set) var overflow: UInt64 = 0

    public init(capacity: Int) { storage = .allocate(capacity: capacity) }
    deinit { storage.deallocate() }

    public mutating func append(_ passage: Passage) {
        if count == storage.count {
            overflow += 1
            return
        }
        storage.initializeElement(at: count, to: passage)
        count += 1
    }

    public mutating func removeAll() { count = 0 }

    mutating func markUncertain(from start: Int) {
        for index in start..<count { storage[index].isUncertain = true }
    }

    /// Takes out what `isKept` refuses, from this place on.
    mutating func keep(from start: Int, where isKept: (Passage) -> Bool) {
        var kept = start
        for index in start..<count where isKept(storage[index]) {
            storage[kept] = storage[index]
            kept += 1
        }
        count = kept
    }

    public subscript(index: Int) -> Passage {
        precondition(index < count, "passage \(index) of \(count)")
        return storage[index]
    }
}

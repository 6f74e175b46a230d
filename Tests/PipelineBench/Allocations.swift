import Glibc
import PulsePipeline
import SensorCore

/// Calls that allocate so far, by the library that `allocations.sh` puts before the C library's.
func allocations() -> UInt64? {
    typealias Counter = @convention(c) () -> UInt64
    guard let symbol = dlsym(UnsafeMutableRawPointer(bitPattern: 0), "reallabor_allocations") else { return nil }
    return unsafeBitCast(symbol, to: Counter.self)()
}

/// Bytes that are allocated now, by the same.
private func heldBytes() -> Int64 {
    typealias Counter = @convention(c) () -> Int64
    guard let symbol = dlsym(UnsafeMutableRawPointer(bitPattern: 0), "reallabor_held_bytes") else { return 0 }
    return unsafeBitCast(symbol, to: Counter.self)()
}

extension BenchedChannel {
    /// Of all edges together; nil without a counter.
    /// - Parameter isPlanted: allocate once per batch, to see whether it is seen.
    func allocationsSeen(isPlanted: Bool) -> UInt64? {
        let channel = settings.makeChannel(levels: 0, at: MonotonicInstant(nanoseconds: 0), slices: slices)
        var passages = PassageBuffer(capacity: 8192)
        let before = allocations()
        edges.withUnsafeBufferPointer { all in
            var taken = 0
            while taken < all.count {
                let batch = UnsafeBufferPointer(rebasing: all[taken..<min(all.count, taken + Self.batch)])
                taken += channel.ingest(batch, boundary: .distantFuture, passages: &passages)
                passages.removeAll()
                while !isCrowded, slices?.pop() != nil {}
                if isPlanted { plantAllocation() }
            }
        }
        guard let before, let after = allocations() else { return nil }
        return after - before
    }
}

/// What tracking allocates. It may, for it has a thread of its own; but not by the pulse, and nothing of it may stay.
struct TrackingAllocations {
    /// Per second of street.
    var rate: Double
    /// Held at the end more than after the first minute, in bytes.
    var growth: Int64

    static let mostPerSecond = 400.0
    static let mostGrowth: Int64 = 100_000

    var isBounded: Bool { rate < Self.mostPerSecond && growth < Self.mostGrowth }

    /// nil without a counter.
    init?(_ setup: RadarSetup, _ slices: [PulseSlice], isPlanted: Bool) {
        var tracker = DopplerTracker(setup)
        var passed = 0
        let minute = Int(60 / setup.sliceLength.seconds)
        var held: Int64 = 0
        let before = allocations()
        for (number, slice) in slices.enumerated() {
            if number == minute { held = heldBytes() }
            tracker.take(slice) { _ in passed += 1 }
            if isPlanted { plantAllocation() }
        }
        guard let before, let after = allocations(), passed > 0 else { return nil }
        growth = heldBytes() - held
        rate = Double(after - before) / (Double(slices.count) * setup.sliceLength.seconds)
    }
}

/// Where the compiler can't see that nobody uses it, so that it is really allocated.
nonisolated(unsafe) private var planted: UnsafeMutableRawPointer?

@inline(never)
private func plantAllocation() {
    planted = malloc(16)
    free(planted)
}

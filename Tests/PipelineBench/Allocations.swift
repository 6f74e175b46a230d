import Glibc
import PulsePipeline
import SensorCore

/// Calls of malloc, calloc and realloc so far, by the library that `allocations.sh` puts before the C library's.
func allocations() -> UInt64? {
    typealias Counter = @convention(c) () -> UInt64
    guard let symbol = dlsym(UnsafeMutableRawPointer(bitPattern: 0), "reallabor_allocations") else { return nil }
    return unsafeBitCast(symbol, to: Counter.self)()
}

extension BenchedChannel {
    /// Of all edges together; nil without a counter.
    /// - Parameter isPlanted: allocate once per batch, to see whether it is seen.
    func allocationsSeen(isPlanted: Bool) -> UInt64? {
        var channel = ChannelPipeline(settings, levels: 0, at: MonotonicInstant(nanoseconds: 0))
        var passages = PassageBuffer(capacity: 8192)
        let before = allocations()
        edges.withUnsafeBufferPointer { all in
            var taken = 0
            while taken < all.count {
                let batch = UnsafeBufferPointer(rebasing: all[taken..<min(all.count, taken + Self.batch)])
                taken += channel.ingest(batch, boundary: .distantFuture, passages: &passages)
                passages.removeAll()
                if isPlanted { plantAllocation() }
            }
        }
        guard let before, let after = allocations() else { return nil }
        return after - before
    }
}

/// Where the compiler can't see that nobody uses it, so that it is really allocated.
nonisolated(unsafe) private var planted: UnsafeMutableRawPointer?

@inline(never)
private func plantAllocation() {
    planted = malloc(16)
    free(planted)
}

import CGPIOD
import Glibc
import SensorCore

/// Takes the edges of one channel from the kernel and puts them into the order of their timestamps.
///
/// With uAPI v1 each line has a kernel queue of its own, with v2 the kernel's threads may hand over the edges of
/// different lines out of order; so whatever is there is taken at once, then sorted. Allocates only when it is made.
final class EdgeQueue {
    private let offsets: [UInt32]
    private let descriptors: [Int32]
    private let raw: UnsafeMutablePointer<cgpiod_edge>
    private let staged: UnsafeMutablePointer<EdgeEvent>
    private var head = 0
    private var end = 0
    private var foundFull = false
    /// The last `refill` left nothing behind: the kernel gave less than there was room for.
    private(set) var hasTakenAll = false

    /// - Parameter descriptors: one per offset with uAPI v1, exactly one with v2.
    init(offsets: [UInt32], descriptors: [Int32]) {
        self.offsets = offsets
        self.descriptors = descriptors
        raw = .allocate(capacity: Self.readAtOnce)
        staged = .allocate(capacity: Self.readAtOnce * descriptors.count)
    }

    deinit {
        raw.deallocate()
        staged.deallocate()
    }

    private static let readAtOnce = CGPIOD_READ_AT_ONCE

    var isEmpty: Bool { head == end }

    /// Takes what the kernel has; call only when empty. Returns 0, or the `errno` of a descriptor that has failed:
    /// edges of the others are staged all the same.
    func refill() -> Int32 {
        head = 0
        end = 0
        var failure: Int32 = 0
        hasTakenAll = true
        for index in descriptors.indices {
            let count = cgpiod_read(descriptors[index], offsets[index], raw, UInt32(Self.readAtOnce))
            if count < 0 {
                let code = errno
                if code != EAGAIN && code != EINTR { failure = code }
                continue
            }
            if count >= Self.readAtOnce { hasTakenAll = false }
            // With v2 the sequence numbers show what was dropped.
            if CGPIOD_UAPI == 1 && count >= CGPIOD_KERNEL_EVENTS { foundFull = true }
            for position in 0..<Int(count) { stage(raw[position]) }
        }
        return failure
    }

    /// Moves staged edges to the start of `buffer`, oldest first. An overflow is told with the last of them: the
    /// kernel dropped what came after.
    func take(into buffer: UnsafeMutableBufferPointer<EdgeEvent>) -> (count: Int, mayHaveOverflowed: Bool) {
        let count = min(buffer.count, end - head)
        for position in 0..<count { buffer[position] = staged[head + position] }
        head += count
        guard isEmpty else { return (count, false) }
        defer { foundFull = false }
        return (count, foundFull)
    }

    private func stage(_ edge: cgpiod_edge) {
        var input = 0
        while input < offsets.count && offsets[input] != edge.offset { input += 1 }
        if input == offsets.count { return }
        let event = EdgeEvent(
            instant: MonotonicInstant(nanoseconds: Int64(clamping: edge.timestamp_ns)), input: UInt8(input),
            level: edge.is_rising, lineSequence: edge.line_seqno)
        var place = end
        while place > 0 && staged[place - 1].instant > event.instant {
            staged[place] = staged[place - 1]
            place -= 1
        }
        staged[place] = event
        end += 1
    }
}

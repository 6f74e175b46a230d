import Glibc
import PulsePipeline
import TestSupport
import Testing

@Suite struct BoundedQueueTests {
    @Test("Holds at least what was asked for", arguments: [(1, 1), (2, 2), (3, 4), (8, 8), (9, 16)])
    func holdsAtLeastWhatWasAskedFor(capacity: Int, room: Int) {
        let queue = BoundedQueue<Int>(capacity: capacity)
        #expect(queue.pop() == nil)
        for value in 0..<room { #expect(queue.push(value)) }
        #expect(!queue.push(-1))
        for value in 0..<room { #expect(queue.pop() == value) }
        #expect(queue.pop() == nil)
    }

    /// In and out by turns, so that the ring passes its end many times at every filling.
    @Test("Keeps its order while it turns") func keepsItsOrderWhileItTurns() {
        let queue = BoundedQueue<Int>(capacity: 4)
        var pushed = 0
        var popped = 0
        for turn in 0..<1000 {
            for _ in 0..<(turn % 4 + 1) where queue.push(pushed) { pushed += 1 }
            for _ in 0..<(turn % 3 + 1) {
                guard let value = queue.pop() else { break }
                #expect(value == popped)
                popped += 1
            }
        }
        while let value = queue.pop() {
            #expect(value == popped)
            popped += 1
        }
        #expect(popped == pushed && pushed > 1000)
    }

    /// Every element is a pair that must never be seen half written.
    @Test("Between two threads nothing is lost or turned") func betweenTwoThreadsNothingIsLostOrTurned() throws {
        struct Pair: BitwiseCopyable, Sendable {
            var value: UInt64
            var complement: UInt64
        }
        let queue = BoundedQueue<Pair>(capacity: 16)
        let total: UInt64 = 200_000
        let producer = try PosixThread {
            for value in 0..<total {
                while !queue.push(Pair(value: value, complement: ~value)) { sched_yield() }
            }
        }
        var expected: UInt64 = 0
        var faults = 0
        while expected < total {
            guard let pair = queue.pop() else {
                sched_yield()
                continue
            }
            if pair.value != expected || pair.complement != ~expected { faults += 1 }
            expected += 1
        }
        producer.join()
        #expect(faults == 0)
        #expect(queue.pop() == nil)
    }
}

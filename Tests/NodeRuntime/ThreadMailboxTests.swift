import Glibc
import TestSupport
import Testing

@testable import NodeRuntime
@testable import NodeSimulation

@Suite(.blocksItsThread) struct ThreadMailboxTests {
    @Test("Keeps the newest", arguments: [(0, 0), (3, 0), (4, 0), (5, 1), (12, 8)])
    func keepsTheNewest(_ count: Int, lost: UInt64) {
        let mailbox = ThreadMailbox<Int>(capacity: 4)
        for number in 0..<count { mailbox.post(number) }
        let taken = mailbox.takeAll()
        #expect(taken.elements == Array(Int(lost)..<count))
        #expect(taken.lost == lost)
        let again = mailbox.takeAll()
        #expect(again.elements.isEmpty)
        #expect(again.lost == 0)
    }

    /// What is posted while another thread takes arrives once, in order, or is counted.
    @Test("Loses nothing unseen between threads") func losesNothingUnseenBetweenThreads() throws {
        let mailbox = ThreadMailbox<Int>(capacity: 8)
        let count = 20_000
        let worker = try Worker {
            for number in 0..<count { mailbox.post(number) }
        }
        var seen: [Int] = []
        var lost = 0
        while seen.count + lost < count {
            let taken = mailbox.takeAll()
            seen += taken.elements
            lost += Int(taken.lost)
        }
        worker.join()
        #expect(seen == seen.sorted())
        #expect(Set(seen).count == seen.count)
        #expect(seen.last == count - 1)
    }
}

/// A plain thread.
struct Worker {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private var thread = pthread_t()

    init(_ body: @escaping @Sendable () -> Void) throws {
        let held = Unmanaged.passRetained(Body(body))
        let failure = pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            }, held.toOpaque())
        try #require(failure == 0)
    }

    func join() { pthread_join(thread, nil) }
}

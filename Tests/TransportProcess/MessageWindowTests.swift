import Delivery
import SensorCore
import TestSupport
import Testing

@testable import TransportService

@Suite struct MessageWindowTests {
    private static func message(_ token: UInt64) -> TransportMessage {
        TransportMessage(
            token: token,
            message: OutgoingMessage(address: "a", payload: [], isRetained: false, contentType: "text/plain", schema: "t/1"))
    }

    private func window(_ size: Int, ahead: Int, holding count: UInt64) -> MessageWindow {
        var window = MessageWindow(size: size, ahead: ahead)
        for token in 0..<count { window.hold(Self.message(token)) }
        return window
    }

    @Test(
        "The smaller of window and broker's limit is unanswered",
        arguments: [(20, nil, 20), (20, 5, 5), (20, 0, 1), (3, 50, 3), (1, nil, 1)] as [(Int, Int?, Int)])
    func theSmaller(_ size: Int, _ limit: Int?, _ expected: Int) {
        var window = window(size, ahead: 40, holding: 0)
        window.note(.connected(to: "a", unansweredAtMost: limit))
        for token in 0..<60 as Range<UInt64> { window.hold(Self.message(token)) }
        #expect(window.next().map(\.token) == Array(0..<UInt64(expected)))
        #expect(window.next().isEmpty)
        window.note(.answered(token: 0, .taken))
        #expect(window.next().map(\.token) == [UInt64(expected)])
        // An answer to nothing makes no room.
        window.note(.answered(token: nil, .taken))
        #expect(window.next().isEmpty)
    }

    /// Against a list that is asked the plain way.
    @Test("Everything leaves once and in order, whatever answers come when", arguments: 1...20 as ClosedRange<UInt64>)
    func everythingLeavesInOrder(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let size = Int.random(in: 1...30, using: &generator)
        var window = MessageWindow(size: size, ahead: 2 * size)
        var (given, left, unanswered): (UInt64, [UInt64], Int) = (0, [], 0)
        for _ in 0..<2000 {
            switch Int.random(in: 0..<3, using: &generator) {
            case 0:
                for _ in 0..<Int.random(in: 1...9, using: &generator) {
                    window.hold(Self.message(given))
                    given += 1
                }
            case 1:
                let batch = window.next().map(\.token)
                #expect(batch.count == min(size - unanswered, Int(given) - left.count), "seed \(seed)")
                left += batch
                unanswered += batch.count
            default:
                if unanswered > 0 {
                    unanswered -= 1
                    window.note(.answered(token: 1, .taken))
                }
            }
            #expect(window.holdsSome == (left.count < given), "seed \(seed)")
        }
        #expect(left == Array(0..<UInt64(left.count)), "seed \(seed)")
    }

    @Test("Nothing of a connection that ended leaves on the next") func nothingOfAnEndedConnection() {
        var window = window(2, ahead: 4, holding: 5)
        #expect(window.next().count == 2)
        window.note(.closed(TransportFault("over")))
        #expect(window.next().isEmpty && !window.holdsSome)
        window.hold(Self.message(9))
        #expect(window.next().map(\.token) == [9])
    }

    @Test("Answers wait for others only while more is held ready, and never when they say more than taken") func answersWait() {
        let taken = TransportEvent.answered(token: 1, .taken)
        let refused = TransportEvent.answered(token: 1, .refused(TransportRefusal(.unwanted, reason: "no")))
        var window = window(2, ahead: 8, holding: 10)
        _ = window.next()
        #expect(window.mayWait([taken, taken, taken]))
        #expect(!window.mayWait([taken, taken, taken, taken]))
        #expect(!window.mayWait([taken, refused]))
        #expect(!window.mayWait([taken, .remark("a")]))
        while window.holdsSome {
            window.note(taken)
            _ = window.next()
        }
        #expect(!window.mayWait([taken]))
    }
}

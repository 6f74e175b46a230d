import RecordFormats
import SensorCore
import Testing

@testable import Delivery

private func at(_ seconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: seconds * 1_000_000_000) }

@Suite struct ReceiptTests {
    private func node(
        _ records: Int64, epochs: [(first: UInt64, epoch: JournalEpoch)] = [(1, JournalEpoch(rawValue: 1))]
    ) -> SenderUnderTest {
        SenderUnderTest(
            NativeFormat(node: "n", baseTopic: "t", receiptTopic: "t/receipt"),
            ListOutbox((0..<records).map { TestRecords.minute($0) }, epochs: epochs)
        ) { $0.needsReceipts = true }
    }

    private func receipt(_ numbers: String, epoch: String = "0000000000000001") -> String { #"{"epoch":"\#(epoch)",\#(numbers)}"# }

    @Test("A receipt acknowledges only what was sent")
    func onlyWhatWasSent() {
        let node = node(5)
        node.transport.answersByItself = false
        // Retained: it comes with the subscription, before anything was sent.
        node.run { !node.transport.subscriptions.isEmpty }
        node.transport.receive(receipt(#""stored_through":4"#), from: "t/receipt")
        node.run(3)
        #expect(node.outbox.settled.isEmpty)
        node.transport.answersByItself = true
        node.run { node.transport.taken.count == 6 }
        #expect(node.outbox.settled.isEmpty)
        // It is asked for once more, and now speaks of what was sent.
        let subscriptions = node.transport.subscriptions.count
        node.run(200) { node.transport.subscriptions.count > subscriptions }
        #expect(node.transport.subscriptions.count == subscriptions + 1)
        node.transport.receive(receipt(#""stored_through":4"#), from: "t/receipt")
        node.run(3)
        #expect(node.outbox.settled.ranges == [1...4])
    }

    @Test("A receipt beyond the journal's last number is said once and acknowledges nothing")
    func beyond() {
        let node = node(5)
        node.run { node.transport.taken.count == 6 }
        for _ in 0..<3 {
            node.transport.receive(receipt(#""stored_through":9"#), from: "t/receipt")
            node.run(3)
        }
        #expect(node.outbox.settled.isEmpty && node.outbox.receiverHolds == 9)
        #expect(node.log.lines.count { $0.contains("names records up to 9, but only 5 were ever numbered") } == 1, "\(node.log.lines)")
    }

    @Test("A receipt of an earlier epoch speaks of that epoch's records only")
    func earlierEpoch() {
        let node = node(6, epochs: [(1, JournalEpoch(rawValue: 7)), (4, JournalEpoch(rawValue: 8))])
        node.run { node.transport.taken.count == 7 }
        node.transport.receive(receipt(#""stored_through":6"#, epoch: "0000000000000007"), from: "t/receipt")
        node.run(3)
        #expect(node.outbox.settled.ranges == [1...3])
        node.transport.receive(receipt(#""stored_through":6"#, epoch: "0000000000000009"), from: "t/receipt")
        node.run(3)
        #expect(node.outbox.settled.ranges == [1...3])
    }

    @Test("What a receiver skipped while it confirms the rest is sent again after ten minutes")
    func skipped() {
        let node = node(40)
        node.run { node.transport.taken.count == 41 }
        let start = node.clock.now()
        var confirmed: UInt64 = 40
        node.transport.receive(receipt(#""stored":[[1,19],[31,40]]"#), from: "t/receipt")
        var again: Int64?
        while again == nil, node.clock.now() < start + .seconds(1_200) {
            // A record every few seconds, confirmed at once.
            node.outbox.append([TestRecords.minute(Int64(confirmed))])
            confirmed += 1
            let before = node.transport.taken.count
            node.run(8)
            if node.transport.taken.count > before + 1 { again = (node.clock.now() - start).nanoseconds / 1_000_000_000 }
            node.transport.receive(receipt(#""stored":[[1,19],[31,\#(confirmed)]]"#), from: "t/receipt")
        }
        let seconds = again ?? 0
        #expect((590...650).contains(seconds), "after \(seconds) s")
        #expect(node.sender.status.unconfirmed <= 12)
    }

    @Test("A receiver that is slow gets nothing twice while it confirms in order")
    func slow() {
        var unconfirmed = UnconfirmedRecords(timeout: .seconds(600))
        for second in 0..<100 as Range<Int64> { unconfirmed.insert(UInt64(second + 1), at: at(second)) }
        for minute in 1...25 as ClosedRange<Int64> {
            unconfirmed.confirm(1...UInt64(minute * 4), at: at(60 * minute))
            #expect(unconfirmed.takeDue(at: at(60 * minute)).isEmpty, "minute \(minute)")
        }
        #expect(unconfirmed.count == 0 && unconfirmed.due == nil)
    }
}

import DeliveryAudit
import RecordFormats
import SensorCore
import Testing

@testable import Delivery

/// What a destination gets, and what an audit of it says: nothing is lost, nothing is there twice, and no gap is unexplained.
@Suite struct DestinationViewTests {
    private static func node(_ records: [Record], adjust: (inout DeliverySettings) -> Void) -> SenderUnderTest {
        SenderUnderTest(NativeFormat(node: "n", baseTopic: "t"), ListOutbox(records), adjust: adjust)
    }

    private static func verdict(_ node: SenderUnderTest, through last: UInt64) throws -> AuditVerdict {
        var auditor = DeliveryAuditor()
        for message in node.transport.taken { auditor.take(json: message.payload) }
        #expect(auditor.unreadable == nil)
        let verdicts = auditor.verdicts(expecting: 1...last)
        return try #require(verdicts.first)
    }

    private static func records(_ node: SenderUnderTest) throws -> [AuditedRecord] {
        try node.transport.taken.compactMap { try AuditedRecord(json: $0.payload) }
    }

    /// Two channels, minute by minute.
    private static func minutes(_ range: Range<Int64>) -> [Record] {
        range.flatMap { [TestRecords.minute($0, channel: "gate", count: 3), TestRecords.minute($0, channel: "path")] }
    }

    @Test("A destination that sees one channel is told the numbers of the others")
    func oneChannel() throws {
        let node = Self.node(Self.minutes(0..<30)) { $0.view.channels = ["gate"] }
        #expect(node.run { node.outbox.settled.contains(1...59) })
        let verdict = try Self.verdict(node, through: 59)
        #expect(verdict.isComplete, "\(verdict)")
        #expect(verdict.records == 30 && verdict.withheld == 29)
        #expect(try Self.records(node).allSatisfy { $0.series == "gate" })
        // The last number is told with the next record that is shown.
        #expect(node.outbox.lastOwed == 60)
        node.run(5)
        node.outbox.append([TestRecords.minute(30, channel: "gate", count: 3)])
        #expect(node.drain())
        #expect(try Self.verdict(node, through: 61).isComplete)
    }

    @Test("Where nothing is shown for long, withheld numbers are told by themselves")
    func withheldAlone() throws {
        let node = Self.node(Self.minutes(0..<400)) { $0.view.channels = ["no such"] }
        #expect(node.run { node.outbox.settled.total >= 500 })
        let messages = node.transport.taken.filter { $0.address == "t/withheld" }
        #expect(!messages.isEmpty && !messages[0].isRetained)
        var auditor = DeliveryAuditor()
        for message in node.transport.taken { auditor.take(json: message.payload) }
        #expect(auditor.unreadable == nil)
    }

    @Test("Minutes are joined to quarters, each settled as a whole, and totals and counts agree")
    func joinedToQuarters() throws {
        let node = Self.node(Self.minutes(0..<45)) { $0.view.finestInterval = .seconds(900) }
        #expect(node.drain())
        let verdict = try Self.verdict(node, through: 90)
        #expect(verdict.isComplete, "\(verdict)")
        #expect(verdict.records == 6)
        let records = try Self.records(node)
        #expect(records.allSatisfy { $0.end - $0.start == 900_000_000_000 })
        #expect(records.filter { $0.series == "gate" }.map(\.count) == [45, 45, 45])
    }

    @Test("Parts of an unfinished quarter stay owed, and are read again after a break")
    func unfinishedQuarter() throws {
        let node = Self.node(Self.minutes(0..<20)) { $0.view.finestInterval = .seconds(900) }
        #expect(node.run { node.outbox.settled.contains(1...30) })
        node.run(20)
        #expect(node.outbox.settled.ranges == [1...30])
        #expect(node.sender.filter.waiting == 10)
        node.transport.close("cut")
        node.outbox.append(Self.minutes(20..<30))
        #expect(node.drain())
        #expect(try Self.verdict(node, through: 60).isComplete)
    }

    @Test("A gap in time, or another filter, ends a joined record early: it says that it is partial")
    func joinsHideNothing() throws {
        let records =
            (0..<6).map { TestRecords.minute($0) } + (8..<12).map { TestRecords.minute($0, filter: "other") }
            + [TestRecords.minute(15)]
        let node = Self.node(records) { $0.view.finestInterval = .seconds(900) }
        #expect(node.run { node.outbox.settled.contains(1...10) })
        let ends = try Self.records(node).map { ($0.end - $0.start) / 60_000_000_000 }
        #expect(ends == [6, 4])
    }

    @Test("What the node sums itself is not joined a second time")
    func ownSums() throws {
        let sum = Record(
            bootID: TestRecords.boot,
            body: .traffic(
                {
                    guard case .traffic(var interval) = TestRecords.minute(0).body else { fatalError("a test record is traffic") }
                    interval.span = IntervalSpan(
                        start: MonotonicInstant(nanoseconds: 0), end: MonotonicInstant(nanoseconds: 900_000_000_000),
                        utc: nil, isPartial: false)
                    interval.summedOver = .seconds(900)
                    return interval
                }()))
        let node = Self.node((0..<15).map { TestRecords.minute($0) } + [sum]) {
            $0.view.finestInterval = .seconds(900)
            $0.view.sums = [.seconds(900)]
        }
        #expect(node.drain())
        #expect(try Self.records(node).map(\.kind) == [.trafficSum])
        #expect(try Self.verdict(node, through: 16).withheld == 15)
    }

    @Test("Kinds that are not named are withheld")
    func kinds() throws {
        let node = Self.node([TestRecords.fix(0), TestRecords.minute(1), TestRecords.fix(2)]) { $0.view.kinds = ["time"] }
        #expect(node.drain())
        #expect(try Self.records(node).map(\.sequence) == [1, 3])
        #expect(try Self.verdict(node, through: 3).isComplete)
    }

    @Test("A joined record that is refused is offered again as it was")
    func refusedJoin() throws {
        let node = Self.node((0..<15).map { TestRecords.minute($0) }) {
            $0.view.finestInterval = .seconds(900)
            $0.timing.firstBackOff = .milliseconds(10)
        }
        var refusals = 2
        node.transport.refuses = { message in
            guard message.address.contains("traffic"), refusals > 0 else { return false }
            refusals -= 1
            return true
        }
        #expect(node.drain())
        #expect(try Self.records(node).map { $0.end - $0.start } == [900_000_000_000])
    }

    @Test("Where receivers confirm, a confirmed joined record settles its parts")
    func receipts() throws {
        let node = SenderUnderTest(
            NativeFormat(node: "n", baseTopic: "t", receiptTopic: "t/receipt"), ListOutbox((0..<15).map { TestRecords.minute($0) })
        ) {
            $0.view.finestInterval = .seconds(900)
            $0.needsReceipts = true
        }
        node.run { node.transport.taken.count == 2 }
        node.run(5)
        #expect(node.outbox.settled.isEmpty)
        node.transport.receive(#"{"epoch":"0000000000000001","stored":[[15,15]]}"#, from: "t/receipt")
        node.run(5)
        #expect(node.outbox.settled.ranges == [1...15])
    }
}

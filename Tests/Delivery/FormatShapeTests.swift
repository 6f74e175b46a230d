import SensorCore
import Testing

@testable import Delivery

/// Every shape a format may have: `messages` says what becomes of a batch.
private struct ShapedFormat: RecordFormat {
    var births = 1
    var make: @Sendable (RecordBatch) -> [RecordMessage]

    func session() -> any FormatSession { Session(format: self) }

    private struct Session: FormatSession {
        let format: ShapedFormat
        func birth(_ status: NodeStatus) -> [OutgoingMessage] { (0..<format.births).map { text("birth \($0)") } }
        func messages(for batch: RecordBatch) -> [RecordMessage] { format.make(batch) }
    }
}

private func text(_ words: String) -> OutgoingMessage {
    OutgoingMessage(address: "a", payload: Array(words.utf8), isRetained: false, contentType: "text/plain", schema: "t/1")
}

private func words(_ messages: [OutgoingMessage]) -> [String] { messages.map { String(decoding: $0.payload, as: UTF8.self) } }

/// One message for a whole batch.
private let pack: @Sendable (RecordBatch) -> [RecordMessage] = { batch in
    let numbers = batch.records.map(\.sequence)
    return numbers.isEmpty ? [] : [RecordMessage(text("pack \(numbers)"), carries: numbers)]
}

/// Three messages for each record.
private let triple: @Sendable (RecordBatch) -> [RecordMessage] = { batch in
    batch.records.flatMap { record in (1...3).map { RecordMessage(text("\(record.sequence).\($0)"), carries: [record.sequence]) } }
}

@Suite struct FormatShapeTests {
    static let five = (0..<5).map { TestRecords.minute($0) }

    @Test("A message that carries several records settles all of them, and one batch is one message")
    func packSettlesAll() {
        let node = SenderUnderTest(ShapedFormat(make: pack), ListOutbox(Self.five)) { $0.window = 20 }
        #expect(node.drain())
        #expect(words(node.transport.taken) == ["birth 0", "pack [1, 2, 3, 4, 5]"])
        node.outbox.append((5..<9).map { TestRecords.minute($0) })
        #expect(node.drain())
        #expect(words(node.transport.taken).last == "pack [6, 7, 8, 9]", "what is committed together leaves together")
    }

    @Test("A record of several messages is settled when all of them have arrived")
    func recordOfSeveralMessages() {
        let node = SenderUnderTest(ShapedFormat(make: triple), ListOutbox(Array(Self.five.prefix(2))))
        node.transport.answersByItself = false
        node.run { node.transport.unanswered.count == 1 }
        node.transport.answerOldest()
        node.run { node.transport.unanswered.count == 6 }
        for _ in 0..<2 { node.transport.answerOldest() }
        node.run(5)
        #expect(node.outbox.settled.isEmpty, "two of three are not the record")
        node.transport.answerOldest()
        node.run(5)
        #expect(node.outbox.settled.ranges == [1...1])
        for _ in 0..<3 { node.transport.answerOldest() }
        #expect(node.drain())
    }

    @Test("Never more messages are unanswered than the other side takes, births among them")
    func messageLimit() {
        let node = SenderUnderTest(ShapedFormat(births: 4, make: triple), ListOutbox(Self.five), limit: 2)
        #expect(node.drain())
        #expect(node.transport.mostUnanswered == 2)
        #expect(node.transport.taken.count == 4 + 15)
    }

    @Test("A record without a form is owed no longer, and counted")
    func formless() {
        let format = ShapedFormat(make: { batch in
            pack(RecordBatch(records: batch.records.filter { $0.sequence % 2 == 0 }, epoch: batch.epoch, isHistorical: false))
        })
        let node = SenderUnderTest(format, ListOutbox(Self.five))
        #expect(node.drain())
        #expect(words(node.transport.taken).last == "pack [2, 4]")
        #expect(node.sender.status.formless == 3)
        #expect(node.log.lines.count { $0.contains("has no form") } == 1)
    }

    @Test("A refused pack is taken apart: the culprit is set aside, the others arrive")
    func refusedPack() {
        let node = SenderUnderTest(ShapedFormat(make: pack), ListOutbox(Self.five)) {
            $0.timing.firstBackOff = .milliseconds(10)
            $0.timing.longestBackOff = .milliseconds(100)
        }
        node.transport.refuses = { words([$0])[0].contains("3") }
        node.run { node.outbox.settled.ranges == [1...2, 4...5] && node.sender.status.refused >= 5 }
        #expect(node.outbox.settled.ranges == [1...2, 4...5])
        // That another passes shows whose fault it is.
        node.outbox.append([TestRecords.minute(5)])
        node.run { node.sender.status.setAside == 1 }
        #expect(node.sender.status.setAside == 1)
    }

    @Test("A connection that closes over a birth each time is had without it, and what is left out is tried again")
    func closedOverABirth() {
        let node = SenderUnderTest(ShapedFormat(births: 4, make: triple), ListOutbox(Self.five))
        node.transport.closesOver = { words([$0]) == ["birth 2"] }
        #expect(node.drain())
        // Two closes over it among others, one over it alone.
        #expect(node.transport.connections == 4)
        #expect(node.outbox.settled.ranges == [1...5])
        #expect(node.log.lines.count { $0.contains("closes the connection over what the node says of itself on") } == 1)
        #expect(node.sender.birthDue < .distantFuture)
        // Tried after a minute on the standing connection, it costs that one and no more.
        node.run { node.transport.connections == 5 && node.sender.status.isConnected }
        #expect(node.transport.connections == 5)
        node.transport.closesOver = { _ in false }
        let before = node.transport.taken.count
        node.run { node.transport.taken.count >= before + 4 }
        #expect(words(Array(node.transport.taken.suffix(4))) == ["birth 0", "birth 1", "birth 2", "birth 3"])
        #expect(node.transport.connections == 5 && node.sender.birthDue == .distantFuture)
    }

    @Test("A connection that breaks amid the messages of a record sends all of them again")
    func brokenAmidARecord() {
        let node = SenderUnderTest(ShapedFormat(make: triple), ListOutbox(Array(Self.five.prefix(1))))
        node.transport.answersByItself = false
        node.run { node.transport.unanswered.count == 1 }
        node.transport.answerOldest()
        node.run { node.transport.unanswered.count == 3 }
        node.transport.answerOldest()
        node.run(3)
        node.transport.close("cut")
        node.run(3)
        #expect(node.outbox.settled.isEmpty)
        node.transport.answersByItself = true
        #expect(node.drain())
        #expect(words(node.transport.taken) == ["birth 0", "1.1", "birth 0", "1.1", "1.2", "1.3"])
    }

    @Test("A batch never mixes epochs")
    func epochs() {
        let outbox = ListOutbox(Self.five, epochs: [(1, JournalEpoch(rawValue: 7)), (4, JournalEpoch(rawValue: 8))])
        let format = ShapedFormat(make: { batch in
            [RecordMessage(text("\(batch.epoch.rawValue) \(batch.records.map(\.sequence))"), carries: batch.records.map(\.sequence))]
        })
        let node = SenderUnderTest(format, outbox)
        #expect(node.drain())
        #expect(words(node.transport.taken) == ["birth 0", "7 [1, 2, 3]", "8 [4, 5]"])
    }

    @Test("A destination for live records passes the backlog over, and counts it")
    func liveOnly() {
        let node = SenderUnderTest(ShapedFormat(make: pack), ListOutbox(Self.five)) { $0.lanes = .live }
        node.run { node.outbox.lastOwed == 0 }
        #expect(words(node.transport.taken) == ["birth 0"])
        #expect(node.sender.status.passedOver == 5)
        #expect(node.log.lines.last == "notice: city: 5 records of the backlog are passed over: it is sent only what is new")
        node.outbox.append([TestRecords.minute(5)])
        #expect(node.drain())
        #expect(words(node.transport.taken).last == "pack [6]")
    }
}

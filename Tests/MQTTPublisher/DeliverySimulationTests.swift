import SensorCore
import Testing

@testable import MQTTPublisher

/// A broker and a journal made of chance around a delivery session, in virtual time.
private struct Simulation {
    let seed: UInt64
    let window: Int
    let total: UInt64
    var random: SplitMix64
    var session: DeliverySession
    var now = MonotonicInstant(nanoseconds: 0)

    /// Sent and not yet answered: message id and sequence, as the broker sees them.
    var unanswered: [(messageID: UInt16, sequence: UInt64)] = []
    var answeredIDs: [UInt16] = []
    var nextMessageID: UInt16 = 1
    var receiveMaximum: UInt16?
    var limit = 0
    var available: UInt64 = 0
    /// Accepted by the broker.
    var delivered: Set<UInt64> = []
    /// Told to the journal.
    var cursor: UInt64 = 0
    var connections = 0
    var refusals = 0

    init(seed: UInt64) {
        self.seed = seed
        random = SplitMix64(seed: seed)
        window = Int.random(in: 1...30, using: &random)
        total = UInt64.random(in: 1...400, using: &random)
        session = DeliverySession(cursor: 0, window: window, timing: DeliveryTiming())
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    /// The next record the journal would give; some numbers are no longer kept.
    func isKept(_ sequence: UInt64) -> Bool { sequence % 17 != 5 || sequence == total }

    mutating func note(_ reached: UInt64?) {
        guard let reached else { return }
        #expect(reached > cursor, "seed \(seed): the cursor went from \(cursor) to \(reached)")
        for sequence in cursor + 1...reached where isKept(sequence) {
            #expect(delivered.contains(sequence), "seed \(seed): \(sequence) was never accepted, cursor \(reached)")
        }
        cursor = reached
    }

    mutating func send(_ sequence: UInt64) {
        if chance(2) {
            refusals += 1
            session.refused(sequence, at: now, using: &random)
            return
        }
        unanswered.append((nextMessageID, sequence))
        session.published(sequence, messageID: nextMessageID, at: now)
        nextMessageID = nextMessageID % 65_535 + 1
        #expect(unanswered.count <= limit, "seed \(seed): \(unanswered.count) unanswered of \(limit)")
        #expect(session.outstandingCount <= limit, "seed \(seed): \(session.outstandingCount) outstanding of \(limit)")
    }

    /// One thing the broker does: answers one at random, refuses, answers twice or for nothing, or breaks off.
    mutating func broker() {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<75:
            guard !unanswered.isEmpty else { return }
            let index = chance(60) ? 0 : Int.random(in: 0..<unanswered.count, using: &random)
            let (messageID, sequence) = unanswered.remove(at: index)
            let isRefusal = chance(5)
            if isRefusal { refusals += 1 } else { delivered.insert(sequence) }
            answeredIDs.append(messageID)
            let answer = session.acknowledged(
                messageID, reasonCode: isRefusal ? [0x80, 0x97, 0x99].randomElement(using: &random)! : 0, at: now,
                using: &random)
            switch answer {
            case .arrived(let reached):
                #expect(!isRefusal)
                note(reached)
            case .refused(let refused): #expect(isRefusal && refused == sequence)
            case .unexpected: Issue.record("seed \(seed): \(messageID) was expected")
            }
        case 75..<85:
            guard let messageID = answeredIDs.randomElement(using: &random),
                !unanswered.contains(where: { $0.messageID == messageID })
            else { return }
            let answer = session.acknowledged(messageID, reasonCode: 0, at: now, using: &random)
            #expect(answer == .unexpected, "seed \(seed)")
        case 85..<87: breakOff()
        default: break
        }
    }

    /// Some of what was on its way arrived all the same.
    mutating func breakOff() {
        for message in unanswered where chance(50) { delivered.insert(message.sequence) }
        unanswered = []
        answeredIDs = []
        nextMessageID = 1
        session.connectionEnded(at: now, using: &random)
        #expect(session.cursor == cursor, "seed \(seed)")
    }

    mutating func run() {
        for _ in 0..<100_000 {
            if available < total, chance(30) { available = min(total, available + UInt64.random(in: 1...40, using: &random)) }
            session.recordsAvailable(through: available)
            switch session.next(at: now) {
            case .connect:
                session.connecting(at: now)
                connections += 1
                if chance(30) { breakOff() } else {
                    receiveMaximum = chance(50) ? UInt16.random(in: 1...20, using: &random) : nil
                    limit = min(window, receiveMaximum.map(Int.init) ?? window)
                    session.connected(receiveMaximum: receiveMaximum, at: now)
                }
            case .publish(let sequence, let count):
                #expect(sequence >= cursor, "seed \(seed)")
                let records = (sequence..<available).lazy.map { $0 + 1 }.filter(isKept).prefix(count)
                if records.isEmpty { session.exhausted() }
                for sequence in Array(records) { send(sequence) }
            case .publishAgain(let sequence): send(sequence)
            case .abandon: breakOff()
            case .wait(let until):
                broker()
                if chance(20) { now = min(until, now + .seconds(Int64.random(in: 1...70, using: &random))) }
            }
            if available == total, session.isDrained, cursor == total { return }
        }
        Issue.record("seed \(seed): not drained: cursor \(cursor) of \(total), \(session.state)")
    }
}

@Suite struct DeliverySimulationTests {
    @Test(arguments: 0..<300 as Range<UInt64>)
    func everythingArrivesWhateverTheBrokerDoes(seed: UInt64) {
        var simulation = Simulation(seed: seed)
        simulation.run()
        let kept = (1...simulation.total).filter(simulation.isKept)
        #expect(simulation.delivered.isSuperset(of: kept), "seed \(seed)")
        #expect(simulation.cursor == simulation.total, "seed \(seed)")
    }

    /// The broker of chance really does what it is there for.
    @Test func faultsAreReallyInjected() {
        var connections = 0
        var refusals = 0
        var unexpected: UInt64 = 0
        for seed in 0..<50 as Range<UInt64> {
            var simulation = Simulation(seed: seed)
            simulation.run()
            connections += simulation.connections
            refusals += simulation.refusals
            unexpected += simulation.session.unexpectedAcknowledgements
        }
        #expect(connections > 150)
        #expect(refusals > 150)
        #expect(unexpected > 150)
    }
}

import DeliveryAudit
import SensorCore
import Testing

@testable import Delivery

/// A broker and a journal made of chance around a delivery session, in virtual time.
private struct Simulation {
    let seed: UInt64
    let window: Int
    let total: UInt64
    /// Refused for good: one record, whoever asks.
    let neverTaken: UInt64?
    /// How many are to arrive.
    let owed: UInt64
    var random: SplitMix64
    var session: DeliverySession
    var now = MonotonicInstant(nanoseconds: 0)

    /// Sent and not yet answered: message id and sequence, as the broker sees them.
    var unanswered: [(messageID: UInt16, sequence: UInt64, lane: DeliverySession.Lane)] = []
    var answeredIDs: [UInt16] = []
    var nextMessageID: UInt16 = 1
    var limit = 0
    var available: UInt64 = 0
    /// What the receiver got, for the audit.
    var auditor = DeliveryAuditor()
    var delivered = SequenceRanges()
    /// Told to the journal.
    var settled = SequenceRanges()
    var highest: [DeliverySession.Lane: UInt64] = [:]
    var refusedOnce: Set<UInt64> = []
    var setAside: Set<UInt64> = []
    var connections = 0
    /// On this connection.
    var givenUp = 0
    var refusals = 0
    var sent: [DeliverySession.Lane: Int] = [:]

    init(seed: UInt64) {
        self.seed = seed
        random = SplitMix64(seed: seed)
        window = Int.random(in: 1...30, using: &random)
        total = UInt64.random(in: 1...400, using: &random)
        neverTaken = seed % 4 == 0 ? UInt64.random(in: 1...total, using: &random) : nil
        let (total, neverTaken) = (total, neverTaken)
        owed = UInt64((1...total).count { Self.isKept($0, of: total) && $0 != neverTaken })
        session = DeliverySession(
            window: window, timing: DeliveryTiming(), backfillRate: seed % 3 == 0 ? 50 : nil)
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    /// The next record the journal would give; some numbers are no longer kept.
    func isKept(_ sequence: UInt64) -> Bool { Self.isKept(sequence, of: total) }

    static func isKept(_ sequence: UInt64, of total: UInt64) -> Bool { sequence % 17 != 5 || sequence == total }

    mutating func deliver(_ sequence: UInt64, _ lane: DeliverySession.Lane) {
        delivered.insert(sequence...sequence)
        auditor.take(
            AuditedRecord(
                kind: .node, node: "n", epoch: "e", sequence: sequence, boot: "b", start: Int64(sequence),
                end: Int64(sequence) + 1, isHistorical: lane == .backfill))
    }

    mutating func send(_ sequence: UInt64, _ lane: DeliverySession.Lane, isAgain: Bool = false) {
        #expect(!settled.contains(sequence), "seed \(seed): \(sequence) was sent though it had arrived")
        if !isAgain, !refusedOnce.contains(sequence) {
            #expect(sequence > highest[lane] ?? 0, "seed \(seed): \(lane) went from \(highest[lane] ?? 0) to \(sequence)")
            highest[lane] = sequence
        }
        sent[lane, default: 0] += 1
        if chance(2) {
            refusals += 1
            refusedOnce.insert(sequence)
            // It could not even be handed over.
            session.published(sequence, on: lane, messageID: nextMessageID, at: now)
            _ = session.acknowledged(nextMessageID, reasonCode: 0x95, at: now, using: &random)
            nextMessageID = nextMessageID % 65_535 + 1
            return
        }
        unanswered.append((nextMessageID, sequence, lane))
        session.published(sequence, on: lane, messageID: nextMessageID, at: now)
        nextMessageID = nextMessageID % 65_535 + 1
        #expect(unanswered.count <= limit + givenUp, "seed \(seed): \(unanswered.count) unanswered of \(limit)")
        #expect(session.outstandingCount <= limit, "seed \(seed): \(session.outstandingCount) outstanding of \(limit)")
        let ofBacklog = unanswered.count { $0.lane == .backfill } - givenUp
        #expect(limit == 1 || ofBacklog <= limit - max(1, limit / 4), "seed \(seed): the backlog has \(ofBacklog) of \(limit)")
    }

    /// One thing the broker does: answers one at random, refuses, answers twice or for nothing, or breaks off.
    mutating func broker() {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<75:
            guard !unanswered.isEmpty else { return }
            let index = chance(60) ? 0 : Int.random(in: 0..<unanswered.count, using: &random)
            let (messageID, sequence, lane) = unanswered.remove(at: index)
            let isRefusal = chance(5) || sequence == neverTaken
            if isRefusal {
                refusals += 1
                refusedOnce.insert(sequence)
            } else {
                deliver(sequence, lane)
            }
            answeredIDs.append(messageID)
            let answer = session.acknowledged(
                messageID, reasonCode: isRefusal ? [0x80, 0x97, 0x99].randomElement(using: &random)! : 0, at: now,
                using: &random)
            switch answer {
            case .arrived(let arrived):
                #expect(!isRefusal && arrived == [sequence], "seed \(seed)")
                settled.insert(sequence...sequence)
                for news in session.takeNews() { setAside.formUnion(news.numbers.ranges.joined()) }
            case .refused(let refused): #expect(isRefusal && refused == [sequence], "seed \(seed)")
            case .noted where givenUp > 0: break
            case .noted, .unexpected: Issue.record("seed \(seed): \(messageID) was expected")
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
        for message in unanswered where chance(50) && message.sequence != neverTaken { deliver(message.sequence, message.lane) }
        let onTheirWay = unanswered
        unanswered = []
        answeredIDs = []
        nextMessageID = 1
        highest = [:]
        givenUp = 0
        session.connectionEnded(at: now, using: &random)
        // What the connection may have closed over waits, and comes later.
        for message in onTheirWay where session.refusals.waits(message.sequence) { refusedOnce.insert(message.sequence) }
    }

    var isFinished: Bool {
        // Records are settled only when they arrived, so the number tells.
        guard available == total, settled.total >= owed else { return false }
        return session.isDrained || neverTaken.map { session.refusals.waits($0) } ?? false
    }

    mutating func run() {
        for _ in 0..<60_000 {
            if available < total, chance(30) { available = min(total, available + UInt64.random(in: 1...40, using: &random)) }
            session.recordsAvailable(through: available)
            switch session.next(at: now) {
            case .connect:
                session.connecting(at: now)
                connections += 1
                if chance(30) {
                    breakOff()
                } else {
                    let receiveMaximum = chance(50) ? UInt16.random(in: 1...20, using: &random) : nil
                    limit = min(window, receiveMaximum.map(Int.init) ?? window)
                    session.connected(receiveMaximum: receiveMaximum, at: now)
                }
            case .publish(let lane, let sequence, let last, let count):
                var records: [UInt64] = []
                var next = sequence + 1
                while next <= min(last, available), records.count < count {
                    if isKept(next), !settled.contains(next) { records.append(next) }
                    next += 1
                }
                if records.isEmpty { session.exhausted(lane, through: last) }
                for sequence in records {
                    if session.holds(sequence) { session.exhausted(lane, through: sequence) } else { send(sequence, lane) }
                }
            case .publishAgain(let lane, let sequence): send(sequence, lane, isAgain: true)
            case .passOver: Issue.record("seed \(seed): a backlog was passed over")
            case .giveUp(let sequence):
                refusedOnce.insert(sequence)
                givenUp += 1
                session.neverAnswered(sequence, at: now, using: &random)
            case .abandon: breakOff()
            case .wait(let until):
                broker()
                // Nothing is to be sent before a connection is tried anew: an hour passes sooner.
                if until == .distantFuture, unanswered.isEmpty { now = now + .seconds(600) }
                if unanswered.isEmpty, until != .distantFuture, chance(20) {
                    now = max(now, until)
                } else if chance(20) {
                    now = max(now, min(until, now + .milliseconds(Int64.random(in: 1...7_000, using: &random))))
                }
            }
            if isFinished { return }
        }
        Issue.record("seed \(seed): not drained: \(settled.ranges) of \(total), never \(neverTaken ?? 0), \(session.state)")
    }
}

@Suite struct DeliverySimulationTests {
    @Test("Everything arrives whatever the broker does", arguments: 0..<300 as Range<UInt64>)
    func everythingArrivesWhateverTheBrokerDoes(seed: UInt64) {
        var simulation = Simulation(seed: seed)
        simulation.run()
        let owed = SequenceRanges(1...simulation.total).subtracting(simulation.delivered)
        let explained = Set((1...simulation.total).filter { !simulation.isKept($0) || $0 == simulation.neverTaken })
        #expect(owed.ranges.joined().allSatisfy(explained.contains), "seed \(seed): \(owed.ranges)")
        // The audit tells the same: what it misses is what the journal did not keep or the broker never took.
        let verdicts = simulation.auditor.verdicts(expecting: 1...simulation.total)
        if let verdict = verdicts.first {
            #expect(verdict.missing.flatMap { Array($0.numbers) } == Array(owed.ranges.joined()), "seed \(seed)")
            #expect(verdict.contradictions.isEmpty, "seed \(seed)")
        }
    }

    /// The broker of chance really does what it is there for.
    @Test("Faults are really injected") func faultsAreReallyInjected() {
        var connections = 0
        var refusals = 0
        var setAside = 0
        var unexpected: UInt64 = 0
        var sent: [DeliverySession.Lane: Int] = [:]
        for seed in 0..<50 as Range<UInt64> {
            var simulation = Simulation(seed: seed)
            simulation.run()
            connections += simulation.connections
            refusals += simulation.refusals
            setAside += simulation.setAside.count
            unexpected += simulation.session.unexpectedAcknowledgements
            sent.merge(simulation.sent) { $0 + $1 }
        }
        #expect(connections > 150)
        #expect(refusals > 150)
        #expect(setAside > 5)
        #expect(unexpected > 150)
        #expect(sent[.live, default: 0] > 1000 && sent[.backfill, default: 0] > 1000, "\(sent)")
    }
}

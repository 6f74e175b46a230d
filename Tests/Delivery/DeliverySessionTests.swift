import SensorCore
import Testing

@testable import Delivery

private func at(_ milliseconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: milliseconds * 1_000_000) }

/// Connected at 0 with `backlog` records already there; the rest comes later.
private func session(
    window: Int = 4, available: UInt64 = 0, backlog: UInt64 = 0, receiveMaximum: UInt16? = nil,
    timing: DeliveryTiming = DeliveryTiming(), rate: Int? = nil, needsReceipts: Bool = false
) -> DeliverySession {
    var session = DeliverySession(window: window, timing: timing, backfillRate: rate, needsReceipts: needsReceipts)
    session.connecting(at: at(0))
    session.recordsAvailable(through: backlog)
    session.connected(receiveMaximum: receiveMaximum, at: at(0))
    session.recordsAvailable(through: available)
    return session
}

@Suite struct DeliverySessionTests {
    @Test("Begins by connecting and gives up in time") func beginsByConnectingAndGivesUpInTime() {
        var session = DeliverySession(window: 4, timing: DeliveryTiming())
        #expect(session.next(at: at(0)) == .connect)
        session.connecting(at: at(10))
        #expect(session.next(at: at(10)) == .wait(until: at(15_010)))
        #expect(session.next(at: at(15_009)) == .wait(until: at(15_010)))
        #expect(session.next(at: at(15_010)) == .abandon)
    }

    @Test(
        "Window is the smaller of both",
        arguments: [
            // configured, Receive Maximum, limit of the first publish
            (20, nil, 20), (20, 65_535, 20), (20, 7, 7), (20, 1, 1), (1, nil, 1), (1, 10, 1), (20, 0, 1),
        ] as [(Int, UInt16?, Int)])
    func windowIsTheSmallerOfBoth(_ configured: Int, _ receiveMaximum: UInt16?, _ limit: Int) {
        var session = session(window: configured, available: 100, receiveMaximum: receiveMaximum)
        #expect(session.next(at: at(1)) == .publish(.live, after: 0, through: 100, limit: limit))
    }

    @Test("Sends nothing beyond the window") func sendsNothingBeyondTheWindow() {
        var (session, generator) = (session(window: 4, available: 100), SplitMix64(seed: 1))
        for sequence in 1...4 as ClosedRange<UInt64> {
            session.published(sequence, on: .live, messageID: UInt16(sequence), at: at(1))
        }
        #expect(session.next(at: at(1)) == .wait(until: at(60_001)))
        #expect(session.acknowledged(1, reasonCode: 0, at: at(2), using: &generator) == .arrived([1]))
        #expect(session.next(at: at(2)) == .publish(.live, after: 4, through: 100, limit: 1))
        #expect(session.acknowledged(3, reasonCode: 0, at: at(3), using: &generator) == .arrived([3]))
        #expect(session.next(at: at(3)) == .publish(.live, after: 4, through: 100, limit: 2))
    }

    @Test("Hands nothing over beyond so many bytes, however many messages may be unanswered") func handsOverNothingBeyondSoManyBytes() {
        var (session, generator) = (session(window: 40, available: 100), SplitMix64(seed: 1))
        let size = DeliverySession.mostBytes / 4
        for sequence in 1...4 as ClosedRange<UInt64> {
            #expect(session.messageRoom > 0)
            session.published(sequence, on: .live, messageID: UInt16(sequence), size: size, at: at(1))
        }
        #expect(session.messageRoom == 0)
        #expect(session.next(at: at(1)) == .wait(until: at(60_001)))
        #expect(session.acknowledged(1, reasonCode: 0, at: at(2), using: &generator) == .arrived([1]))
        #expect(session.messageRoom > 0)
        #expect(session.next(at: at(2)) == .publish(.live, after: 4, through: 100, limit: 37))
        session.connectionEnded(at: at(3), using: &generator)
        #expect(session.unansweredBytes == 0)
    }

    // MARK: Two lanes

    @Test("The backlog leaves room for what is new", arguments: [(1, 1), (2, 1), (4, 3), (20, 15), (100, 75)])
    func theBacklogLeavesRoomForWhatIsNew(_ window: Int, _ share: Int) {
        var session = session(window: window, available: 1_000_000, backlog: 1_000_000)
        #expect(session.next(at: at(1)) == .publish(.backfill, after: 0, through: 1_000_000, limit: share))
        for sequence in 1...UInt64(share) {
            session.published(sequence, on: .backfill, messageID: UInt16(sequence), at: at(1))
        }
        #expect(session.next(at: at(1)) == .wait(until: at(60_001)))
        session.recordsAvailable(through: 1_000_003)
        if window == 1 {
            // No room at all: the next slot is the new record's.
            var generator = SplitMix64(seed: 1)
            #expect(session.next(at: at(2)) == .wait(until: at(60_001)))
            _ = session.acknowledged(1, reasonCode: 0, at: at(2), using: &generator)
        }
        let room = window == 1 ? 1 : window - share
        #expect(session.next(at: at(2)) == .publish(.live, after: 1_000_000, through: 1_000_003, limit: room))
    }

    @Test("What came in a short break is live") func whatCameInAShortBreakIsLive() {
        var (session, generator) = (session(window: 8, available: 13, backlog: 10), SplitMix64(seed: 1))
        for sequence in 11...13 as ClosedRange<UInt64> {
            session.published(sequence, on: .live, messageID: UInt16(sequence), at: at(1))
        }
        _ = session.acknowledged(11, reasonCode: 0, at: at(2), using: &generator)
        session.connectionEnded(at: at(1_000), using: &generator)
        session.recordsAvailable(through: 20)
        session.connecting(at: at(5_000))
        session.connected(receiveMaximum: nil, at: at(5_000))
        #expect(session.next(at: at(5_000)) == .publish(.live, after: 11, through: 20, limit: 8))
        // After a longer one it is backlog.
        session.connectionEnded(at: at(6_000), using: &generator)
        session.connecting(at: at(70_000))
        session.connected(receiveMaximum: nil, at: at(70_000))
        #expect(session.next(at: at(70_000)) == .publish(.backfill, after: 0, through: 20, limit: 6))
    }

    @Test("Live records that queue up join the backlog but for the newest") func liveRecordsThatQueueUpJoinTheBacklogButForTheNewest() {
        var session = session(window: 4, available: 101)
        #expect(session.next(at: at(1)) == .publish(.live, after: 51, through: 101, limit: 4))
        session.exhausted(.live, through: 101)
        #expect(session.next(at: at(1)) == .publish(.backfill, after: 0, through: 51, limit: 3))
    }

    @Test("Without room for a lane everything ascends") func withoutRoomForALaneEverythingAscends() {
        var session = session(window: 4, available: 3, backlog: 2)
        session.recordsAvailable(through: 5, hasRoomForLane: false)
        #expect(session.next(at: at(1)) == .publish(.backfill, after: 0, through: 5, limit: 3))
    }

    @Test("The backlog keeps its pace") func theBacklogKeepsItsPace() {
        var (session, generator) = (session(window: 100, available: 1_000, backlog: 1_000, rate: 50), SplitMix64(seed: 1))
        var sequence: UInt64 = 0
        var sentBy: [Int64: UInt64] = [:]
        for moment in 0...4_000 as ClosedRange<Int64> {
            while case .publish(.backfill, _, _, let limit) = session.next(at: at(moment)) {
                for _ in 0..<limit {
                    sequence += 1
                    session.published(sequence, on: .backfill, messageID: UInt16(sequence), at: at(moment))
                    _ = session.acknowledged(UInt16(sequence), reasonCode: 0, at: at(moment), using: &generator)
                }
            }
            sentBy[moment] = sequence
        }
        // 50 a second, and what may be sent at once.
        #expect(sentBy[0] == 5)
        #expect(sentBy[1_000] == 55 && sentBy[2_000] == 105 && sentBy[4_000] == 205, "\(sequence)")
        // New records need no allowance.
        session.recordsAvailable(through: 1_001)
        #expect(session.next(at: at(4_000)) == .publish(.live, after: 1_000, through: 1_001, limit: 100))
    }

    // MARK: Answers

    @Test("Unexpected acknowledgements are counted only") func unexpectedAcknowledgementsAreCountedOnly() {
        var (session, generator) = (session(window: 4, available: 2), SplitMix64(seed: 1))
        #expect(session.acknowledged(7, reasonCode: 0, at: at(1), using: &generator) == .unexpected)
        session.published(1, on: .live, messageID: 1, at: at(1))
        session.published(2, on: .live, messageID: 2, at: at(1))
        #expect(session.acknowledged(2, reasonCode: 0, at: at(2), using: &generator) == .arrived([2]))
        #expect(session.acknowledged(2, reasonCode: 0, at: at(2), using: &generator) == .unexpected)
        #expect(session.acknowledged(2, reasonCode: 0x97, at: at(2), using: &generator) == .unexpected)
        #expect(session.unexpectedAcknowledgements == 3)
    }

    /// What lies between two that were acknowledged has not arrived for that.
    @Test("Only numbers that follow each other are one run") func onlyNumbersThatFollowEachOtherAreOneRun() {
        var arrived = AcknowledgedRun()
        let ended = ([1, 2, 3, 5, 6, 4, 9] as [UInt64]).compactMap { arrived.add($0) }
        #expect(ended == [1...3, 5...6, 4...4])
        #expect(arrived.take() == 9...9)
    }

    @Test("An acknowledgement of an earlier connection means nothing") func anAcknowledgementOfAnEarlierConnectionMeansNothing() {
        var (session, generator) = (session(window: 4, available: 6), SplitMix64(seed: 1))
        for sequence in 1...4 as ClosedRange<UInt64> {
            session.published(sequence, on: .live, messageID: UInt16(sequence), at: at(1))
        }
        session.connectionEnded(at: at(1000), using: &generator)
        #expect(session.outstandingCount == 0)
        guard case .backingOff(let until) = session.state else {
            Issue.record("not backing off but \(session.state)")
            return
        }
        #expect(until >= at(1000) && until <= at(2000))
        #expect(session.next(at: until - .nanoseconds(1)) == .wait(until: until))
        #expect(session.next(at: until) == .connect)
        session.connecting(at: until)
        session.connected(receiveMaximum: nil, at: until)
        #expect(session.next(at: until) == .publish(.live, after: 0, through: 6, limit: 4))
        #expect(session.acknowledged(2, reasonCode: 0, at: until, using: &generator) == .unexpected)
    }

    @Test("Silence ends the connection") func silenceEndsTheConnection() {
        var (session, generator) = (session(window: 4, available: 3), SplitMix64(seed: 3))
        session.published(1, on: .live, messageID: 1, at: at(1_000))
        session.published(2, on: .live, messageID: 2, at: at(40_000))
        session.published(3, on: .live, messageID: 3, at: at(40_000))
        #expect(session.next(at: at(60_999)) == .wait(until: at(61_000)))
        #expect(session.next(at: at(61_000)) == .abandon)
        _ = session.acknowledged(2, reasonCode: 0, at: at(61_000), using: &generator)
        // The first alone is not answered.
        #expect(session.next(at: at(61_000)) == .giveUp(sequence: 1))
        session.neverAnswered(1, at: at(61_000), using: &generator)
        #expect(session.holds(1))
        guard case .wait = session.next(at: at(61_000)) else {
            Issue.record("\(session.next(at: at(61_000)))")
            return
        }
    }

    @Test("Quiet session waits for ever") func quietSessionWaitsForEver() {
        var session = session(window: 4, available: 0)
        #expect(session.next(at: at(1)) == .wait(until: .distantFuture))
        session.recordsAvailable(through: 5)
        #expect(session.next(at: at(1)) == .publish(.live, after: 0, through: 5, limit: 4))
        session.exhausted(.live, through: 5)
        #expect(session.next(at: at(1)) == .wait(until: .distantFuture))
    }

    // MARK: Receipts

    @Test("With receipts the broker's word is not enough") func withReceiptsTheBrokersWordIsNotEnough() {
        var (session, generator) = (session(window: 4, available: 3, needsReceipts: true), SplitMix64(seed: 3))
        for sequence in 1...3 as ClosedRange<UInt64> {
            session.published(sequence, on: .live, messageID: UInt16(sequence), at: at(1))
            _ = session.acknowledged(UInt16(sequence), reasonCode: 0, at: at(2), using: &generator)
        }
        #expect(session.unconfirmedCount == 3 && !session.isDrained && session.holds(2))
        session.confirmed(1...2, at: at(500_000))
        #expect(session.unconfirmedCount == 1)
        #expect(session.next(at: at(500_000)) == .wait(until: at(1_100_000)))
        // Nobody confirms the third: it is sent once more.
        #expect(session.next(at: at(1_100_000)) == .publish(.backfill, after: 0, through: 3, limit: 3))
        #expect(!session.holds(3))
        session.exhausted(.backfill, through: 3)
        session.confirmed(1...3, at: at(1_100_001))
        #expect(session.isDrained)
    }

    @Test("Unconfirmed records are bounded") func unconfirmedRecordsAreBounded() {
        var (session, generator) = (session(window: 65_000, available: 100, needsReceipts: true), SplitMix64(seed: 3))
        for sequence in 1...UInt64(UnconfirmedRecords.most) {
            session.published(sequence, on: .live, messageID: UInt16(sequence), at: at(1))
            _ = session.acknowledged(UInt16(sequence), reasonCode: 0, at: at(1), using: &generator)
        }
        session.recordsAvailable(through: 20_000)
        #expect(session.next(at: at(2)) == .wait(until: at(600_001)))
        session.confirmed(1...1, at: at(2))
        guard case .publish = session.next(at: at(2)) else {
            Issue.record("\(session.next(at: at(2)))")
            return
        }
    }

    @Test("Back off grows to its limit and starts afresh after a stable session")
    func backOffGrowsToItsLimitAndStartsAfreshAfterAStableSession() {
        var session = DeliverySession(window: 1, timing: DeliveryTiming())
        // The largest draw shows the bound.
        var greatest = GreatestDraw()
        var now = at(0)
        var waits: [Int64] = []
        func end(isRefusal: Bool = false) {
            session.connectionEnded(at: now, isRefusal: isRefusal, using: &greatest)
            if case .backingOff(let until) = session.state {
                waits.append((until - now).nanoseconds / 1_000_000_000)
                now = until
            }
        }
        for _ in 0..<8 {
            session.connecting(at: now)
            end()
        }
        #expect(waits == [1, 2, 4, 8, 16, 20, 20, 20])

        session.connected(receiveMaximum: nil, at: now)
        now = now + .milliseconds(59_999)
        end()
        #expect(waits.last == 20)
        session.connected(receiveMaximum: nil, at: now)
        now = now + .seconds(60)
        end()
        #expect(waits.last == 1)

        // Where the other side says the same until a person acts, each try costs a handshake.
        waits = []
        for _ in 0..<8 { end(isRefusal: true) }
        #expect(waits == [2, 4, 8, 16, 32, 64, 120, 120])
        end()
        #expect(waits.last == 20)
    }

    @Test("Jitter is full and repeatable") func jitterIsFullAndRepeatable() {
        func waits(seed: UInt64) -> [Int64] {
            var generator = SplitMix64(seed: seed)
            return (0..<1_000).map { _ in
                var backOff = BackOff(first: .seconds(1), longest: .seconds(60))
                return backOff.nextWait(using: &generator).nanoseconds
            }
        }
        let drawn = waits(seed: 7)
        #expect(drawn == waits(seed: 7))
        #expect(drawn != waits(seed: 8))
        #expect(drawn.allSatisfy { (0...1_000_000_000).contains($0) })
        // An even spread: each tenth of the range holds about 100 of 1,000; 60 is 4 standard deviations off.
        for tenth in 0..<10 as Range<Int64> {
            #expect(drawn.count { $0 * 10 / 1_000_000_001 == tenth } > 60, "seed 7, tenth \(tenth)")
        }
    }

    /// First values of SplitMix64 as its reference program prints them for seed 1234567.
    @Test("SplitMix gives its reference values") func splitMixGivesItsReferenceValues() {
        var generator = SplitMix64(seed: 1_234_567)
        #expect(generator.next() == 6_457_827_717_110_365_317)
        #expect(generator.next() == 3_203_168_211_198_807_973)
        #expect(generator.next() == 9_817_491_932_198_370_423)
        var zero = SplitMix64(seed: 0)
        #expect(zero.next() == 0xE220_A839_7B1D_CDAF)
    }
}

private struct GreatestDraw: RandomNumberGenerator {
    mutating func next() -> UInt64 { .max }
}

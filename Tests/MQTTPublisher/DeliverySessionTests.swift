import SensorCore
import Testing

@testable import MQTTPublisher

private func at(_ milliseconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: milliseconds * 1_000_000) }

private func session(
    window: Int = 4, available: UInt64 = 0, cursor: UInt64 = 0, receiveMaximum: UInt16? = nil,
    timing: DeliveryTiming = DeliveryTiming()
) -> DeliverySession {
    var session = DeliverySession(cursor: cursor, window: window, timing: timing)
    session.connecting(at: at(0))
    session.connected(receiveMaximum: receiveMaximum, at: at(0))
    session.recordsAvailable(through: available)
    return session
}

@Suite struct DeliverySessionTests {
    @Test func beginsByConnectingAndGivesUpInTime() {
        var session = DeliverySession(cursor: 0, window: 4, timing: DeliveryTiming())
        #expect(session.next(at: at(0)) == .connect)
        session.connecting(at: at(10))
        #expect(session.next(at: at(10)) == .wait(until: at(15_010)))
        #expect(session.next(at: at(15_009)) == .wait(until: at(15_010)))
        #expect(session.next(at: at(15_010)) == .abandon)
    }

    @Test(arguments: [
        // configured, Receive Maximum, limit of the first publish
        (20, nil, 20), (20, 65_535, 20), (20, 7, 7), (20, 1, 1), (1, nil, 1), (1, 10, 1), (20, 0, 1),
    ] as [(Int, UInt16?, Int)])
    func windowIsTheSmallerOfBoth(_ configured: Int, _ receiveMaximum: UInt16?, _ limit: Int) {
        let session = session(window: configured, available: 100, receiveMaximum: receiveMaximum)
        #expect(session.next(at: at(1)) == .publish(after: 0, limit: limit))
    }

    @Test func sendsNothingBeyondTheWindow() {
        var (session, generator) = (session(window: 4, available: 100, cursor: 10), SplitMix64(seed: 1))
        #expect(session.next(at: at(1)) == .publish(after: 10, limit: 4))
        for sequence in 11...14 { session.published(UInt64(sequence), messageID: UInt16(sequence), at: at(1)) }
        #expect(session.next(at: at(1)) == .wait(until: at(60_001)))
        #expect(session.acknowledged(11, reasonCode: 0, at: at(2), using: &generator) == .arrived(cursor: 11))
        #expect(session.next(at: at(2)) == .publish(after: 14, limit: 1))
        #expect(session.acknowledged(12, reasonCode: 0x10, at: at(3), using: &generator) == .arrived(cursor: 12))
        #expect(session.next(at: at(3)) == .publish(after: 14, limit: 2))
    }

    @Test func cursorWaitsForTheGapToClose() {
        var (session, generator) = (session(window: 4, available: 4), SplitMix64(seed: 1))
        for sequence in 1...4 { session.published(UInt64(sequence), messageID: UInt16(sequence), at: at(1)) }
        #expect(session.acknowledged(3, reasonCode: 0, at: at(2), using: &generator) == .arrived(cursor: nil))
        #expect(session.acknowledged(2, reasonCode: 0, at: at(2), using: &generator) == .arrived(cursor: nil))
        #expect(session.cursor == 0)
        #expect(session.acknowledged(1, reasonCode: 0, at: at(2), using: &generator) == .arrived(cursor: 3))
        #expect(!session.isDrained)
        #expect(session.acknowledged(4, reasonCode: 0, at: at(2), using: &generator) == .arrived(cursor: 4))
        #expect(session.isDrained)
    }

    @Test func cursorPassesNumbersTheJournalNoLongerKeeps() {
        var (session, generator) = (session(window: 4, available: 9), SplitMix64(seed: 1))
        session.published(5, messageID: 1, at: at(1))
        session.published(9, messageID: 2, at: at(1))
        #expect(session.acknowledged(1, reasonCode: 0, at: at(2), using: &generator) == .arrived(cursor: 5))
        #expect(session.acknowledged(2, reasonCode: 0, at: at(2), using: &generator) == .arrived(cursor: 9))
    }

    @Test func unexpectedAcknowledgementsAreCountedOnly() {
        var (session, generator) = (session(window: 4, available: 2), SplitMix64(seed: 1))
        #expect(session.acknowledged(7, reasonCode: 0, at: at(1), using: &generator) == .unexpected)
        session.published(1, messageID: 1, at: at(1))
        session.published(2, messageID: 2, at: at(1))
        #expect(session.acknowledged(2, reasonCode: 0, at: at(2), using: &generator) == .arrived(cursor: nil))
        #expect(session.acknowledged(2, reasonCode: 0, at: at(2), using: &generator) == .unexpected)
        #expect(session.acknowledged(2, reasonCode: 0x97, at: at(2), using: &generator) == .unexpected)
        #expect(session.cursor == 0)
        #expect(session.unexpectedAcknowledgements == 3)
    }

    @Test func lostConnectionSendsEverythingAgainFromTheCursor() throws {
        var (session, generator) = (session(window: 4, available: 6), SplitMix64(seed: 1))
        for sequence in 1...4 { session.published(UInt64(sequence), messageID: UInt16(sequence), at: at(1)) }
        _ = session.acknowledged(1, reasonCode: 0, at: at(2), using: &generator)
        _ = session.acknowledged(3, reasonCode: 0, at: at(2), using: &generator)
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
        #expect(session.next(at: until) == .publish(after: 1, limit: 4))
        // An acknowledgement of the old connection means nothing on the new one.
        #expect(session.acknowledged(2, reasonCode: 0, at: until, using: &generator) == .unexpected)
    }

    @Test(arguments: [0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99] as [UInt8])
    func refusedRecordIsOfferedAgainFirst(_ reasonCode: UInt8) {
        var (session, generator) = (session(window: 4, available: 6), SplitMix64(seed: 3))
        for sequence in 1...2 { session.published(UInt64(sequence), messageID: UInt16(sequence), at: at(1)) }
        let answer = session.acknowledged(1, reasonCode: reasonCode, at: at(10), using: &generator)
        #expect(answer == .refused(sequence: 1))
        _ = session.acknowledged(2, reasonCode: 0, at: at(10), using: &generator)
        #expect(session.cursor == 0)
        guard case .wait(let pause) = session.next(at: at(10)) else {
            Issue.record("no pause but \(session.next(at: at(10)))")
            return
        }
        #expect(pause <= at(1_010))
        #expect(session.next(at: pause) == .publishAgain(sequence: 1))
        session.published(1, messageID: 3, at: pause)
        #expect(session.next(at: pause) == .publish(after: 2, limit: 2))
        #expect(session.acknowledged(3, reasonCode: 0, at: pause, using: &generator) == .arrived(cursor: 2))
    }

    @Test func recordThatIsAlwaysRefusedHoldsTheWindowButIsNeverLeftOut() {
        var (session, generator) = (session(window: 3, available: 9), SplitMix64(seed: 3))
        for sequence in 1...3 { session.published(UInt64(sequence), messageID: UInt16(sequence), at: at(1)) }
        for id in [2, 3] as [UInt16] { _ = session.acknowledged(id, reasonCode: 0, at: at(1), using: &generator) }
        var now = at(1)
        for id in 10..<40 as Range<UInt16> {
            _ = session.acknowledged(id == 10 ? 1 : id - 1, reasonCode: 0x99, at: now, using: &generator)
            if case .wait(let until) = session.next(at: now) {
                #expect(until - now <= .seconds(60))
                now = until
            }
            #expect(session.next(at: now) == .publishAgain(sequence: 1))
            session.published(1, messageID: id, at: now)
        }
        #expect(session.cursor == 0)
        #expect(session.acknowledged(39, reasonCode: 0, at: now, using: &generator) == .arrived(cursor: 3))
    }

    @Test func refusedRecordThatIsGoneFreesTheCursor() {
        var (session, generator) = (session(window: 4, available: 2), SplitMix64(seed: 3))
        session.refused(1, at: at(1), using: &generator)
        session.published(2, messageID: 2, at: at(1))
        #expect(session.acknowledged(2, reasonCode: 0, at: at(1), using: &generator) == .arrived(cursor: nil))
        #expect(session.next(at: at(5_000)) == .publishAgain(sequence: 1))
        #expect(session.gone(1) == 2)
        #expect(session.isDrained)
    }

    @Test func silenceEndsTheConnection() {
        var (session, generator) = (session(window: 4, available: 3), SplitMix64(seed: 3))
        session.published(1, messageID: 1, at: at(1_000))
        session.published(2, messageID: 2, at: at(40_000))
        session.published(3, messageID: 3, at: at(40_000))
        #expect(session.next(at: at(60_999)) == .wait(until: at(61_000)))
        #expect(session.next(at: at(61_000)) == .abandon)
        _ = session.acknowledged(2, reasonCode: 0, at: at(61_000), using: &generator)
        #expect(session.next(at: at(61_000)) == .wait(until: at(121_000)))
    }

    @Test func quietSessionWaitsForEver() {
        var session = session(window: 4, available: 0)
        #expect(session.next(at: at(1)) == .wait(until: .distantFuture))
        session.recordsAvailable(through: 5)
        #expect(session.next(at: at(1)) == .publish(after: 0, limit: 4))
        session.exhausted()
        #expect(session.next(at: at(1)) == .wait(until: .distantFuture))
    }

    @Test func backOffGrowsToItsLimitAndStartsAfreshAfterAStableSession() {
        var session = DeliverySession(cursor: 0, window: 1, timing: DeliveryTiming())
        // The largest draw shows the bound.
        var greatest = GreatestDraw()
        var now = at(0)
        var waits: [Int64] = []
        func end() {
            session.connectionEnded(at: now, using: &greatest)
            if case .backingOff(let until) = session.state {
                waits.append((until - now).nanoseconds / 1_000_000_000)
                now = until
            }
        }
        for _ in 0..<8 {
            session.connecting(at: now)
            end()
        }
        #expect(waits == [1, 2, 4, 8, 16, 32, 60, 60])

        session.connected(receiveMaximum: nil, at: now)
        now = now + .milliseconds(59_999)
        end()
        #expect(waits.last == 60)
        session.connected(receiveMaximum: nil, at: now)
        now = now + .seconds(60)
        end()
        #expect(waits.last == 1)
    }

    @Test func jitterIsFullAndRepeatable() {
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
    @Test func splitMixGivesItsReferenceValues() {
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

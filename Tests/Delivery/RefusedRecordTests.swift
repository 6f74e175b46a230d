import SensorCore
import Testing

@testable import Delivery

private func at(_ seconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: seconds * 1_000_000_000) }

/// A session on its own: `answer` says what becomes of each record, and time passes when there is nothing to send.
private struct Sending {
    enum Fate {
        case taken, refused(UInt8), silent, closes
        /// Refused, and the connection ends when the next is on its way already.
        case refusedAndCloses(UInt8)
    }

    var session: DeliverySession
    var generator = SplitMix64(seed: 7)
    var now = at(0)
    var available: UInt64
    var address: (UInt64) -> String = { _ in "a" }
    var fate: (UInt64) -> Fate
    /// What was sent, in order, and what arrived.
    var sent: [UInt64] = []
    var taken = SequenceRanges()
    var connections = 0
    var news: [RefusalRegister.News] = []
    private var token: UInt16 = 0
    private var isClosing = false

    init(_ available: UInt64, window: Int = 20, address: @escaping (UInt64) -> String = { _ in "a" }, fate: @escaping (UInt64) -> Fate) {
        session = DeliverySession(window: window, timing: DeliveryTiming())
        self.available = available
        self.address = address
        self.fate = fate
    }

    private mutating func send(_ sequence: UInt64, _ lane: DeliverySession.Lane, isTry: Bool) -> Bool {
        if !isTry, session.refusals.isClosed(address(sequence)) {
            session.keptBack(sequence, on: lane, address: address(sequence), size: 100)
            return true
        }
        token = token % 65_000 + 1
        sent.append(sequence)
        session.published(sequence, on: lane, messageID: token, address: address(sequence), at: now)
        if isClosing {
            isClosing = false
            session.connectionEnded(at: now, using: &generator)
            return false
        }
        switch fate(sequence) {
        case .taken:
            taken.insert(sequence...sequence)
            _ = session.acknowledged(token, reasonCode: 0, at: now, using: &generator)
        case .refused(let code): _ = session.acknowledged(token, reasonCode: code, at: now, using: &generator)
        case .silent: break
        case .refusedAndCloses(let code):
            _ = session.acknowledged(token, reasonCode: code, at: now, using: &generator)
            isClosing = true
        case .closes:
            session.connectionEnded(at: now, using: &generator)
            return false
        }
        return true
    }

    mutating func run(until end: MonotonicInstant) {
        var turns = 0
        while now < end {
            turns += 1
            if turns >= 300_000 {
                Issue.record("it never rests: at \(now), \(session.next(at: now)), \(session.refusals)")
                return
            }
            session.recordsAvailable(through: available)
            switch session.next(at: now) {
            case .connect:
                connections += 1
                session.connecting(at: now)
                session.connected(unansweredAtMost: nil, at: now)
            case .publish(let lane, let after, let last, let count):
                var found = 0
                var sequence = after
                var isOpen = true
                while isOpen, sequence < last, found < count {
                    sequence += 1
                    if taken.contains(sequence) || session.holds(sequence) {
                        session.exhausted(lane, through: sequence)
                        continue
                    }
                    found += 1
                    isOpen = send(sequence, lane, isTry: false)
                }
                if isOpen, found == 0 { session.exhausted(lane, through: last) }
            case .publishAgain(let lane, let sequence): _ = send(sequence, lane, isTry: true)
            case .passOver: break
            case .giveUp(let sequence): session.neverAnswered(sequence, at: now, using: &generator)
            case .abandon: session.connectionEnded(at: now, using: &generator)
            case .wait(let until): now = min(end, max(until, now))
            }
            news += session.takeNews()
        }
    }
}

@Suite struct RefusedRecordTests {
    @Test(
        "A record that is refused once holds nobody up and follows soon", arguments: [0x80, 0x83, 0x87, 0x90, 0x95, 0x97, 0x10] as [UInt8])
    func onceRefused(_ code: UInt8) {
        var refusals = 1
        var sending = Sending(6) { _ in .taken }
        sending.fate = { sequence in
            guard sequence == 1, refusals > 0 else { return .taken }
            refusals -= 1
            return .refused(code)
        }
        sending.run(until: at(10))
        #expect(sending.sent == [1, 2, 3, 4, 5, 6, 1])
        #expect(sending.taken.ranges == [1...6] && sending.news.isEmpty && sending.session.isDrained)
    }

    @Test("A record that stays refused is set aside, said once, and tried ever more slowly")
    func staysRefused() {
        var sending = Sending(50) { $0 == 7 ? .refused(0x99) : .taken }
        sending.run(until: at(60))
        // Nothing was taken after the first tries but what came before: it may be the other side.
        sending.available = 60
        sending.run(until: at(86_400))
        #expect(sending.taken.total == 59 && sending.session.refusals.setAsideCount == 1)
        #expect(sending.news.map(\.numbers.ranges) == [[7...7]] && sending.news.map(\.address) == ["a"])
        let tries = sending.sent.count { $0 == 7 }
        // Bounds of 1, 2, 4 … 2048, 3600 s, each drawn from 0 on: 86,400 s take 12 and some 48.
        #expect((20...120).contains(tries), "\(tries) tries in a day")
        // While the same connection holds.
        #expect(sending.connections == 1)
    }

    @Test("However many are refused, everything else flows, each costs one number, and all follow once one is taken")
    func thousandsRefused() {
        var isForbidden = true
        var sending = Sending(20_000) { _ in .taken }
        sending.address = { $0 % 2 == 0 ? "climate" : "traffic" }
        sending.fate = { $0 % 2 == 0 && isForbidden ? .refused(0x87) : .taken }
        sending.run(until: at(3_600))
        #expect(sending.taken.total == 10_000, "\(sending.taken.total)")
        #expect(sending.session.refusals.setAsideCount == 10_000)
        #expect(sending.news.count == 1)
        // A closed address is tried with single records, not with all there are.
        #expect(sending.sent.count < 10_100, "\(sending.sent.count)")
        isForbidden = false
        sending.fate = { _ in .taken }
        sending.run(until: at(3 * 3_600))
        #expect(sending.taken.ranges == [1...20_000] && sending.session.refusals.isQuiet && sending.connections == 1)
    }

    @Test("When nothing at all is taken nothing is set aside, and one record a minute or so asks again")
    func everythingRefused() {
        var sending = Sending(5_000) { _ in .refused(0x10) }
        sending.run(until: at(3_600))
        #expect(sending.news.isEmpty && sending.session.refusals.setAsideCount == 0)
        #expect(sending.session.refusals.waitingCount == 5_000)
        // The first window, and tries with bounds of 1, 2, 4 … 60 s.
        #expect((60...300).contains(sending.sent.count), "\(sending.sent.count)")
        sending.fate = { _ in .taken }
        let before = sending.now
        sending.run(until: before + .seconds(121))
        #expect(sending.taken.ranges == [1...5_000])
    }

    @Test("What waits for one reason elsewhere is tried at once when the reason is gone")
    func othersFollow() {
        var sending = Sending(2_000) { _ in .taken }
        sending.address = { ["a", "b", "c", "d"][Int($0 % 4)] }
        sending.fate = { $0 % 4 == 0 ? .taken : .refused(0x87) }
        sending.run(until: at(20_000))
        #expect(sending.session.refusals.setAsideCount == 1_500 && sending.news.count == 3)
        sending.fate = { _ in .taken }
        let from = sending.sent.count
        // From the first that is taken.
        while sending.taken.total == 500 { sending.run(until: sending.now + .seconds(1)) }
        sending.run(until: sending.now + .seconds(20))
        #expect(sending.taken.ranges == [1...2_000] && sending.sent.count - from == 1_500)
    }

    @Test("Records that are too large for the other side hold back none that are not")
    func sizes() {
        var sending = Sending(900) { $0 % 3 == 0 ? .taken : .refused(0x95) }
        sending.run(until: at(60))
        #expect(sending.taken.total == 300 && sending.session.refusals.waitingCount == 600)
        #expect(!sending.session.refusals.isClosed("a"))
    }

    @Test("The journal's loss of a record that waits ends its tries")
    func gone() {
        var sending = Sending(3) { $0 == 2 ? .refused(0x80) : .taken }
        sending.run(until: at(0) + .milliseconds(1))
        #expect(sending.session.refusals.waitingCount == 1 && !sending.session.isDrained)
        sending.session.gone(2)
        #expect(sending.session.refusals.isQuiet && sending.session.isDrained)
    }

    // MARK: Closing

    @Test("The record that the connection closes over is found, and everything else arrives", arguments: [1, 9, 20, 40] as [UInt64])
    func closes(_ culprit: UInt64) {
        var sending = Sending(40) { $0 == culprit ? .closes : .taken }
        sending.run(until: at(25))
        #expect(sending.taken.total == 39, "\(sending.taken.ranges)")
        #expect(sending.connections <= 4, "two closes, one more with it alone: \(sending.connections) connections")
        sending.available = 45
        sending.run(until: at(1_000))
        #expect(sending.news.map(\.obstacle) == [.closing] && sending.news.map(\.numbers.ranges) == [[culprit...culprit]])
        #expect(sending.taken.total == 44)
    }

    /// mosquitto 2.0.11 with `message_size_limit`.
    @Test("A connection that closes over a refusal says nothing of what was sent behind it")
    func closesOverARefusal() {
        var sending = Sending(60) { $0 == 7 || $0 == 30 ? .refusedAndCloses(0x95) : .taken }
        sending.run(until: at(25))
        #expect(sending.taken.ranges == [1...6, 8...29, 31...60], "\(sending.taken.ranges)")
        sending.available = 80
        sending.run(until: at(3_600))
        #expect(sending.taken.ranges == [1...6, 8...29, 31...80], "\(sending.taken.ranges)")
        #expect(sending.news.allSatisfy { $0.numbers.ranges.allSatisfy { $0 == 7...7 || $0 == 30...30 } }, "\(sending.news)")
        // Tried ever more slowly, not released by each neighbour that passes.
        #expect(sending.sent.count { $0 == 7 } < 40, "\(sending.sent.count { $0 == 7 }) tries in an hour")
    }

    @Test("A topic the connection closes over is closed after three records, and tried about once an hour")
    func closingTopic() {
        var sending = Sending(2_000) { _ in .taken }
        sending.address = { $0 % 5 == 0 ? "secret" : "open" }
        sending.fate = { $0 % 5 == 0 ? .closes : .taken }
        sending.run(until: at(3_600))
        #expect(sending.taken.total == 1_600, "\(sending.taken.total) in \(sending.connections) connections")
        let atFirst = sending.connections
        #expect(atFirst <= 25, "\(atFirst)")
        sending.run(until: at(3_600 * 25))
        #expect((12...100).contains(sending.connections - atFirst), "\(sending.connections - atFirst) in a day")
        sending.fate = { _ in .taken }
        sending.run(until: sending.now + .seconds(3_700))
        #expect(sending.taken.ranges == [1...2_000])
    }

    @Test("Connections that close whatever is sent blame no record for good")
    func flappingNetwork() {
        var closes = 0
        var sending = Sending(400) { _ in .taken }
        sending.fate = { sequence in
            closes += 1
            return closes % 7 == 0 ? .closes : .taken
        }
        sending.run(until: at(7_200))
        #expect(sending.taken.ranges == [1...400], "\(sending.taken.ranges)")
    }

    // MARK: Silence

    @Test("A topic that is never acknowledged is passed over after a minute while others flow")
    func silence() {
        var sending = Sending(30) { _ in .taken }
        sending.address = { $0 % 10 == 0 ? "deaf" : "open" }
        sending.fate = { $0 % 10 == 0 ? .silent : .taken }
        for third in 1...360 as ClosedRange<Int64> {
            sending.available += 10
            sending.run(until: at(20 * third))
        }
        #expect(sending.taken.total == sending.available * 9 / 10, "\(sending.taken.total) of \(sending.available)")
        #expect(sending.session.refusals.isClosed("deaf") && sending.news.map(\.obstacle) == [.silence])
        #expect(sending.connections == 1)
        // The answer comes all the same.
        sending.fate = { _ in .taken }
        sending.run(until: at(60 * 120 + 3_700))
        #expect(sending.session.refusals.isQuiet && sending.taken.total == sending.available)
    }

    @Test("A late answer counts")
    func lateAnswer() {
        var sending = Sending(3) { $0 == 1 ? .silent : .taken }
        sending.run(until: at(50))
        sending.available = 4
        sending.run(until: at(61))
        #expect(sending.session.refusals.waitingCount == 1)
        let answer = sending.session.acknowledged(1, reasonCode: 0, at: sending.now, using: &sending.generator)
        #expect(answer == .arrived([1]) && sending.session.refusals.isQuiet && sending.session.isDrained)
    }
}

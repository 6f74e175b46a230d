public import SensorCore

/// Which records the other side does not take, by the address they go to. Outlasts connections: some brokers end one with
/// each refusal.
///
/// A record that was not taken *waits*: the lanes go on without it, and its address is tried again with one record at a time,
/// at a pace that slows down. An address where several messages in a row were not taken is *closed*: what else goes there
/// waits unsent. As soon as a record that waited is taken, the others of its address follow, and what waits for the same reason
/// elsewhere is tried at once.
///
/// What waits is *set aside*, which a person is told, when its address was tried often enough and another record was taken
/// meanwhile: as long as nothing is taken, it is not about these records. However many wait, each costs a number in a set.
public struct RefusalRegister: Hashable, Sendable {
    /// What stands against a record.
    public enum Obstacle: Hashable, Sendable {
        /// Answered, but not taken.
        case refusal(TransportRefusal.Kind, code: UInt8)
        /// The other side closes the connection over it.
        case closing
        /// Never answered, while others are.
        case silence

        /// May be tried as often as it costs nobody a connection.
        var isCheap: Bool { if case .refusal = self { true } else { false } }
        /// The size may be what is wrong, so that other records of the address can pass.
        var isOfTheRecord: Bool {
            if case .refusal(let kind, _) = self { kind == .tooLarge || kind == .unsendable } else { false }
        }
        var isLackOfListeners: Bool { if case .refusal(.nobodyListens, _) = self { true } else { false } }
    }

    /// A change that a person is to be told.
    public struct News: Hashable, Sendable {
        public var address: String
        public var obstacle: Obstacle
        /// All that wait there.
        public var numbers: SequenceRanges
        /// Payload of the first of them that failed, in bytes.
        public var size: Int
    }

    private struct Address: Hashable {
        var obstacle: Obstacle
        /// Owed and not to be sent but for a try.
        var waiting = SequenceRanges()
        /// Those of them that failed by themselves, not only together with others or unsent.
        var failed = SequenceRanges()
        /// Those of them that were refused for what they are, such as their size: that another passes says nothing of them.
        var unfit = SequenceRanges()
        var count = 0
        var size: Int
        /// The shortest that waits, which may pass where it is about size.
        var shortest: (size: Int, sequence: UInt64)?
        /// Messages that were not taken since one was.
        var failuresInARow = 0
        var isClosed = false
        var tries = 1
        var pace: BackOff
        var due: MonotonicInstant
        var lastTry: MonotonicInstant
        /// What is on its way as a try.
        var tried: UInt64?
        var lastTried: UInt64 = 0
        var othersPass = false
        var isSetAside = false
        let since: MonotonicInstant

        static func == (a: Self, b: Self) -> Bool { a.waiting == b.waiting && a.obstacle == b.obstacle && a.due == b.due }
        func hash(into hasher: inout Hasher) { hasher.combine(waiting) }

        mutating func wait(_ sequence: UInt64, size: Int) {
            if shortest.map({ size < $0.size }) ?? true { shortest = (size, sequence) }
            guard !waiting.contains(sequence) else { return }
            waiting.insert(sequence...sequence)
            count += 1
        }

        mutating func remove(_ sequence: UInt64) {
            guard waiting.contains(sequence) else { return }
            waiting.remove(sequence)
            failed.remove(sequence)
            unfit.remove(sequence)
            count -= 1
            if shortest?.sequence == sequence { shortest = nil }
            if tried == sequence { tried = nil }
        }

        /// When it is tried next. What costs a connection is never tried again at once.
        mutating func rest(
            at now: MonotonicInstant, isCheap: Bool, _ timing: DeliveryTiming, using generator: inout some RandomNumberGenerator
        ) {
            pace = pace.bounded(
                first: isCheap ? timing.firstBackOff : timing.firstOffer,
                longest: othersPass && !obstacle.isLackOfListeners ? timing.longestOffer : timing.longestQuestion)
            let bound = pace.bound
            let wait = pace.nextWait(using: &generator)
            due = now + (isCheap ? wait : TimeSpan(nanoseconds: bound.nanoseconds / 2 + wait.nanoseconds / 2))
        }

        /// The shortest and each in its turn, alternately.
        mutating func choose() -> UInt64? {
            if let shortest, lastTried != shortest.sequence, tries % 2 == 0 { return shortest.sequence }
            return waiting.first(after: lastTried) ?? waiting.first(after: 0)
        }
    }

    /// Messages in a row after which an address is closed.
    static let closedAfter = 3
    /// Tries after which what waits is set aside, and when others were before it.
    public static let limit = 5
    package static let limitAfterOthers = 3

    private let timing: DeliveryTiming
    private var addresses: [String: Address] = [:]
    private var news: [News] = []

    init(timing: DeliveryTiming) { self.timing = timing }

    /// Nothing waits.
    var isQuiet: Bool { addresses.isEmpty }
    /// How many are set aside.
    public var setAsideCount: Int { addresses.values.reduce(0) { $0 + ($1.isSetAside ? $1.count : 0) } }
    /// How many wait, set aside or not.
    public var waitingCount: Int { addresses.values.reduce(0) { $0 + $1.count } }
    /// How many of them since nobody listens.
    package var unheardCount: Int { addresses.values.reduce(0) { $0 + ($1.obstacle.isLackOfListeners ? $1.count : 0) } }
    /// Something may be taken within a few tries.
    var isHopeful: Bool {
        addresses.values.contains { !$0.isSetAside && $0.tries < Self.limit && $0.obstacle.isCheap && !$0.obstacle.isLackOfListeners }
    }

    func holds(_ sequence: UInt64) -> Bool {
        addresses.values.contains { $0.tried != sequence && $0.waiting.contains(sequence) }
    }

    /// What goes there is to wait unsent.
    public func isClosed(_ address: String) -> Bool { addresses[address]?.isClosed ?? false }

    /// It is what its address is tried with.
    func tries(_ sequence: UInt64) -> Bool { addresses.values.contains { $0.tried == sequence } }

    func waits(_ sequence: UInt64) -> Bool { addresses.values.contains { $0.waiting.contains(sequence) } }

    /// It is tried, and a failure may cost the connection.
    func isTriedAtACost(_ sequence: UInt64) -> Bool { addresses.values.contains { $0.tried == sequence && !$0.obstacle.isCheap } }

    /// Whether the first failure at its address was a moment ago; nil for a record that does not wait.
    func isRecent(_ sequence: UInt64, at now: MonotonicInstant) -> Bool? {
        addresses.values.first { $0.waiting.contains(sequence) }.map { now - $0.since <= timing.shortBreak }
    }

    // MARK: What happens

    /// A record of a closed address, unsent.
    mutating func keep(_ sequence: UInt64, address: String, size: Int) { addresses[address]?.wait(sequence, size: size) }

    /// A message was not taken.
    ///
    /// - Parameters:
    ///   - sequences: the records it carries.
    ///   - size: of its payload.
    mutating func notTaken(
        _ sequences: [UInt64], address name: String, size: Int, _ obstacle: Obstacle, at now: MonotonicInstant,
        using generator: inout some RandomNumberGenerator
    ) {
        guard let first = sequences.first else { return }
        var address =
            addresses[name]
            ?? Address(
                obstacle: obstacle, size: size, pace: BackOff(first: timing.firstBackOff, longest: timing.longestQuestion), due: now,
                lastTry: now, since: now)
        let isTry = sequences.contains { address.tried == $0 }
        let isNew = address.count == 0
        for sequence in sequences { address.wait(sequence, size: size) }
        if sequences.count == 1 {
            address.failed.insert(first...first)
            if obstacle.isOfTheRecord { address.unfit.insert(first...first) } else { address.unfit.remove(first) }
        }
        address.obstacle = obstacle
        address.failuresInARow += 1
        if address.failuresInARow >= Self.closedAfter, !obstacle.isOfTheRecord { address.isClosed = true }
        if isTry {
            address.tried = nil
            address.tries += 1
        }
        // What costs a connection, or a minute, has proved itself already.
        if !obstacle.isCheap { address.tries = max(address.tries, Self.limit) }
        if isTry || isNew || !obstacle.isCheap {
            address.rest(at: now, isCheap: obstacle.isCheap, timing, using: &generator)
            address.lastTry = now
        }
        addresses[name] = address
        setAside(name)
    }

    /// The connection closed right after this record was refused: it is tried as slowly as what is closed over without a word.
    mutating func costsAConnection(_ sequence: UInt64, at now: MonotonicInstant, using generator: inout some RandomNumberGenerator) {
        guard let name = addresses.first(where: { $0.value.waiting.contains(sequence) })?.key, var address = addresses[name] else { return }
        address.tries = max(address.tries, Self.limit)
        address.rest(at: now, isCheap: false, timing, using: &generator)
        addresses[name] = address
        setAside(name)
    }

    /// A record was taken. Returns the numbers that are to be sent now because of it.
    mutating func taken(_ sequence: UInt64, address name: String, at now: MonotonicInstant) -> SequenceRanges {
        if addresses.isEmpty { return SequenceRanges() }
        let released = taken(sequence, of: name, at: now)
        for (other, address) in addresses where !address.isSetAside {
            addresses[other]?.othersPass = true
            setAside(other)
        }
        return released
    }

    private mutating func taken(_ sequence: UInt64, of name: String, at now: MonotonicInstant) -> SequenceRanges {
        // One of several messages of the record may have failed at another address.
        let places = addresses.filter { $0.value.waiting.contains(sequence) }.map(\.key).sorted()
        for other in places.dropFirst() {
            addresses[other]?.remove(sequence)
            if addresses[other]?.count == 0 { addresses[other] = nil }
        }
        let name = places.first ?? name
        guard var address = addresses[name] else { return SequenceRanges() }
        let hadFailed = address.failed.contains(sequence)
        let wasUnfit = address.unfit.contains(sequence)
        let hadWaited = address.waiting.contains(sequence)
        let wasClosed = address.isClosed
        address.remove(sequence)
        address.failuresInARow = 0
        address.isClosed = false
        var released = SequenceRanges()
        if hadFailed {
            // What stood against it is gone.
            released = wasUnfit ? address.waiting : address.waiting.subtracting(address.unfit)
        } else if hadWaited || wasClosed {
            released = address.waiting.subtracting(address.failed)
        }
        if !released.isEmpty {
            address.waiting = address.waiting.subtracting(released)
            address.failed = address.failed.subtracting(released)
            address.unfit = address.unfit.subtracting(released)
            address.count = Int(clamping: address.waiting.total)
            if address.shortest.map({ !address.waiting.contains($0.sequence) }) ?? false { address.shortest = nil }
        }
        address.pace.reset()
        if hadWaited { address.due = min(address.due, now) }
        addresses[name] = address.count == 0 ? nil : address
        if hadFailed { hurry(address.obstacle, at: now) }
        return released
    }

    /// What stood against one record may no longer stand against those of other addresses.
    private mutating func hurry(_ obstacle: Obstacle, at now: MonotonicInstant) {
        for (name, address) in addresses where address.obstacle == obstacle {
            let rest = obstacle.isCheap ? timing.firstBackOff : timing.firstOffer
            addresses[name]?.due = min(address.due, max(now, address.lastTry + rest))
        }
    }

    private mutating func setAside(_ name: String) {
        guard let address = addresses[name], address.othersPass, !address.isSetAside else { return }
        let limit = addresses.values.contains { $0.isSetAside } ? Self.limitAfterOthers : Self.limit
        guard address.tries >= limit else { return }
        addresses[name]?.isSetAside = true
        news.append(News(address: name, obstacle: address.obstacle, numbers: address.waiting, size: address.size))
    }

    /// The journal no longer keeps it.
    mutating func gone(_ sequence: UInt64) {
        for name in addresses.keys where addresses[name]?.waiting.contains(sequence) == true {
            addresses[name]?.remove(sequence)
            if addresses[name]?.count == 0 { addresses[name] = nil }
        }
    }

    /// Tries that were begun and are not on their way wait again.
    mutating func forgetTries(unless isOnItsWay: (UInt64) -> Bool = { _ in false }) {
        for (name, address) in addresses {
            if let tried = address.tried, !isOnItsWay(tried) { addresses[name]?.tried = nil }
        }
    }

    // MARK: What to try

    /// When the next address is to be tried; nil while none waits for that.
    var due: MonotonicInstant? { addresses.values.lazy.filter { $0.tried == nil }.map(\.due).min() }

    /// The record to try now. One at a time.
    mutating func next(at now: MonotonicInstant) -> UInt64? {
        guard !addresses.values.contains(where: { $0.tried != nil }) else { return nil }
        let ready = addresses.filter { $0.value.due <= now && $0.value.count > 0 }
        guard let name = ready.min(by: { ($0.value.due, $0.key) < ($1.value.due, $1.key) })?.key, let sequence = addresses[name]?.choose()
        else { return nil }
        addresses[name]?.tried = sequence
        addresses[name]?.lastTried = sequence
        return sequence
    }

    /// Set aside since the last call.
    mutating func takeNews() -> [News] {
        if news.isEmpty { return [] }
        defer { news = [] }
        return news.sorted { $0.address < $1.address }
    }
}

import SensorCore

/// What a broker has acknowledged and a receiver has not confirmed yet.
struct UnconfirmedRecords: Hashable, Sendable {
    /// More are not sent before some are confirmed.
    static let most = 10_000

    private var numbers: Set<UInt64> = []
    private var lastProgress = MonotonicInstant(nanoseconds: 0)

    var count: UInt64 { UInt64(numbers.count) }
    var isFull: Bool { numbers.count >= Self.most }

    func contains(_ sequence: UInt64) -> Bool { numbers.contains(sequence) }

    mutating func insert(_ sequence: UInt64, at now: MonotonicInstant) {
        if numbers.isEmpty { lastProgress = now }
        numbers.insert(sequence)
    }

    mutating func confirm(_ range: ClosedRange<UInt64>, at now: MonotonicInstant) {
        let before = numbers.count
        // Whichever is shorter.
        if range.upperBound - range.lowerBound < UInt64(before) {
            for number in range { numbers.remove(number) }
        } else {
            numbers = numbers.filter { !range.contains($0) }
        }
        if numbers.count < before { lastProgress = now }
    }

    mutating func removeAll() { numbers.removeAll(keepingCapacity: true) }

    /// When they are to be sent once more, since nobody confirms them; nil while there are none.
    func due(timeout: TimeSpan) -> MonotonicInstant? { numbers.isEmpty ? nil : lastProgress + timeout }
}

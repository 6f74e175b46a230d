import SensorCore

/// Which epoch a number belongs to.
struct EpochChain: Hashable, Sendable {
    struct Link: Hashable, Sendable {
        /// The first number of it.
        var first: UInt64
        var epoch: JournalEpoch
    }

    /// Ascending, the first from 1.
    private(set) var links: [Link]

    init(_ epoch: JournalEpoch) { links = [Link(first: 1, epoch: epoch)] }

    /// nil when they are not a chain.
    init?(_ links: [Link]) {
        guard links.first?.first == 1, zip(links, links.dropFirst()).allSatisfy({ $0.first < $1.first }) else { return nil }
        self.links = links
    }

    var latest: JournalEpoch { links[links.count - 1].epoch }

    func link(of sequence: UInt64) -> Link { links.last { $0.first <= sequence } ?? links[0] }

    /// The last number that has the same epoch; `UInt64.max` in the latest.
    func end(of sequence: UInt64) -> UInt64 {
        links.first { $0.first > sequence }.map { $0.first - 1 } ?? .max
    }

    func numbered(through last: UInt64) -> [(epoch: JournalEpoch, numbers: ClosedRange<UInt64>)] {
        links.compactMap { link in
            let end = min(last, end(of: link.first))
            return link.first <= end ? (epoch: link.epoch, numbers: link.first...end) : nil
        }
    }

    mutating func begin(_ epoch: JournalEpoch, at first: UInt64) {
        links.removeAll { $0.first >= first && $0.first > 1 }
        if first <= 1 { links = [] }
        links.append(Link(first: max(1, first), epoch: epoch))
    }

    static func read(_ database: Database) throws(JournalError) -> EpochChain {
        var links: [Link] = []
        let select = try Statement(database, "SELECT first, name FROM epoch ORDER BY first", "open")
        while try select.step() {
            let text = select.text(1)
            guard select.integer(0) > 0, let text, text.utf8.count == 16, let value = UInt64(text, radix: 16) else {
                throw JournalSchema.corrupt(database, "an epoch is not readable: \(text ?? "none")")
            }
            links.append(Link(first: UInt64(select.integer(0)), epoch: JournalEpoch(rawValue: value)))
        }
        guard let chain = EpochChain(links) else {
            throw JournalSchema.corrupt(database, "the epochs do not follow each other from number 1")
        }
        return chain
    }
}

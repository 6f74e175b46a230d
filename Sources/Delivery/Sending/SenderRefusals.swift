import SensorCore

extension DestinationSender {
    /// Said once for each reason, until everything that waits was taken.
    func refused(_ sequences: [UInt64], _ refusal: TransportRefusal) {
        guard let first = sequences.first else { return }
        status.refused += UInt64(sequences.count)
        let text = "\(peer ?? "the other side") \(Self.did(refusal.kind)) record \(first): \(refusal.reason)"
        status.lastError = text
        refusalOfConnection = refusal.reason
        let obstacle = RefusalRegister.Obstacle.refusal(refusal.kind, code: refusal.code)
        reasons[obstacle] = refusal.reason
        if saidObstacles.insert(obstacle).inserted { say(.error, "\(text). It is offered again") }
    }

    private static func did(_ kind: TransportRefusal.Kind) -> String {
        kind == .nobodyListens ? "did not keep" : "refused"
    }

    func giveUp(_ sequence: UInt64) {
        session.neverAnswered(sequence, at: clock.now(), using: &generator)
    }

    /// The other side takes other records: those that it does not are kept here, and said where the data is read.
    func noteSetAside() {
        status.setAside = session.refusals.setAsideCount
        status.waiting = session.refusals.waitingCount
        status.unheard = session.refusals.unheardCount
        for news in session.takeNews() {
            guard let first = news.numbers.ranges.first?.lowerBound else { continue }
            let count = news.numbers.total
            let which = count == 1 ? "record \(first) is" : "\(count) records from \(first) on are"
            let reason = reason(of: news)
            let text = "\(which) set aside: \(peer ?? "the other side") takes others, and \(reason)"
            status.lastError = text
            say(.error, "\(text). The journal keeps them; one is offered again from time to time")
            reports.setAside(
                SetAsideRecords(
                    numbers: news.numbers, address: news.address, obstacle: news.obstacle, words: reasons[news.obstacle], size: news.size))
        }
    }

    /// The end of a sentence that begins with the other side.
    private func reason(of news: RefusalRegister.News) -> String {
        switch news.obstacle {
        case .closing:
            "closes the connection over those on \(news.address) (unanswered at several closes in a row, the last time alone; "
                + "\(news.size) bytes): check its access list and the longest message that it takes"
        case .silence: "never acknowledges what comes on \(news.address) (\(news.size) bytes): ask whoever runs it"
        case .refusal(.nobodyListens, _): "has nobody who subscribes to \(news.address) and throws them away"
        case .refusal: "refuses those on \(news.address) (\(news.size) bytes): \(reasons[news.obstacle] ?? "no reason given")"
        }
    }
}

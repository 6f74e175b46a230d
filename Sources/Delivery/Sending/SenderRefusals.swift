import SensorCore

extension DestinationSender {
    /// Said once for each reason, until everything that waits was taken.
    func refused(_ sequences: [UInt64], _ refusal: TransportRefusal) {
        guard let first = sequences.first else { return }
        status.refused += UInt64(sequences.count)
        let trouble: Sentence =
            refusal.kind == .nobodyListens
            ? "\(peerName) did not keep record \(first): \(refusal.reason)" : "\(peerName) refused record \(first): \(refusal.reason)"
        status.trouble = trouble
        refusalOfConnection = refusal.reason
        let obstacle = RefusalRegister.Obstacle.refusal(refusal.kind, code: refusal.code)
        reasons[obstacle] = refusal.reason
        if saidObstacles.insert(obstacle).inserted { say(.error, "\(trouble). It is offered again") }
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
            let reason = reason(of: news)
            let trouble: Sentence =
                count == 1 ? "record \(first) is set aside: \(reason)" : "\(count) records from \(first) on are set aside: \(reason)"
            status.trouble = trouble
            say(.error, "\(trouble). The journal keeps them; one is offered again from time to time")
            reports.setAside(
                SetAsideRecords(
                    numbers: news.numbers, address: news.address, obstacle: news.obstacle,
                    words: reasons[news.obstacle]?.text(in: .english),
                    size: news.size))
        }
    }

    private func reason(of news: RefusalRegister.News) -> Sentence {
        switch news.obstacle {
        case .closing:
            return """
                \(peerName) takes others, and closes the connection over those on \(news.address) (unanswered at several closes in a row, \
                the last time alone; \(news.size) bytes): check its access list and the longest message that it takes
                """
        case .silence:
            return
                "\(peerName) takes others, and never acknowledges what comes on \(news.address) (\(news.size) bytes): ask whoever runs it"
        case .refusal(.nobodyListens, _):
            return "\(peerName) takes others, and has nobody who subscribes to \(news.address) and throws them away"
        case .refusal:
            let reason = reasons[news.obstacle] ?? "no reason given"
            return "\(peerName) takes others, and refuses those on \(news.address) (\(news.size) bytes): \(reason)"
        }
    }
}

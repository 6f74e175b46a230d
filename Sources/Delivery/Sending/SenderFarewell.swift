import SensorCore

extension DestinationSender {
    /// How long the last words and the orderly end may take.
    private static let farewellLimit = TimeSpan.seconds(2)

    /// Says the last words, waits for their answer and takes those of records that come meanwhile, then ends the connection.
    func farewell() {
        let limit = clock.now() + Self.farewellLimit
        if peer != nil, case .connected = session.state {
            sayLastWords(until: limit)
            transport.disconnect()
            var isOver = takeFarewellEvents()
            while !isOver, clock.now() < limit {
                transport.wait(milliseconds: millisecondsUntil(limit, from: clock.now(), longest: 1000))
                isOver = takeFarewellEvents()
            }
        }
        peer = nil
        if status.isConnected {
            status.isConnected = false
            status.broker = nil
            status.since = clock.now()
        }
        status.inFlight = session.outstandingCount
    }

    private func sayLastWords(until limit: MonotonicInstant) {
        let messages = formatSession.farewell(nodeStatus(.stopped)).map { TransportMessage(token: nextToken(), message: $0) }
        births = [:]
        for message in messages { births[message.token] = message.message.address }
        transport.publish(messages)
        while !takeFarewellEvents(), !births.isEmpty, clock.now() < limit {
            transport.wait(milliseconds: millisecondsUntil(limit, from: clock.now(), longest: 1000))
        }
    }

    /// True when the connection is over. `births` loses what was answered of the last words.
    private func takeFarewellEvents() -> Bool {
        var isOver = false
        for event in transport.takeEvents() {
            switch event {
            case .answered(let token?, let answer) where births[token] != nil:
                births[token] = nil
                if case .refused(let refusal) = answer, refusal.kind != .nobodyListens {
                    say(.warning, "the last words were refused: \(refusal.reason)")
                }
            case .answered(let token, let answer):
                for sequence in answered(token, answer) { settle(sequence...sequence) }
            case .received(let address, let payload): received(payload, from: address)
            case .closed: isOver = true
            default: break
            }
        }
        return isOver
    }
}

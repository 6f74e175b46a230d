import SensorCore

extension Delivery {
    /// How long saying `stopped` and DISCONNECT may take.
    private static let farewellLimit = TimeSpan.seconds(2)

    /// Says `stopped`, waits for its acknowledgement and takes those of records that come meanwhile, then DISCONNECT.
    func farewell() {
        let limit = clock.now() + Self.farewellLimit
        if let connection, case .connected = session.state {
            sayStopped(on: connection, until: limit)
            connection.disconnect()
            while connection.phase == .leaving, clock.now() < limit { service(connection, until: limit) }
        }
        connection = nil
        if status.isConnected {
            status.isConnected = false
            status.broker = nil
            status.since = clock.now()
        }
        status.inFlight = session.outstandingCount
    }

    private func sayStopped(on connection: MosquittoConnection, until limit: MonotonicInstant) {
        let message = statusMessage(.stopped)
        let stoppedID: UInt16?
        do { stoppedID = try connection.publish(message) } catch {
            log.log(.warning, "MQTT: the status can't be published: \(error.reason)")
            return
        }
        var isSaid = false
        while !isSaid, connection.phase == .accepted, clock.now() < limit {
            isSaid = service(connection, until: limit).contains(stoppedID)
        }
    }

    /// Waits once; returns the ids of acknowledgements.
    @discardableResult
    private func service(_ connection: MosquittoConnection, until limit: MonotonicInstant) -> [UInt16?] {
        connection.wait(wake: wake, milliseconds: millisecondsUntil(limit, from: clock.now(), longest: 1000))
        var messageIDs: [UInt16?] = []
        for event in connection.takeEvents() {
            switch event {
            case .acknowledged(let messageID, let reasonCode):
                messageIDs.append(messageID)
                if let sequence = acknowledged(messageID, reasonCode: reasonCode) { settle(sequence...sequence) }
            case .received(_, let payload): takeReceipt(payload)
            default: break
            }
        }
        return messageIDs
    }
}

import SensorCore

extension Delivery {
    func beginConnection(at now: MonotonicInstant) {
        session.connecting(at: now)
        brokers = settings.brokers[...]
        addresses = []
        faultsOfTry = []
        tryNextAddress()
    }

    /// Goes on with the next address, then with the next broker, or gives up when there is none.
    private func tryNextAddress() {
        connection = nil
        while addresses.isEmpty {
            guard brokers.count > 1 || connection == nil, let broker = brokers.first else { return giveUp(.several(faultsOfTry)) }
            do {
                addresses = try resolve(broker.host)[...]
            } catch {
                faultsOfTry.append(error.description)
                brokers.removeFirst()
            }
        }
        guard let broker = brokers.first, let address = addresses.popFirst() else { return giveUp(.several(faultsOfTry)) }
        if addresses.isEmpty { brokers.removeFirst() }
        session.connecting(at: clock.now())
        do {
            let connection = try MosquittoConnection(settings: settings, endpoint: broker, will: statusMessage(.lost))
            self.connection = connection
            connection.begin(address)
            takeEvents(of: connection)
        } catch {
            giveUp(error)
        }
    }

    func connectionEnded(_ fault: ConnectionFault) {
        guard connection?.wasAccepted != true, fault.kind != .settings else { return giveUp(fault) }
        if fault.kind != .unreachable, !addresses.isEmpty {
            // It was there; its other addresses would say the same.
            addresses = []
            brokers.removeFirst()
        }
        if !addresses.isEmpty { return tryNextAddress() }
        if !faultsOfTry.contains(fault.description) { faultsOfTry.append(fault.description) }
        if brokers.isEmpty { return giveUp(faultsOfTry.count == 1 ? fault : .several(faultsOfTry)) }
        tryNextAddress()
    }

    private func giveUp(_ fault: ConnectionFault) {
        let now = clock.now()
        let wasConnected = status.isConnected
        let wasShort = wasConnected && !session.isStable(at: now)
        if connection?.wasAccepted == true { status.connectionsLost += 1 }
        connection = nil
        birthID = nil
        records = LaneReading()
        session.connectionEnded(at: now, using: &generator)
        if wasConnected {
            status.isConnected = false
            status.broker = nil
            status.since = now
        }
        var text = news.explained(fault, wasShort: wasShort, clientID: settings.clientID)
        // mosquitto 2.0.11 answers a forbidden topic with 0x87 and closes the connection over it.
        if fault.kind == .lost, let saidRefusal { text = fault.description + " after it had refused a record: \(saidRefusal)" }
        status.lastError = text
        if let line = news.ended(text, wasConnected: wasConnected) { log.log(.warning, line) }
    }
}

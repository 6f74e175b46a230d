package import SensorCore

/// Whoever a climate loop works for. Called on the loop's thread, and must not block it.
package protocol ClimateLoopHost: AnyObject {
    /// What the box knows of the air around a sensor.
    func surroundings(of sensor: String, at now: MonotonicInstant) -> Surroundings
    /// Whether the part of that sensor is to be started anew before its next step; asked once.
    func takeRestart(of sensor: String) -> Bool
    /// A reading that gave at least one quantity: corrected, with what is derived from it.
    func read(_ reading: PartReading, of sensor: String, at instant: MonotonicInstant, _ change: ReadingChange)
    /// A reading that gave nothing.
    func failed(_ error: SensorError, of sensor: String, at instant: MonotonicInstant, _ change: ReadingChange)
    /// An interval of one sensor that has ended.
    func closed(_ interval: ClimateInterval)
}

/// Reads the sensors of one bus side by side: a part is given the bus for one step of its reading, so one that converts for
/// seconds, or hangs until the bus's timeout, leaves the others their time.
///
/// It never waits and knows no thread: `turn` does what is due, `deadline` says when to come again.
package struct ClimateLoop {
    private var sensors: [ScheduledSensor]
    private var room = PartReading()

    package init(_ sensors: [ScheduledSensor]) { self.sensors = sensors }

    /// When something is due next; nil for a bus without sensors.
    package var deadline: MonotonicInstant? { sensors.map(\.deadline).min() }

    /// Corrects by these from the next interval of each sensor on. Sensors that are not named go on as they are.
    package mutating func use(_ corrections: [String: [any ReadingCorrection]]) {
        for index in sensors.indices {
            if let records = corrections[sensors[index].name] { sensors[index].use(records) }
        }
    }

    /// Once, before the first turn.
    package mutating func begin() {
        for index in sensors.indices { sensors[index].begin() }
    }

    package mutating func turn(_ clock: any NodeClock, _ host: any ClimateLoopHost) {
        for index in sensors.indices { sensors[index].turn(clock, host, &room) }
    }

    /// Closes the open intervals as partial.
    package mutating func finish(_ clock: any NodeClock, _ host: any ClimateLoopHost) {
        for index in sensors.indices { sensors[index].finish(clock, host) }
    }
}

package import SensorCore

/// What a thread of the node is for.
package enum ServiceRole {
    /// Owns the inputs: real-time priority when it can be had.
    case counting
    /// Finds passes in what the counting thread condensed from radars.
    case tracking
    /// Reads one bus.
    case climate
}

/// A thread that could not be made.
package struct ThreadError: Error, SentenceConvertible {
    package var sentence: Sentence

    package init(_ error: any Error) { sentence = Sentence(of: error) }
}

/// How the node's threads are made and ended: real ones by the system's clock, or ones that take part in a manual
/// clock.
package protocol ServiceThreads: AnyObject {
    /// Wakes the thread that calls `NodeLoop.tick`. Neither blocks nor allocates.
    var wakeNodeLoop: @Sendable () -> Void { get }
    func start(_ role: ServiceRole, _ body: @escaping @Sendable () -> Void) throws(ThreadError)
    /// Ends the waiting of the counting thread, so that it sees that it is to stop.
    func wakeMeasuring()
    /// Waits, within bounds, for the counting and climate threads to end; false when one did not.
    func joinMeasuring() -> Bool
    /// Starts a thread that sends to the destination of this name, in the system's time.
    func startSending(to name: String, _ body: @escaping @Sendable () -> Void) throws(ThreadError) -> any ServiceThread
}

/// A thread that was started, in the hands of whoever waits for its end.
package protocol ServiceThread: AnyObject {
    /// Waits, within bounds, for it to end; false when it did not.
    func join() -> Bool
}

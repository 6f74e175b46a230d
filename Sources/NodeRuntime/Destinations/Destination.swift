package import Delivery
package import SensorCore
package import StoreForward

/// Something that sends the journal's records somewhere, on a thread of its own.
package protocol Destination: AnyObject, Sendable {
    /// Under which the journal keeps its place.
    var name: String { get }
    /// Sends until `requestStop`; blocks. Called once.
    func run()
    /// From any thread: it ends by `deadline`, a moment of its clock, or as soon as everything is sent.
    func requestStop(drainUntil deadline: MonotonicInstant)
    /// From any thread: records were committed.
    func recordsAvailable()
    /// Turns `run` has made.
    var turns: UInt64 { get }
    var snapshot: DeliveryStatus { get }
    /// Records set aside since the last call.
    func takeSetAside() -> [SetAsideRecords]
}

extension DestinationService: Destination {
    package var name: String { settings.name }
}

/// A destination to be, before there is a journal to send.
package struct DestinationPlan {
    package typealias Factory = (any RecordOutbox) throws(DestinationUnavailable) -> any Destination

    package var place: JournalDestination
    package var make: Factory

    package init(place: JournalDestination, make: @escaping Factory) {
        self.place = place
        self.make = make
    }
}

/// How one destination fares, by name.
package struct DestinationStanding {
    package var name: String
    /// Records kept that it is owed; nil while there is no journal.
    package var backlog: UInt64?
    package var acknowledgedThrough: UInt64?
    package var status: DeliveryStatus

    package init(name: String, backlog: UInt64?, acknowledgedThrough: UInt64?, status: DeliveryStatus) {
        self.name = name
        self.backlog = backlog
        self.acknowledgedThrough = acknowledgedThrough
        self.status = status
    }
}

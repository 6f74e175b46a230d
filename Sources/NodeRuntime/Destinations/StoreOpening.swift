import HostFiles
import MQTTPublisher
package import NodeConfiguration
import ReallaborMessages
package import SensorCore
import StoreForward

extension JournalPlace {
    package init(_ journal: JournalConfiguration) { self.init(path: journal.path, budgetBytes: journal.budgetBytes) }
}

extension RecordStore {
    /// Opens the journal and prepares its publisher. Throws `CredentialError` and `JournalError`.
    ///
    /// - Parameters:
    ///   - mqtt: nil publishes nothing.
    ///   - clock: the node's, maybe simulated.
    ///   - brokerClock: the publisher's: brokers live in real time.
    ///   - stillBusy: called while a damaged journal's records are carried over.
    package static func open(
        place: JournalPlace, mqtt: MQTTConfiguration?, node: String, clock: any NodeClock, brokerClock: any NodeClock,
        log: any EventLog, stillBusy: @escaping () -> Void = {}
    ) throws -> RecordStore {
        var factory: RecordStore.PublisherFactory?
        if let mqtt {
            let settings: MQTTSettings
            do throws(FileError) {
                settings = try MQTTSettings(mqtt)
            } catch {
                throw CredentialError(option: "mqtt.password-file", fault: error)
            }
            let encoder = NativeJSONEncoder(node: node, baseTopic: mqtt.topic)
            var random = SystemRandomNumberGenerator()
            let seed = random.next()
            factory = { (outbox) throws(PublisherUnavailable) in
                try MQTTPublisher(
                    settings: settings, encoder: encoder, outbox: outbox, version: ProgramVersion.text,
                    clock: brokerClock, seed: seed, log: log)
            }
        }
        return try RecordStore(place: place, clock: clock, log: log, makePublisher: factory, stillBusy: stillBusy)
    }
}

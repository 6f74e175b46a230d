import HostFiles
import MQTTPublisher
package import NodeConfiguration
import ReallaborMessages
package import SensorCore

extension JournalPlace {
    package init(_ journal: JournalConfiguration) { self.init(path: journal.path, budgetBytes: journal.budgetBytes) }
}

/// Makes the publisher of a node, once its journal is open.
///
/// - Parameters:
///   - mqtt: nil publishes nothing.
///   - clock: the publisher's: brokers live in real time, even where the node's clock is simulated.
package func publisherFactory(
    _ mqtt: MQTTConfiguration?, node: String, clock: any NodeClock, log: any EventLog
) throws(CredentialError) -> RecordStore.PublisherFactory? {
    guard let mqtt else { return nil }
    let settings: MQTTSettings
    do throws(FileError) {
        settings = try MQTTSettings(mqtt)
    } catch {
        throw CredentialError(option: "mqtt.password-file", fault: error)
    }
    let encoder = NativeJSONEncoder(node: node, baseTopic: mqtt.topic)
    var random = SystemRandomNumberGenerator()
    let seed = random.next()
    return { (outbox) throws(PublisherUnavailable) in
        try MQTTPublisher(
            settings: settings, encoder: encoder, outbox: outbox, version: ProgramVersion.text, clock: clock, seed: seed, log: log)
    }
}

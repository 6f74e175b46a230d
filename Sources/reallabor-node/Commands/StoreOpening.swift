import ArgumentParser
import Calibration
import Delivery
import MQTTTransport
import NodeConfiguration
import RecordFormats
import SensorCore
import StoreForward

extension JournalPlace {
    init(_ journal: JournalConfiguration) { self.init(path: journal.path, budgetBytes: journal.budgetBytes) }
}

/// The plan of a checked configuration, or the end of the command.
func nodePlan(_ configuration: NodeConfiguration, file: String) throws -> NodePlan {
    do throws(CalibrationRecordError) {
        return try NodePlan(configuration)
    } catch {
        throw ExitReason.badConfiguration.exit("\(file): \(error)")
    }
}

/// Opens the journal and prepares its publisher, or ends the command.
///
/// - Parameters:
///   - mqtt: nil publishes nothing.
///   - clock: the node's, maybe simulated.
///   - brokerClock: the publisher's: brokers live in real time.
///   - stillBusy: called while a damaged journal's records are carried over.
func openStore(
    place: JournalPlace, mqtt: MQTTConfiguration?, node: String, clock: any NodeClock, brokerClock: any NodeClock,
    log: any EventLog, stillBusy: @escaping () -> Void = {}
) throws -> RecordStore {
    var factory: RecordStore.PublisherFactory?
    if let mqtt {
        let settings: MQTTSettings
        do throws(FileError) {
            settings = try MQTTSettings(mqtt)
        } catch {
            throw ExitReason.noInput.exit("mqtt.password-file: \(error)")
        }
        let encoder = NativeJSONEncoder(node: node, baseTopic: mqtt.topic)
        var random = SystemRandomNumberGenerator()
        let seed = random.next()
        factory = { (outbox) throws(PublisherUnavailable) in
            try MQTTPublisher(
                settings: settings, encoder: encoder, outbox: outbox, version: ReallaborNode.version,
                clock: brokerClock, seed: seed, log: log)
        }
    }
    do throws(JournalError) {
        return try RecordStore(place: place, clock: clock, log: log, makePublisher: factory, stillBusy: stillBusy)
    } catch {
        throw ExitReason.failure.exit("\(error)")
    }
}

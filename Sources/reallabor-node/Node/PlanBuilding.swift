import Calibration
import ClimateDrivers
import Glibc
import LinuxHardware
import Delivery
import MQTTTransport
import NodeConfiguration
import PulsePipeline
import SensorCore

extension NodePlan {
    /// What a checked configuration asks for. Throws only what the configuration cannot know: a correction that makes
    /// no sense as a calibration record.
    init(_ configuration: NodeConfiguration) throws(CalibrationRecordError) {
        node = configuration.node
        interval = configuration.interval
        sums = configuration.sums
        commitInterval = configuration.journal.commitInterval
        inputs = configuration.channels.map {
            CountedInput(
                name: $0.name, detector: $0.detector.kind, directions: $0.directions, settings: ChannelSettings($0), meaning: $0.detector.meaning,
                wiring: $0.inputs.map { InputWiring(role: $0.role, pin: $0.pinName, isActiveLow: $0.isActiveLow) })
        }
        buses = []
        for sensor in configuration.sensors {
            let plan = try SensorPlan(sensor, height: configuration.site?.heightMetres)
            if let index = buses.firstIndex(where: { $0.name == sensor.bus.name }) {
                buses[index].sensors.append(plan)
            } else {
                buses.append(BusPlan(name: sensor.bus.name, device: sensor.bus.device, pins: sensor.bus.pins, sensors: [plan]))
            }
        }
    }
}

extension SensorPlan {
    fileprivate init(_ sensor: SensorConfiguration, height: Double?) throws(CalibrationRecordError) {
        name = sensor.name
        part = sensor.part.name
        address = sensor.address
        multiplexer = sensor.multiplexer
        options = sensor.options
        derived = DerivedQuantities(sensor.derived, height: height)
        pressureFrom = sensor.pressureFrom
        humidityFrom = sensor.humidityFrom
        period = sensor.period
        corrections = []
        for correction in sensor.corrections {
            corrections.append(
                try CalibrationRecord(
                    id: "\(sensor.name)-\(correction.quantity.rawValue)-\(correction.date)",
                    quantity: correction.quantity,
                    correction: LinearCorrection(offset: correction.offset, gain: correction.gain),
                    reference: correction.reference, performedOn: correction.date))
        }
    }
}

extension GPIOChannelRequest {
    init(_ channel: ChannelConfiguration) {
        let period: TimeSpan? = if case .kernel(let period) = channel.debounce.kind { period } else { nil }
        self.init(
            name: channel.name,
            inputs: channel.inputs.map {
                GPIOInput(
                    lineOffset: $0.lineOffset, bias: GPIOInput.Bias($0.bias), isActiveLow: $0.isActiveLow,
                    kernelDebounce: period)
            })
    }
}

extension GPIOInput.Bias {
    fileprivate init(_ bias: InputBias) {
        switch bias {
        case .pullUp: self = .pullUp
        case .pullDown: self = .pullDown
        case .none: self = .disabled
        case .asIs: self = .asIs
        }
    }
}

extension MQTTSettings {
    /// Reads the password file. Throws when it can't be read, is empty, or can't be a password: MQTT gives one a length of 16 bits.
    init(_ configuration: MQTTConfiguration) throws(FileError) {
        self.init(host: configuration.host, port: configuration.port, clientID: configuration.clientID)
        switch configuration.protocolVersion {
        case .v5: version = .mqtt5
        case .v311: version = .mqtt311
        }
        brokers += configuration.fallbacks.map { BrokerEndpoint(host: $0.host, port: $0.port) }
        backfillRate = configuration.backfillRate
        receiptTopic = configuration.receiptTopic
        username = configuration.username
        if let file = configuration.passwordFile {
            password = try readPassword(credentialPath(file))
        }
        if let tls = configuration.tls {
            self.tls = try TLS(
                authorityFile: credentialPath(tls.authorityFile),
                certificateFile: tls.client.map { (client) throws(FileError) in try credentialPath(client.certificateFile) },
                keyFile: tls.client.map { (client) throws(FileError) in try credentialPath(client.keyFile) })
        }
        keepAlive = configuration.keepalive
        window = configuration.window
    }
}

/// The path as it is, or that of a credential, which systemd puts into a folder of the service's own (systemd.exec(5)).
/// Throws ENOENT with the name when there is no such folder.
private func credentialPath(_ file: String) throws(FileError) -> String {
    guard file.hasPrefix(credentialPrefix) else { return file }
    guard let folder = getenv("CREDENTIALS_DIRECTORY") else { throw FileError(path: file, code: ENOENT) }
    return String(cString: folder) + "/" + file.dropFirst(credentialPrefix.count)
}

/// The content of a password file. Throws when it can't be read, is empty, or can't be a password: MQTT gives one a
/// length of 16 bits.
func readPassword(_ file: String) throws(FileError) -> String {
    var content = try FileReader(file).readAll(limit: 65_535)
    // An editor ends the last line; the password does not.
    while let last = content.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { content.removeLast() }
    // What a unit gives the node in place of a password file that is not there.
    if content.isEmpty { throw FileError(path: file, code: ENODATA) }
    if content.count > 65_535 { throw FileError(path: file, code: EFBIG) }
    guard let text = String(validating: content, as: UTF8.self) else { throw FileError(path: file, code: EILSEQ) }
    return text
}

import ArgumentParser
import ClimateDrivers
import Glibc
import JSONText
import LinuxHardware
import NodeSimulation
import SensorCore

struct SensorScanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan",
        abstract: "Look which climate parts are on a bus, and say the configuration line of each.",
        discussion: """
            At addresses that known parts can have it sends a register pointer or a harmless command and reads; elsewhere it touches
            nothing. What a driver of the kernel holds is left alone. Behind a TCA9548A look with --multiplexer, while no node
            runs on that bus. Ends with 1 when nobody was found.

            Example:
              reallabor-node sensor scan --bus /dev/i2c-1
            """)

    @Option(help: ArgumentHelp("The bus.", valueName: "device"))
    var bus = "/dev/i2c-1"

    @Option(help: ArgumentHelp("Look behind the TCA9548A at this address, at all of its channels.", valueName: "address"))
    var multiplexer: String?

    @Option(help: "text or json.")
    var format: OutputFormat = .text

    @Flag(help: "Scan a simulated bus with a BME280, an SHT40 and a TCA9548A.")
    var simulated = false

    private struct Row {
        var finding: PartScan.Finding
        var port: MultiplexerPort?
    }

    func validate() throws {
        if let multiplexer, port(multiplexer) == nil {
            throw ValidationError(saying: "--multiplexer \(multiplexer): a TCA9548A has an address from 0x70 to 0x77")
        }
    }

    func run() throws {
        let clock = try SystemClock(assumeSynchronised: false)
        let device = simulated ? demonstrationBus(name: bus, clock: clock) : try realBus()
        let rows = look(on: device, clock)
        if format == .json { show(json: rows) } else { show(text: rows) }
        if rows.isEmpty {
            throw CommandFailure(.mismatch, "nobody answers on \(bus): check power, SDA, SCL and ground, and whether it is the right bus")
        }
    }

    private func look(on device: any I2CBus, _ clock: any NodeClock) -> [Row] {
        guard let address = multiplexer.flatMap(port) else {
            return PartScan.addresses.flatMap { PartScan.look(at: $0, on: device, clock: clock) }.map { Row(finding: $0) }
        }
        // What answers on the bus itself would answer at every channel.
        let direct = PartScan.addresses.filter { !PartScan.look(at: $0, on: device, clock: clock).isEmpty }
        let multiplexers = BusMultiplexers(device, addresses: [address])
        return TCA9548A.channels.flatMap { channel in
            let behind = multiplexers.bus(behind: address, channel: channel)
            return PartScan.addresses.filter { !direct.contains($0) }.flatMap { PartScan.look(at: $0, on: behind, clock: clock) }
                .map { Row(finding: $0, port: MultiplexerPort(address: address, channel: channel)) }
        }
    }

    private func port(_ text: String) -> I2CAddress? {
        let digits = text.hasPrefix("0x") ? text.dropFirst(2) : text[...]
        return Int(digits, radix: 16).flatMap { I2CAddress($0) }.flatMap { TCA9548A.addresses.contains($0) ? $0 : nil }
    }

    private func realBus() throws -> any I2CBus {
        guard access(bus, R_OK | W_OK) == 0 else {
            throw CommandFailure(
                .unavailable,
                """
                \(bus): \(systemText(errno)); switch I2C on (raspi-config, or dtparam=i2c_arm=on), load i2c-dev, \
                and let the user into group i2c
                """)
        }
        return I2CDevBus(path: bus, timeout: .milliseconds(50))
    }

    /// "i2c-1" of "/dev/i2c-1".
    private var busName: String { bus.split(separator: "/").last.map(String.init) ?? bus }

    private func line(_ row: Row) -> String? {
        guard let part = row.finding.part, part != TCA9548A.name else { return nil }
        let port = row.port.map { ", multiplexer: {address: \($0.address), channel: \($0.channel)}" } ?? ""
        return
            "- {name: \(part)-\(hexadecimal(row.finding.address.rawValue)), part: \(part), bus: \(busName), address: \(row.finding.address)\(port)}"
    }

    private func show(text rows: [Row]) {
        for row in rows {
            let address = row.finding.address
            let place: Sentence = row.port.map { "\(address) behind \($0.address) channel \($0.channel)" } ?? "\(address)"
            let part: Sentence = row.finding.part.map(Sentence.init(verbatim:)) ?? "unknown"
            say("\(place): \(part), \(row.finding.certainty.rawValue): \(row.finding.evidence)")
            if let line = line(row) { say("    \(line)") }
            if row.finding.part == TCA9548A.name, multiplexer == nil {
                say("    look behind it: reallabor-node sensors scan --bus \(bus) --multiplexer \(address)")
            }
        }
    }

    private func show(json rows: [Row]) {
        let bytes = JSONWriter.object { json in
            json.arrayField("found") { list in
                for row in rows {
                    list.objectElement {
                        $0.field("address", row.finding.address.description)
                        $0.field("part", row.finding.part)
                        $0.field("certainty", row.finding.certainty.rawValue)
                        $0.field("evidence", row.finding.evidence)
                        $0.field("multiplexer", row.port?.address.description)
                        $0.field("channel", row.port.map { UInt64($0.channel) })
                        $0.field("configuration", line(row))
                    }
                }
            }
        }
        writeStandardOutput(String(decoding: bytes, as: UTF8.self) + "\n")
    }
}

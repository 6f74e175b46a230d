import Glibc
import Delivery
import NodeConfiguration
import SensorCore
import TestSupport
import Testing
import TransportProcess

@testable import NodeRuntime
@testable import NodeSimulation
@testable import reallabor_node

@Suite struct PlanBuildingTests {
    static func configuration(_ text: String, in folder: ScratchFolder) throws -> NodeConfiguration {
        try loadConfiguration(folder.write("node.yaml", text))
    }

    @Test("Follows the configuration") func followsTheConfiguration() throws {
        let folder = ScratchFolder()
        let text = configurationText().replacing(
            "  - name: street-air", with: "  - {name: other, part: sht45, bus: i2c-1, address: 0x46, period: 2s}\n  - name: street-air")
        let plan = try NodePlan(try Self.configuration(text, in: folder))
        #expect(plan.node == "test-node")
        #expect(plan.interval == .seconds(60))
        #expect(plan.inputs.map(\.name) == ["gate", "path"])
        #expect(
            plan.inputs.map(\.settings.filter) == [
                .stable(rise: .milliseconds(8), fall: .milliseconds(8)),
                .stable(rise: .milliseconds(8), fall: .milliseconds(12)),
            ])
        #expect(plan.buses.map(\.name) == ["i2c-1"])
        #expect(plan.buses.map(\.device) == ["/dev/i2c-1"])
        let sensors = try #require(plan.buses.first).sensors
        #expect(sensors.map(\.name) == ["box-air", "other", "street-air"])
        #expect(sensors.map(\.part) == ["bme280", "sht45", "sht40"])
        #expect(sensors.map(\.address.rawValue) == [0x76, 0x46, 0x44])
        #expect(sensors.map(\.period) == [.seconds(10), .seconds(2), .seconds(10)])
        #expect(sensors.map(\.corrections.count) == [0, 0, 1])
        let correction = try #require(sensors.last?.corrections.first)
        #expect(correction.id == "street-air-temperature-2026-05-01")
        let corrected = correction.apply(to: Measurement(.temperature, 20))
        #expect(abs(corrected.value - 19.9) < 1e-12)
        #expect(corrected.raw == 20)
    }

    @Test("Settings follow the configuration") func settingsFollowTheConfiguration() throws {
        let folder = ScratchFolder()
        let plain = MQTTSettings(try Self.configuration(configurationText(port: 1884), in: folder).mqtt)
        var expected = MQTTSettings(host: "127.0.0.1", port: 1884, clientID: "reallabor-test-node")
        #expect(plain == expected)
        let short = DeliverySettings(try Self.configuration(configurationText(port: 1884), in: folder).destinations[0])
        #expect(short.backfillRate == 500 && short.window == 20 && !short.needsReceipts && short.name == "mqtt" && short.logName == "MQTT")
        let full = MQTTSettings(
            try Self.configuration(
                configurationText(
                    port: 1884,
                    mqtt: """
                        protocol: 3.1.1
                          client-id: other
                          keepalive: 45s
                          window: 7
                          username: me
                          password-file: password
                          ca-file: ca.crt
                          certificate-file: node.crt
                          key-file: node.key
                        """), in: folder
            ).mqtt)
        expected.version = .mqtt311
        expected.clientID = "other"
        expected.keepAlive = .seconds(45)
        expected.unansweredAtMost = 7
        expected.username = "me"
        expected.passwordFile = folder.file("password")
        expected.tls = .init(
            authorityFile: folder.file("ca.crt"), certificateFile: folder.file("node.crt"), keyFile: folder.file("node.key"))
        #expect(full == expected)
    }

    static let withPassword = configurationText(mqtt: "username: me\n  password-file: password")

    @Test("A password file that can't be read is named, a credential is its service's") func aPasswordFileThatCannotBeRead() throws {
        let folder = ScratchFolder()
        let destination = try Self.configuration(Self.withPassword, in: folder).destinations[0]
        let fault = try #require(destination.unreadablePassword)
        #expect(fault.description == "mqtt.password-file: cannot read \(folder.file("password")): No such file or directory")
        folder.write("password", "s3cret")
        #expect(destination.unreadablePassword == nil)
        let text = configurationText(mqtt: "username: me\n  password-file: credential:mqtt-password\n  ca-file: credential:ca")
        let credential = try Self.configuration(text, in: folder).destinations[0]
        #expect(credential.unreadablePassword == nil)
        #expect(MQTTSettings(credential.mqtt).passwordFile == "credential:mqtt-password")
        #expect(MQTTSettings(credential.mqtt).tls?.authorityFile == "credential:ca")
    }
}

extension String {
    fileprivate func replacing(_ part: String, with other: String) -> String {
        split(separator: part, omittingEmptySubsequences: false).joined(separator: other)
    }
}

extension NodeConfiguration {
    /// Of the first destination.
    fileprivate var mqtt: MQTTConfiguration { destinations[0].mqtt }
}

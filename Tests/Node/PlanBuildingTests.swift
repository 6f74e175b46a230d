import Glibc
import HostFiles
import Delivery
import MQTTTransport
import NodeConfiguration
import SensorCore
import TestSupport
import Testing

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
        let plain = try MQTTSettings(try Self.configuration(configurationText(port: 1884), in: folder).mqtt)
        var expected = MQTTSettings(host: "127.0.0.1", port: 1884, clientID: "reallabor-test-node")
        #expect(plain == expected)
        let short = DeliverySettings(try Self.configuration(configurationText(port: 1884), in: folder).destinations[0])
        #expect(short.backfillRate == 500 && short.window == 20 && !short.needsReceipts && short.name == "mqtt" && short.logName == "MQTT")
        folder.write("password", "s3cret")
        let full = try MQTTSettings(
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
        expected.username = "me"
        expected.password = "s3cret"
        expected.tls = .init(
            authorityFile: folder.file("ca.crt"), certificateFile: folder.file("node.crt"), keyFile: folder.file("node.key"))
        #expect(full == expected)
    }

    static let withPassword = configurationText(mqtt: "username: me\n  password-file: password")

    /// Editors end the last line; nothing else is taken away.
    @Test(
        "Password is what the file holds",
        arguments: [
            ("secret", "secret"), ("secret\n", "secret"), ("secret\r\n", "secret"), ("secret\n\n", "secret"),
            (" two words \n", " two words "), ("a\nb\n", "a\nb"), ("größe\n", "größe"),
            (String(repeating: "x", count: 65_535) + "\n", String(repeating: "x", count: 65_535)),
        ])
    func passwordIsWhatTheFileHolds(_ content: String, password: String) throws {
        let folder = ScratchFolder()
        folder.write("password", content)
        let settings = try MQTTSettings(try Self.configuration(Self.withPassword, in: folder).mqtt)
        #expect(settings.password == password)
        #expect(settings.username == "me")
    }

    /// systemd.exec(5), LoadCredential: a folder of the service's own.
    @Test("Credentials are found where systemd puts them") func credentialsAreFoundWhereSystemdPutsThem() throws {
        let folder = ScratchFolder()
        let text = configurationText(mqtt: "username: me\n  password-file: credential:mqtt-password\n  ca-file: credential:ca")
        let mqtt = try Self.configuration(text, in: folder).mqtt
        do throws(FileError) {
            _ = try MQTTSettings(mqtt)
            Issue.record("there are no credentials")
        } catch {
            #expect(error.path == "credential:mqtt-password" && error.code == ENOENT)
        }
        folder.write("mqtt-password", "s3cret\n")
        setenv("CREDENTIALS_DIRECTORY", folder.path, 1)
        defer { unsetenv("CREDENTIALS_DIRECTORY") }
        let settings = try MQTTSettings(mqtt)
        #expect(settings.password == "s3cret" && settings.tls?.authorityFile == folder.file("ca"))
    }

    @Test(
        "A password that cannot be one is refused",
        arguments: [nil, [], [0x0A], [0x73, 0xFF, 0x74], [UInt8](repeating: 0x78, count: 65_536)] as [[UInt8]?])
    func aPasswordThatCannotBeOneIsRefused(_ content: [UInt8]?) throws {
        let folder = ScratchFolder()
        if let content { folder.write("password", content) }
        let mqtt = try Self.configuration(Self.withPassword, in: folder).mqtt
        do throws(FileError) {
            _ = try MQTTSettings(mqtt)
            Issue.record("the password was taken")
        } catch {
            #expect(error.path == folder.file("password"))
        }
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

import HostFiles
import Glibc
import LinuxHardware
import NodeConfiguration
import NodeRuntime
import PulsePipeline
import SensorCore
import Testing

@testable import Diagnosis

private func temporaryFile(_ content: String) throws -> String {
    var path = Array("/tmp/reallabor-diagnosis-XXXXXX".utf8CString)
    let descriptor = mkstemp(&path)
    try #require(descriptor >= 0)
    let written = write(descriptor, content, content.utf8.count)
    try #require(written == content.utf8.count)
    close(descriptor)
    return String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

@Suite struct HardwareCheckTests {
    private func check(buses: [BusPlan], channels: [String]) throws -> HardwareCheck {
        let edges = GPIOEdgeSource(
            chipLabel: "no-such-chip", channels: channels.map { GPIOChannelRequest(name: $0, inputs: []) }, wake: try WakeEvent(),
            devicesIn: "/nonexistent")
        let inputs = channels.map {
            ChannelConfiguration(
                name: $0, settings: .contact(.stable(rise: .milliseconds(8), fall: .milliseconds(8))),
                inputs: [InputConfiguration(role: "input", pinName: nil, lineOffset: 0)])
        }
        return HardwareCheck(NodePlan(node: "n", interval: .seconds(60), inputs: inputs, buses: buses), edges: edges)
    }

    @Test("A bus that cannot be opened is named with what to do; one that can is not")
    func buses() throws {
        let check = try check(
            buses: [
                BusPlan(name: "i2c-1", device: "/nonexistent/i2c-1", sensors: []), BusPlan(name: "i2c-2", device: "/dev/null", sensors: []),
            ], channels: [])
        #expect(check.findings.map(\.id) == ["bus-unusable"])
        #expect(
            check.findings.text.description
                == "bus i2c-1: /nonexistent/i2c-1: No such file or directory; switch I2C on (raspi-config, or dtparam=i2c_arm=on) and "
                + "let the user into group i2c")
        #expect(!check.hasNothing)
    }

    @Test("Each channel whose lines cannot be had is a finding in the source's own words")
    func channels() throws {
        let check = try check(buses: [], channels: ["gate", "path"])
        #expect(check.findings.map(\.place.description) == ["channel gate", "channel path"])
        #expect(check.findings.allSatisfy { $0.id == "input-unusable" && $0.severity == .error && $0.advice != nil })
        #expect(
            check.findings.allSatisfy {
                $0.text.description.hasPrefix($0.what.description) && $0.text.description.hasSuffix($0.advice?.description ?? "-")
            })
        #expect(check.hasNothing)
    }
}

@Suite struct ConfigurationCheckTests {
    private let context = ConfigurationContext(parts: [], edges: GPIOEdgeSource.capabilities, formats: [], boardFolders: [])

    @Test("A file that is not there is no fault of its content")
    func unreadable() {
        guard case .unreadable(let finding) = ConfigurationCheck(path: "/nonexistent/node.yaml", context: context) else {
            Issue.record("not unreadable")
            return
        }
        #expect(finding.text.description == "cannot read /nonexistent/node.yaml: No such file or directory")
        #expect(finding.id == "configuration-unreadable")
    }

    @Test("Each fault of a file is a finding with its place, in the words that 'check' prints")
    func faulty() throws {
        let path = try temporaryFile("nod: a\n")
        defer { unlink(path) }
        guard case .faulty(let findings) = ConfigurationCheck(path: path, context: context) else {
            Issue.record("not faulty")
            return
        }
        #expect(findings.count > 1)
        #expect(findings.contains { $0.place.description == "\(path):1:1" })
        #expect(throws: ConfigurationFaults.self) { try NodeConfiguration.load(path: path, context: context) }
        do {
            _ = try NodeConfiguration.load(path: path, context: context)
        } catch {
            #expect(findings.text.description == "\(error)")
        }
    }
}

@Suite struct JournalCheckTests {
    @Test("A journal that cannot be opened is one finding, and its severity says whether the journal is to blame")
    func unopened() throws {
        let missing = JournalCheck("/nonexistent/journal.sqlite")
        #expect(missing.findings.map(\.id) == ["journal-unreadable"])
        #expect(missing.findings.map(\.severity) == [.error])
        let path = try temporaryFile("no database at all, but long enough to be looked at as one")
        defer { unlink(path) }
        let foreign = JournalCheck(path)
        #expect(foreign.findings.count == 1)
        #expect(foreign.findings.allSatisfy { $0.text.description.contains(path) && $0.severity == .error }, "\(foreign.findings)")
    }
}

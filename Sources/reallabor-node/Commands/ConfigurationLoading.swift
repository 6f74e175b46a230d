import ArgumentParser
import ClimateDrivers
import Diagnosis
import Glibc
import LinuxHardware
import NodeConfiguration
import RecordFormats
import SensorCore

/// Where board files are looked for, in this order: `$REALLABOR_BOARDS`, `/etc/reallabor-node/boards`,
/// `/usr/share/reallabor-node/boards`, and `Boards` of the source tree the program was built in.
func boardFolders() -> [String] {
    var folders: [String] = []
    if let named = getenv("REALLABOR_BOARDS") { folders.append(String(cString: named)) }
    folders += ["/etc/reallabor-node/boards", "/usr/share/reallabor-node/boards"]
    if let tree = sourceTree() { folders.append(tree + "/Boards") }
    return folders
}

/// The folder above `.build…` that this program was built in; nil for an installed one.
private func sourceTree() -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    guard length > 0 else { return nil }
    let path = buffer.prefix(length).map { UInt8(bitPattern: $0) }
    var components = String(decoding: path, as: UTF8.self).split(separator: "/")
    while let last = components.popLast() {
        if last.hasPrefix(".build") { return "/" + components.joined(separator: "/") }
    }
    return nil
}

/// Loads and checks a configuration, or ends the command with every fault of the file and the right exit code.
func loadConfiguration(_ path: String) throws -> NodeConfiguration {
    let context = ConfigurationContext(
        parts: ClimateParts.all, edges: GPIOEdgeSource.capabilities, formats: RecordFormats.descriptions, boardFolders: boardFolders())
    switch ConfigurationCheck(path: path, context: context) {
    case .sound(let configuration): return configuration
    case .unreadable(let finding): throw CommandFailure(.noInput, finding.text)
    case .faulty(let findings): throw CommandFailure(.badConfiguration, findings.text)
    }
}

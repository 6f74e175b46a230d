import ArgumentParser
import Calibration
import ClimateDrivers
import Glibc
import LinuxHardware
import NodeConfiguration
import PulsePipeline
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
        parts: ClimateParts.all, edges: GPIOEdgeSource.capabilities, boardFolders: boardFolders())
    do {
        return try NodeConfiguration.load(path: path, context: context)
    } catch let error as FileUnreadable {
        throw ExitReason.noInput.exit("\(error)")
    } catch {
        throw ExitReason.badConfiguration.exit("\(error)")
    }
}

extension PulseFilter {
    init(_ debounce: DebounceConfiguration) {
        let kind: Kind =
            switch debounce.kind {
            case .none: .none
            case .stable(let rise, let fall): .stable(rise: rise, fall: fall)
            case .lockout(let time): .lockout(time)
            case .kernel(let period): .kernel(period: period)
            }
        self.init(kind, glitchTime: debounce.glitch ?? .zero)
    }
}

extension ChannelSettings {
    init(_ channel: ChannelConfiguration) {
        let detector: Detector =
            switch channel.detector {
            case .contact: .contact
            case .presence(let hold, let stall): .presence(hold: hold, stallLimit: stall)
            case .beamPair(let spacing, let detectionLength, let stall):
                .beamPair(
                    BeamGeometry(spacing: spacing, detectionLength: detectionLength, stallLimit: stall.seconds))
            case .axlePair(let spacing, let limits):
                .axlePair(
                    AxleGeometry(
                        spacing: spacing, limits: WheelbaseLimits(bike: limits.bike, car: limits.car, van: limits.van)))
            }
        let measuresGust = if case .contact(.wind) = channel.detector { true } else { false }
        self.init(detector: detector, filter: PulseFilter(channel.debounce), measuresGust: measuresGust, mostPerSecond: channel.mostPerSecond)
    }
}

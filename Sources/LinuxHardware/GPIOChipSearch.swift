import Glibc
import HostFiles
import SensorCore

/// What a GPIO device said about itself.
enum GPIOChipIdentity: Hashable {
    case label(String)
    /// It could not be opened; `errno`.
    case unreadable(Int32)
}

/// The GPIO devices of a directory, each once: `/dev/gpiochip4` may be a link to `/dev/gpiochip0` (Raspberry Pi 5).
func gpioDevices(in directory: String) -> [String] {
    let names: [String]
    do throws(FileError) { names = try namesInFolder(directory) } catch { return [] }
    var found: Set<String> = []
    for name in names where name.hasPrefix("gpiochip") {
        if let resolved = realpath("\(directory)/\(name)", nil) {
            found.insert(String(cString: resolved))
            free(resolved)
        }
    }
    return found.sorted()
}

/// The one device with that label.
///
/// Numbers are no names: they depend on the kernel and on what was plugged in first.
func gpioDevice(
    labelled label: String, in directory: String, identify: (String) -> GPIOChipIdentity
) throws(EdgeSourceError) -> String {
    let operation: Sentence = "find the GPIO chip \"\(label)\""
    let devices = gpioDevices(in: directory)
    if devices.isEmpty {
        throw EdgeSourceError(
            operation: operation, code: ENOENT,
            advice: "there is no \(directory)/gpiochip*; is this the right board, and is its GPIO driver loaded?")
    }
    var matching: [String] = []
    var labels: [String] = []
    var refusals: [(path: String, code: Int32)] = []
    for path in devices {
        switch identify(path) {
        case .label(let found):
            labels.append("\"\(found)\" (\(path))")
            if found == label { matching.append(path) }
        case .unreadable(let code): refusals.append((path, code))
        }
    }
    if matching.count > 1 {
        throw EdgeSourceError(
            operation: operation, code: ENOTUNIQ,
            advice: "\(Sentence.all(of: matching)) both have that label; unplug or unload one of them")
    }
    if let path = matching.first { return path }
    if let refusal = refusals.first {
        throw EdgeSourceError(
            operation: "\(operation): open \(refusal.path)", code: refusal.code,
            advice: refusal.code == EACCES || refusal.code == EPERM
                ? gpioGroupAdvice : "\(systemText(refusal.code)); other chips here: \(listed(labels))")
    }
    throw EdgeSourceError(
        operation: operation, code: ENOENT,
        advice: "the chips here are \(listed(labels)); name the board file that fits this machine")
}

let gpioGroupAdvice: Sentence = """
    this user may not use GPIO; add it to the group: `usermod -aG gpio USER`, then log in again (a service needs \
    SupplementaryGroups=gpio)
    """

private func listed(_ labels: [String]) -> Sentence { labels.isEmpty ? "none" : Sentence(verbatim: labels.joined(separator: ", ")) }

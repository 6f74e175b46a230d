import CGPIOD
import Glibc
package import SensorCore

/// The lines of one channel, held until the object goes.
package protocol RequestedLines: AnyObject {
    /// Non-blocking, readable when edges are there: one per input with uAPI v1, one for all with v2.
    var descriptors: [Int32] { get }
    /// 1 active, 0 inactive, -1 and `errno`.
    func level(_ input: Int) -> Int32
}

/// Where lines are had from.
package protocol LineSource: AnyObject {
    func request(_ channel: GPIOChannelRequest) throws(EdgeSourceError) -> any RequestedLines
}

/// One open GPIO chip.
final class GPIOChip {
    let path: String
    let label: String
    let lineCount: UInt32
    fileprivate let handle: OpaquePointer

    init(path: String) throws(EdgeSourceError) {
        guard let handle = gpiod_chip_open(path) else {
            let code = errno
            throw EdgeSourceError(
                operation: "open \(path)", code: code,
                advice: code == EACCES || code == EPERM ? gpioGroupAdvice : Sentence(verbatim: systemText(code)))
        }
        var text = [CChar](repeating: 0, count: 64)
        var count: UInt32 = 0
        guard cgpiod_chip_describe(handle, &text, text.count, &count) == 0 else {
            let code = errno
            gpiod_chip_close(handle)
            throw EdgeSourceError(operation: "describe \(path)", code: code, advice: Sentence(verbatim: systemText(code)))
        }
        self.path = path
        self.handle = handle
        label = text.withUnsafeBytes { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        lineCount = count
    }

    deinit { gpiod_chip_close(handle) }

    static func identify(_ path: String) -> GPIOChipIdentity {
        do throws(EdgeSourceError) {
            return .label(try GPIOChip(path: path).label)
        } catch {
            return .unreadable(error.code)
        }
    }

    /// Who holds a line: nil when it is free or not known, "" when the kernel gives no name.
    func holder(of offset: UInt32) -> String? {
        var text = [CChar](repeating: 0, count: 64)
        guard cgpiod_line_holder(handle, offset, &text, text.count) == 1 else { return nil }
        return text.withUnsafeBytes { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}

/// Finds the chip by its label when lines are wanted, and shares it among the channels that hold lines of it.
final class LabelledGPIOChip: LineSource {
    private let label: String
    private let directory: String
    private weak var chip: GPIOChip?

    init(label: String, in directory: String) {
        self.label = label
        self.directory = directory
    }

    func request(_ channel: GPIOChannelRequest) throws(EdgeSourceError) -> any RequestedLines {
        let chip = try open()
        return try GPIOLines(channel, on: chip)
    }

    private func open() throws(EdgeSourceError) -> GPIOChip {
        if let chip { return chip }
        let path = try gpioDevice(labelled: label, in: directory, identify: GPIOChip.identify)
        let opened = try GPIOChip(path: path)
        chip = opened
        return opened
    }
}

/// Lines of a real chip.
final class GPIOLines: RequestedLines {
    /// As `gpioinfo` and other programs that want the line see it.
    static let consumer = "reallabor-node"

    let descriptors: [Int32]
    /// libgpiod 1.6 keeps its lines inside the chip, so it must not be closed before they are released.
    private let chip: GPIOChip
    private let lines: UnsafeMutablePointer<cgpiod_lines>

    init(_ channel: GPIOChannelRequest, on chip: GPIOChip) throws(EdgeSourceError) {
        let lines = channel.inputs.map { String($0.lineOffset) }.joined(separator: ", ")
        let operation: Sentence =
            channel.inputs.count == 1
            ? "request line \(lines) of \(chip.path) (\(chip.label)) for channel \"\(channel.name)\""
            : "request lines \(lines) of \(chip.path) (\(chip.label)) for channel \"\(channel.name)\""
        var setups: [cgpiod_line_setup] = []
        for input in channel.inputs {
            guard input.lineOffset < chip.lineCount else {
                throw EdgeSourceError(
                    operation: operation, code: EINVAL,
                    advice: "line \(input.lineOffset) does not exist; the chip has lines 0 to \(chip.lineCount - 1)")
            }
            setups.append(
                cgpiod_line_setup(
                    offset: input.lineOffset, bias: input.bias.code, is_active_low: input.isActiveLow,
                    debounce_us: try microseconds(input.kernelDebounce, operation: operation)))
        }
        self.lines = .allocate(capacity: 1)
        self.chip = chip
        guard cgpiod_request(chip.handle, setups, UInt32(setups.count), Self.consumer, self.lines) == 0 else {
            let code = errno
            self.lines.deallocate()
            throw EdgeSourceError(
                operation: operation, code: code, advice: requestAdvice(code, for: channel, on: chip))
        }
        let count = Int(self.lines.pointee.descriptor_count)
        descriptors = withUnsafeBytes(of: &self.lines.pointee.descriptors) {
            Array($0.bindMemory(to: Int32.self).prefix(count))
        }
    }

    deinit {
        cgpiod_release(lines)
        lines.deallocate()
    }

    func level(_ input: Int) -> Int32 { cgpiod_level(lines, UInt32(input)) }
}

private func microseconds(_ debounce: TimeSpan?, operation: Sentence) throws(EdgeSourceError) -> UInt32 {
    guard let debounce else { return 0 }
    guard GPIOEdgeSource.capabilities.hasKernelDebounce else {
        throw EdgeSourceError(
            operation: operation, code: ENOTSUP,
            advice:
                "\(GPIOEdgeSource.capabilities.backend) can't debounce in the kernel; choose the node's own filter, or Debian 13")
    }
    let count = debounce.nanoseconds / 1_000
    guard (1...Int64(UInt32.max)).contains(count) else {
        throw EdgeSourceError(
            operation: operation, code: EINVAL, advice: "a kernel debounce must be from 1 µs to 71 minutes long")
    }
    return UInt32(count)
}

/// What to do about a refused request, by `errno`.
private func requestAdvice(_ code: Int32, for channel: GPIOChannelRequest, on chip: GPIOChip) -> Sentence {
    switch code {
    case EBUSY: return busyAdvice(channel.inputs.map { ($0.lineOffset, chip.holder(of: $0.lineOffset)) })
    case EACCES, EPERM: return gpioGroupAdvice
    case ENODEV: return "the chip is gone; is it plugged in?"
    case EINVAL, ENOTSUP, EOPNOTSUPP, ENXIO:
        return "the chip can't set the lines up like this; not every chip has pull resistors or edge interrupts (try bias as-is)"
    default: return Sentence(verbatim: systemText(code))
    }
}

func busyAdvice(_ lines: [(offset: UInt32, holder: String?)]) -> Sentence {
    let held: [Sentence] = lines.compactMap { line in
        guard let holder = line.holder else { return nil }
        return holder.isEmpty ? "line \(line.offset) is in use by the kernel" : "line \(line.offset) is in use by \"\(holder)\""
    }
    let what = held.isEmpty ? "one of the lines is in use" : Sentence.list(held, separator: ", ")
    return "\(what); stop what uses it (a program, or a dtoverlay in config.txt), or wire the input to another line"
}

extension InputBias {
    fileprivate var code: cgpiod_bias {
        switch self {
        case .asIs: CGPIOD_BIAS_AS_IS
        case .none: CGPIOD_BIAS_DISABLED
        case .pullUp: CGPIOD_BIAS_PULL_UP
        case .pullDown: CGPIOD_BIAS_PULL_DOWN
        }
    }
}

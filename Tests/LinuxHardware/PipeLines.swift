import Glibc
import SensorCore

@testable import LinuxHardware

/// Lines whose edges a test writes into pipes, as the kernel would: `struct gpioevent_data` (uAPI v1) or
/// `struct gpio_v2_line_event`, whichever this build reads.
final class PipeLines: RequestedLines {
    static let isV1 = !GPIOEdgeSource.capabilities.hasSequenceNumbers

    let descriptors: [Int32]
    var levels: [Int32]
    private let offsets: [UInt32]
    private var writers: [Int32]

    init(offsets: [UInt32]) {
        self.offsets = offsets
        levels = Array(repeating: 0, count: offsets.count)
        var readers: [Int32] = []
        writers = []
        for _ in 0..<(Self.isV1 ? offsets.count : 1) {
            var ends: [Int32] = [-1, -1]
            precondition(pipe(&ends) == 0, "pipe failed")
            _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
            readers.append(ends[0])
            writers.append(ends[1])
        }
        descriptors = readers
    }

    deinit {
        for descriptor in descriptors { close(descriptor) }
        unplug()
    }

    func level(_ input: Int) -> Int32 {
        if levels[input] < 0 { errno = ENODEV }
        return levels[input]
    }

    func edge(_ input: Int, level: Bool, at nanoseconds: UInt64, sequence: UInt32 = 1) {
        var record = [UInt64](repeating: 0, count: Self.isV1 ? 2 : 6)
        let id: UInt64 = level ? 1 : 2
        record[0] = nanoseconds
        record[1] = Self.isV1 ? id : id | UInt64(offsets[input]) << 32
        if !Self.isV1 { record[2] = UInt64(sequence) << 32 }
        let size = record.count * 8
        precondition(write(writers[Self.isV1 ? input : 0], record, size) == size, "pipe full")
    }

    /// The other end goes, as when a chip is unplugged.
    func unplug() {
        for writer in writers { close(writer) }
        writers = []
    }
}

/// Gives each channel pipes, or the fault set for it.
final class PipeLineSource: LineSource {
    var lines: [String: PipeLines] = [:]
    var faults: [String: EdgeSourceError] = [:]

    func request(_ channel: GPIOChannelRequest) throws(EdgeSourceError) -> any RequestedLines {
        if let fault = faults[channel.name] { throw fault }
        let made = PipeLines(offsets: channel.inputs.map(\.lineOffset))
        lines[channel.name] = made
        return made
    }
}

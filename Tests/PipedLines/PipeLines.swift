import Glibc
package import LinuxHardware
package import SensorCore

/// Lines whose edges are written into pipes, as the kernel would: `struct gpioevent_data` (uAPI v1) or
/// `struct gpio_v2_line_event`, whichever this build reads.
package final class PipeLines: RequestedLines {
    package static let isV1 = !GPIOEdgeSource.capabilities.hasSequenceNumbers

    package let descriptors: [Int32]
    package var levels: [Int32]
    /// The ends to write to, also for another process: one per line with uAPI v1, one for all with v2.
    package private(set) var writers: [Int32]
    private let offsets: [UInt32]

    package init(offsets: [UInt32]) {
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

    package func level(_ input: Int) -> Int32 {
        if levels[input] < 0 { errno = ENODEV }
        return levels[input]
    }

    /// An edge as the kernel hands it over.
    package static func record(offset: UInt32, level: Bool, at nanoseconds: UInt64, sequence: UInt32) -> [UInt64] {
        let id: UInt64 = level ? 1 : 2
        if isV1 { return [nanoseconds, id] }
        return [nanoseconds, id | UInt64(offset) << 32, UInt64(sequence) << 32, 0, 0, 0]
    }

    package func edge(_ input: Int, level: Bool, at nanoseconds: UInt64, sequence: UInt32 = 1) {
        let record = Self.record(offset: offsets[input], level: level, at: nanoseconds, sequence: sequence)
        let size = record.count * 8
        precondition(write(writers[Self.isV1 ? input : 0], record, size) == size, "pipe full")
    }

    /// The other end goes, as when a chip is unplugged.
    package func unplug() {
        for writer in writers { close(writer) }
        writers = []
    }
}

/// Gives each channel pipes, or the fault set for it.
package final class PipeLineSource: LineSource {
    package var lines: [String: PipeLines] = [:]
    package var faults: [String: EdgeSourceError] = [:]

    package init() {}

    package func request(_ channel: GPIOChannelRequest) throws(EdgeSourceError) -> any RequestedLines {
        if let fault = faults[channel.name] { throw fault }
        let made = PipeLines(offsets: channel.inputs.map(\.lineOffset))
        lines[channel.name] = made
        return made
    }
}

public import HostFiles
import CGPIOD
import Glibc
public import SensorCore

/// Edges of several channels on the lines of one GPIO chip.
///
/// A channel whose lines can't be had, or are lost, does not disturb the others: see `faults`. Edges of different
/// inputs of one channel are in the order of their timestamps as far as the kernel has handed them over when they are
/// read; one that its interrupt thread hands over later than that comes late, its timestamp true.
///
/// After edges were taken, the next `wait` lets others gather for `gatherTime` before it looks again: a busy line costs a
/// turn per gathering, not per edge, while the first edge after a pause is taken at once. Timestamps are the kernel's, so
/// nothing is measured later by it.
public final class GPIOEdgeSource: EdgeSource {
    /// What libgpiod and the kernel interface it speaks can do; the major version is chosen when the node is built.
    public static let capabilities = EdgeCapabilities(
        backend: "libgpiod \(String(cString: cgpiod_version())) (GPIO uAPI v\(CGPIOD_UAPI))",
        hasSequenceNumbers: CGPIOD_UAPI >= 2, hasKernelDebounce: CGPIOD_UAPI >= 2,
        bufferedEvents: CGPIOD_KERNEL_EVENTS)

    /// Nothing where the kernel holds 16 events (uAPI v1). Of 1024 it fills half at 50,000 edges/s. To wake an idle core costs
    /// far more than an edge does: at half the time a line of 5,000 edges/s costs nearly twice as much.
    package static func gatherTime(bufferedEvents: Int = capabilities.bufferedEvents) -> TimeSpan {
        bufferedEvents >= 1024 ? .milliseconds(10) : .zero
    }

    public var capabilities: EdgeCapabilities { Self.capabilities }
    /// Per channel why it gives no edges; nil while it does.
    public private(set) var faults: [EdgeSourceError?]

    private let requests: [GPIOChannelRequest]
    private let lineSource: any LineSource
    private let wake: WakeEvent
    private let pollSet: PollSet
    /// The wake signal alone.
    private let quietSet: PollSet
    private let gatherTime: TimeSpan
    /// Edges were taken since the last look.
    private var mayGather = false
    private var channels: [ArmedChannel?]
    /// Where the next `read` looks first, so that a busy channel does not starve the others.
    private var nextChannel = 0

    /// The lines of one channel while they are held.
    private final class ArmedChannel {
        let lines: any RequestedLines
        let queue: EdgeQueue
        var hasHungUp = false
        /// Everything was taken a moment ago: asking the kernel once more would tell nothing.
        var isDrained = false

        init(lines: any RequestedLines, offsets: [UInt32]) {
            self.lines = lines
            queue = EdgeQueue(offsets: offsets, descriptors: lines.descriptors)
        }
    }

    /// Requests the lines of all channels for edges in both directions. A channel that can't be had is in `faults`.
    /// - Parameters:
    ///   - chipLabel: the chip by its label ("pinctrl-bcm2711"), searched over all GPIO devices.
    ///   - wake: ends `wait` from another thread.
    ///   - directory: where the GPIO devices are.
    public convenience init(
        chipLabel: String, channels: [GPIOChannelRequest], wake: WakeEvent, devicesIn directory: String = "/dev"
    ) {
        self.init(channels: channels, wake: wake, lineSource: LabelledGPIOChip(label: chipLabel, in: directory))
    }

    package init(
        channels requests: [GPIOChannelRequest], wake: WakeEvent, lineSource: any LineSource,
        gatherTime: TimeSpan = GPIOEdgeSource.gatherTime()
    ) {
        self.requests = requests
        self.gatherTime = gatherTime
        self.lineSource = lineSource
        self.wake = wake
        channels = Array(repeating: nil, count: requests.count)
        faults = Array(repeating: nil, count: requests.count)
        pollSet = PollSet(count: 1 + requests.reduce(0) { $0 + $1.inputs.count })
        pollSet.watch(wake.descriptor, at: 0)
        quietSet = PollSet(count: 1)
        quietSet.watch(wake.descriptor, at: 0)
        for index in requests.indices {
            // `arm` has noted why in `faults`.
            do throws(EdgeSourceError) { try arm(channel: index) } catch {}
        }
    }

    /// Requests the lines of a channel that has a fault; no effect on a channel that works. Allocates.
    public func arm(channel index: Int) throws(EdgeSourceError) {
        guard channels[index] == nil else { return }
        do {
            let lines = try lineSource.request(requests[index])
            channels[index] = ArmedChannel(lines: lines, offsets: requests[index].inputs.map(\.lineOffset))
            faults[index] = nil
            let places = pollPlaces(of: index)
            for (place, descriptor) in zip(places, lines.descriptors) { pollSet.watch(descriptor, at: place) }
        } catch {
            var fault = error
            fault.channel = index
            faults[index] = fault
            throw fault
        }
    }

    public func wait(until deadline: MonotonicInstant) throws(EdgeSourceError) {
        for channel in channels { channel?.isDrained = false }
        for index in channels.indices {
            if let channel = channels[index], channel.hasHungUp || !channel.queue.isEmpty {
                mayGather = false
                return
            }
        }
        if mayGather {
            mayGather = false
            if gatherTime > .zero {
                // Whether there are any, and whether a line is lost, the next look shows.
                try check(quietSet.wait(until: min(deadline, monotonicNow() + gatherTime)))
                if quietSet.isReadable(0) { wake.clear() }
                return
            }
        }
        try check(pollSet.wait(until: deadline))
        if pollSet.isReadable(0) { wake.clear() }
        for index in channels.indices {
            guard let channel = channels[index] else { continue }
            for place in pollPlaces(of: index) where pollSet.hasFailed(place) { channel.hasHungUp = true }
        }
    }

    private func check(_ failure: Int32) throws(EdgeSourceError) {
        guard failure != 0 else { return }
        throw EdgeSourceError(operation: "wait for edges", code: failure, advice: Sentence(verbatim: systemText(failure)))
    }

    /// Takes edges of one channel. A channel that has failed throws once, with its index in the error; then it is
    /// out, with the error in `faults`, until `arm`.
    public func read(into buffer: UnsafeMutableBufferPointer<EdgeEvent>) throws(EdgeSourceError) -> EdgeBatch? {
        precondition(!buffer.isEmpty, "edges need room")
        for step in channels.indices {
            let index = (nextChannel + step) % channels.count
            guard let channel = channels[index] else { continue }
            if channel.queue.isEmpty {
                if channel.isDrained {
                    channel.isDrained = false
                    continue
                }
                let code = channel.queue.refill()
                channel.isDrained = channel.queue.hasTakenAll
                if channel.queue.isEmpty && (code != 0 || channel.hasHungUp) {
                    throw disarm(index, code: code == 0 ? ENODEV : code)
                }
                // Edges first; what has failed will say so again.
                if channel.queue.isEmpty {
                    channel.isDrained = false
                    continue
                }
                if code != 0 { channel.isDrained = false }
            }
            nextChannel = (index + 1) % channels.count
            mayGather = true
            let taken = channel.queue.take(into: buffer)
            return EdgeBatch(channel: index, count: taken.count, mayHaveOverflowed: taken.mayHaveOverflowed)
        }
        return nil
    }

    public func level(channel index: Int, input: Int) throws(EdgeSourceError) -> Bool {
        guard let channel = channels[index] else {
            throw faults[index]
                ?? EdgeSourceError(operation: "read a level", code: ENODEV, advice: "not armed", channel: index)
        }
        let level = channel.lines.level(input)
        guard level >= 0 else {
            let code = errno
            throw EdgeSourceError(
                operation:
                    "read the level of line \(requests[index].inputs[input].lineOffset) of channel \"\(requests[index].name)\"",
                code: code, advice: Sentence(verbatim: systemText(code)), channel: index)
        }
        return level == 1
    }

    /// Gives the lines of a failed channel back and notes why.
    private func disarm(_ index: Int, code: Int32) -> EdgeSourceError {
        for place in pollPlaces(of: index) { pollSet.watch(-1, at: place) }
        channels[index] = nil
        let fault = EdgeSourceError(
            operation: "read edges of channel \"\(requests[index].name)\"", code: code,
            advice: code == ENODEV
                ? "the GPIO chip is gone; was it unplugged, or its driver unloaded?" : Sentence(verbatim: systemText(code)),
            channel: index)
        faults[index] = fault
        return fault
    }

    private func pollPlaces(of index: Int) -> Range<Int> {
        var first = 1
        for earlier in 0..<index { first += requests[earlier].inputs.count }
        return first..<(first + requests[index].inputs.count)
    }
}

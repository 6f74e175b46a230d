import HostFiles
import Glibc
import PipedLines
import SensorCore
import Synchronization
import TestSupport
import Testing

@testable import LinuxHardware

private final class Flag: Sendable {
    private let value = Atomic<Bool>(false)
    var isRaised: Bool { value.load(ordering: .sequentiallyConsistent) }
    func raise() { value.store(true, ordering: .sequentiallyConsistent) }
}

@Suite(.blocksItsThread) struct GPIOEdgeSourceTests {
    private let lines = PipeLineSource()
    private let wake: WakeEvent
    private let past = MonotonicInstant(nanoseconds: 0)

    init() throws { wake = try WakeEvent() }

    private func source(_ channels: (name: String, offsets: [UInt32])...) -> GPIOEdgeSource {
        GPIOEdgeSource(
            channels: channels.map { channel in
                GPIOChannelRequest(
                    name: channel.name,
                    inputs: channel.offsets.map { GPIOInput(lineOffset: $0, bias: .pullUp, isActiveLow: true) })
            }, wake: wake, lineSource: lines)
    }

    /// One `read` with room for `room` edges.
    private func read(
        _ source: GPIOEdgeSource, room: Int = 64
    ) throws(EdgeSourceError) -> (batch: EdgeBatch, edges: [EdgeEvent])? {
        let buffer = UnsafeMutableBufferPointer<EdgeEvent>.allocate(capacity: room)
        defer { buffer.deallocate() }
        guard let batch = try source.read(into: buffer) else { return nil }
        return (batch, Array(buffer[..<batch.count]))
    }

    @Test("States what its backend can do") func statesWhatItsBackendCanDo() {
        let stated = GPIOEdgeSource.capabilities
        let isV2 = stated.backend.hasPrefix("libgpiod 2.")
        #expect(isV2 || stated.backend.hasPrefix("libgpiod 1."))
        #expect(stated.backend.hasSuffix(isV2 ? "(GPIO uAPI v2)" : "(GPIO uAPI v1)"))
        #expect(stated.hasSequenceNumbers == isV2)
        #expect(stated.hasKernelDebounce == isV2)
        #expect(stated.bufferedEvents == (isV2 ? 1024 : 16))
        #expect(source(("north", [17])).capabilities == stated)
    }

    @Test("Gives the kernel's timestamps and levels") func givesTheKernelsTimestampsAndLevels() throws {
        let source = source(("north", [17]))
        let north = try #require(lines.lines["north"])
        #expect(try read(source) == nil)
        north.edge(0, level: true, at: 1_000_000_007, sequence: 41)
        north.edge(0, level: false, at: 4_294_967_296_000_000_123, sequence: 42)
        let found = try #require(try read(source))
        let numbers: [UInt32] = PipeLines.isV1 ? [0, 0] : [41, 42]
        #expect(found.batch == EdgeBatch(channel: 0, count: 2, mayHaveOverflowed: false))
        #expect(
            found.edges == [
                EdgeEvent(
                    instant: MonotonicInstant(nanoseconds: 1_000_000_007), input: 0, level: true,
                    lineSequence: numbers[0]),
                EdgeEvent(
                    instant: MonotonicInstant(nanoseconds: 4_294_967_296_000_000_123), input: 0, level: false,
                    lineSequence: numbers[1]),
            ])
        #expect(try read(source) == nil)
    }

    @Test("Merges the inputs of a channel by time") func mergesTheInputsOfAChannelByTime() throws {
        let source = source(("beam", [5, 3]))
        let beam = try #require(lines.lines["beam"])
        for (input, instant) in [(0, 10), (0, 40), (0, 50), (1, 20), (1, 30), (1, 60)] as [(Int, UInt64)] {
            beam.edge(input, level: input == 0, at: instant)
        }
        let found = try #require(try read(source))
        #expect(found.edges.map(\.instant.nanoseconds) == [10, 20, 30, 40, 50, 60])
        #expect(found.edges.map(\.input) == [0, 1, 1, 0, 0, 1])
        #expect(found.edges.map(\.level) == [true, false, false, true, true, false])
    }

    /// What does not fit stays in order and is not waited for.
    @Test("Keeps what the buffer has no room for") func keepsWhatTheBufferHasNoRoomFor() throws {
        let source = source(("beam", [5, 3]))
        let beam = try #require(lines.lines["beam"])
        for instant in stride(from: 10, to: 130, by: 20) as StrideTo<UInt64> {
            beam.edge(0, level: true, at: instant)
            beam.edge(1, level: true, at: instant + 10)
        }
        var instants: [Int64] = []
        while true {
            // Would block for ever if it forgot the rest.
            if instants.count % 12 != 0 { try source.wait(until: .distantFuture) }
            guard let found = try read(source, room: 5) else { break }
            instants += found.edges.map(\.instant.nanoseconds)
        }
        #expect(instants == Array(stride(from: 10, through: 120, by: 10)))
    }

    @Test("Tells a full kernel queue with its last edge", arguments: [15, 16, 17, 40])
    func tellsAFullKernelQueueWithItsLastEdge(count: Int) throws {
        let source = source(("north", [17]))
        let north = try #require(lines.lines["north"])
        for index in 0..<count { north.edge(0, level: index % 2 == 0, at: UInt64(index + 1)) }
        var flags: [Bool] = []
        var total = 0
        while let found = try read(source, room: 8) {
            flags.append(found.batch.mayHaveOverflowed)
            total += found.batch.count
        }
        #expect(total == count)
        // The kernel's queue holds 16 in uAPI v1; with v2 the sequence numbers tell.
        var expected: [Bool] = []
        if PipeLines.isV1 {
            for start in stride(from: 0, to: count, by: 16) {
                let size = min(16, count - start)
                expected += size > 8 ? [false, size == 16] : [false]
            }
        } else {
            expected = Array(repeating: false, count: (count + 7) / 8)
        }
        #expect(flags == expected)
    }

    @Test("Takes turns between channels") func takesTurnsBetweenChannels() throws {
        let source = source(("north", [17]), ("south", [27]), ("quiet", [22]))
        for name in ["north", "south"] {
            let channel = try #require(lines.lines[name])
            for instant in 1...12 { channel.edge(0, level: true, at: UInt64(instant)) }
        }
        var order: [Int] = []
        while let found = try read(source, room: 4) { order.append(found.batch.channel) }
        #expect(order == [0, 1, 0, 1, 0, 1])
    }

    @Test("Counts on when another channel cant be had") func countsOnWhenAnotherChannelCantBeHad() throws {
        lines.faults["busy"] = EdgeSourceError(operation: "request line 4", code: EBUSY, advice: "stop lirc")
        let source = source(("busy", [4]), ("north", [17]))
        #expect(source.faults[0]?.code == EBUSY)
        #expect(source.faults[0]?.channel == 0)
        #expect(source.faults[1] == nil)
        try #require(lines.lines["north"]).edge(0, level: true, at: 5)
        try source.wait(until: .distantFuture)
        #expect(try read(source)?.batch.channel == 1)
        let error = thrown(EdgeSourceError.self) { try source.level(channel: 0, input: 0) }
        #expect(error?.advice == "stop lirc")

        // The line becomes free.
        lines.faults = [:]
        try source.arm(channel: 0)
        #expect(source.faults == [nil, nil])
        try #require(lines.lines["busy"]).edge(0, level: true, at: 6)
        try source.wait(until: .distantFuture)
        #expect(try read(source)?.batch.channel == 0)
    }

    @Test("Reports a lost channel once with its last edges") func reportsALostChannelOnceWithItsLastEdges() throws {
        let source = source(("north", [17]), ("usb", [0]))
        let usb = try #require(lines.lines["usb"])
        usb.edge(0, level: true, at: 9)
        usb.unplug()
        try source.wait(until: .distantFuture)
        #expect(try read(source)?.edges.map(\.instant.nanoseconds) == [9])
        try source.wait(until: .distantFuture)
        let error = thrown(EdgeSourceError.self) { try read(source) }
        #expect(error?.channel == 1)
        #expect(error?.operation.description.contains("\"usb\"") == true)
        #expect(source.faults == [nil, error])
        #expect(try read(source) == nil)

        // It is not polled any more: only the signal ends this wait.
        let wake = wake
        let gaveSignal = Flag()
        let thread = try NodeThread(name: "waker", stackSize: 65_536) {
            usleep(20_000)
            gaveSignal.raise()
            wake.signal()
        }
        try source.wait(until: .distantFuture)
        #expect(gaveSignal.isRaised)
        #expect(thread.join(timeout: .seconds(60)))
        try source.wait(until: past)
        #expect(try read(source) == nil)

        // The others go on.
        try #require(lines.lines["north"]).edge(0, level: true, at: 10)
        try source.wait(until: .distantFuture)
        #expect(try read(source)?.batch.channel == 0)
    }

    @Test("Reads levels from the lines") func readsLevelsFromTheLines() throws {
        let source = source(("beam", [5, 3]))
        let beam = try #require(lines.lines["beam"])
        beam.levels = [0, 1]
        #expect(try source.level(channel: 0, input: 0) == false)
        #expect(try source.level(channel: 0, input: 1) == true)
        beam.levels = [0, -1]
        let error = thrown(EdgeSourceError.self) { try source.level(channel: 0, input: 1) }
        #expect(error?.code == ENODEV)
        #expect(error?.operation.description == "read the level of line 3 of channel \"beam\"")
    }

    @Test("Wakes from another thread") func wakesFromAnotherThread() throws {
        let source = source(("north", [17]))
        let wake = wake
        let thread = try NodeThread(name: "waker", stackSize: 65_536) { wake.signal() }
        try source.wait(until: .distantFuture)
        #expect(thread.join(timeout: .seconds(60)))
        #expect(try read(source) == nil)
    }

    /// After edges were taken the next ones gather: the wait does not end at once though one is there, but the signal ends it.
    @Test("Edges gather after a batch") func edgesGatherAfterABatch() throws {
        let source = GPIOEdgeSource(
            channels: [GPIOChannelRequest(name: "north", inputs: [GPIOInput(lineOffset: 17, bias: .pullUp, isActiveLow: true)])],
            wake: wake, lineSource: lines, gatherTime: .seconds(3600))
        let north = try #require(lines.lines["north"])
        // The first edge after a pause is not waited with.
        north.edge(0, level: true, at: 1)
        try source.wait(until: .distantFuture)
        #expect(try read(source)?.batch.count == 1)
        north.edge(0, level: false, at: 2)
        let gaveSignal = Flag()
        let wake = wake
        let thread = try NodeThread(name: "waker", stackSize: 65_536) {
            usleep(20_000)
            gaveSignal.raise()
            wake.signal()
        }
        try source.wait(until: .distantFuture)
        #expect(gaveSignal.isRaised)
        #expect(thread.join(timeout: .seconds(60)))
        #expect(try read(source)?.batch.count == 1)
        // Nor is a deadline.
        north.edge(0, level: true, at: 3)
        try source.wait(until: past)
        #expect(try read(source)?.batch.count == 1)
    }

    @Test("Only a large buffer lets edges gather") func onlyALargeBufferLetsEdgesGather() {
        #expect(GPIOEdgeSource.gatherTime() == (PipeLines.isV1 ? .zero : .milliseconds(10)))
    }

    @Test("Says for each channel that there is no chip") func saysForEachChannelThatThereIsNoChip() {
        let empty = ScratchFolder()
        let channels = ["a", "b"].map {
            GPIOChannelRequest(name: $0, inputs: [GPIOInput(lineOffset: 1, bias: .asIs, isActiveLow: false)])
        }
        let source = GPIOEdgeSource(
            chipLabel: "pinctrl-bcm2711", channels: channels, wake: wake, devicesIn: empty.path)
        #expect(source.faults.map(\.?.code) == [ENOENT, ENOENT])
        #expect(source.faults.map(\.?.channel) == [0, 1])
    }
}

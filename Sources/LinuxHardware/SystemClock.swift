import HostFiles
import Glibc
public import SensorCore
import Synchronization

/// The machine's own clocks.
///
/// `reading` gives UTC only while the wall clock is known to be synchronised, however plausible it looks.
public final class SystemClock: NodeClock {
    public let bootID: BootID
    private let isAssumedSynchronised: Bool
    private let stampFile: String
    private let isSynchronisedNow: Atomic<Bool>

    /// - Parameter assumeSynchronised: trust the wall clock as it is: for the lab, and for networks without a time
    ///   source where the clock is set by hand or kept by a good RTC.
    public convenience init(assumeSynchronised: Bool = false) throws(HostError) {
        try self.init(
            assumeSynchronised: assumeSynchronised, bootIDFile: "/proc/sys/kernel/random/boot_id",
            stampFile: "/run/systemd/timesync/synchronized")
    }

    init(assumeSynchronised: Bool, bootIDFile: String, stampFile: String) throws(HostError) {
        bootID = try readBootID(bootIDFile)
        isAssumedSynchronised = assumeSynchronised
        self.stampFile = stampFile
        isSynchronisedNow = Atomic(
            assumeSynchronised || isSynchronised(gatherSynchronisationEvidence(stampFile: stampFile)))
    }

    /// Asks again whether the wall clock is synchronised; about once a second, from one thread. Returns the answer.
    @discardableResult
    public func refreshSynchronisation() -> Bool {
        let answer = isAssumedSynchronised || isSynchronised(gatherSynchronisationEvidence(stampFile: stampFile))
        isSynchronisedNow.store(answer, ordering: .relaxed)
        return answer
    }

    public func now() -> MonotonicInstant { monotonicNow() }

    public func reading() -> ClockReading {
        guard isSynchronisedNow.load(ordering: .relaxed) else {
            return ClockReading(instant: monotonicNow(), utc: nil)
        }
        // The two clocks can't be read at once. The narrowest of a few brackets is the one least disturbed.
        var best = bracket()
        for _ in 0..<4 where best.width.nanoseconds > 5_000 {
            let next = bracket()
            if next.width < best.width { best = next }
        }
        return best.reading
    }

    public func sleep(until deadline: MonotonicInstant) {
        // "No deadline" is beyond what the kernel takes in nanoseconds, not in seconds.
        var wake = timespec(
            tv_sec: Int(max(0, deadline.nanoseconds) / 1_000_000_000),
            tv_nsec: Int(max(0, deadline.nanoseconds) % 1_000_000_000))
        while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &wake, nil) == EINTR {}
    }

    private func bracket() -> (reading: ClockReading, width: TimeSpan) {
        let before = monotonicNow()
        let utc = realtimeNow()
        let width = monotonicNow() - before
        let middle = before + TimeSpan(nanoseconds: width.nanoseconds / 2)
        return (ClockReading(instant: middle, utc: utc), width)
    }
}

func monotonicNow() -> MonotonicInstant {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return MonotonicInstant(nanoseconds: nanoseconds(time))
}

/// Whatever the wall clock shows: trusted by nobody but `SystemClock`, which knows when.
func realtimeNow() -> WallClockTime {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return WallClockTime(nanoseconds: nanoseconds(time))
}

func nanoseconds(_ time: timespec) -> Int64 { Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec) }

private func readBootID(_ path: String) throws(HostError) -> BootID {
    let operation: Sentence = "read the boot id from \(path)"
    let bytes: [UInt8]
    do throws(FileError) {
        bytes = try FileReader(path).readAll(limit: 64)
    } catch {
        throw HostError(operation: operation, code: error.code, advice: "records need it; is /proc mounted?")
    }
    let text = String(decoding: bytes.prefix { $0 > 0x20 }, as: UTF8.self)
    guard text.utf8.count == 36 else {
        throw HostError(operation: operation, code: 0, advice: "expected a UUID, found \"\(text)\"")
    }
    return BootID(text)
}

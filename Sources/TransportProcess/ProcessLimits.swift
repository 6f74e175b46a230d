import CTransportProcess
import Glibc
import HostFiles

/// What a transport process does to itself before it talks to anybody: a broker can do no more than make it die.
public enum ProcessLimits {
    /// Seconds of the processor's time that a turn may take; one takes milliseconds.
    package static let longestTurn = 10
    /// Bytes of memory of its own: a window of 20 messages of the longest, 1 MiB, in libmosquitto's hands and in a buffer of frames, and as
    /// much again. One at work takes 2 to 3 MB. The kernel counts these also where there is no memory cgroup (Raspberry Pi OS).
    static let data: UInt = 48 << 20
    /// Of everything mapped, program and libraries included.
    static let addressSpace: UInt = 256 << 20

    /// Bounds memory, allows no core (the password is in it), offers the process to the kernel first when memory is short, and has it
    /// tell of its death on `descriptor`. What the system refuses is gone without: the unit asks for it as well.
    public static func apply(tellingOn descriptor: Int32) {
        _ = transport_take_name()
        _ = transport_limit_core()
        let used = memoryInUse()
        // Where more is in use from the start, as under a sanitizer, a limit would end the process at its next allocation.
        if used.data <= data { _ = transport_limit_data(data) }
        if used.addressSpace <= addressSpace { _ = transport_limit_address_space(addressSpace) }
        let score = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)
        if score >= 0 {
            _ = write(score, "500", 3)
            close(score)
        }
        _ = transport_is_not_dumpable()
        // The node ends it by closing the socket. Whoever ends the node by a signal to all would cut its last words off.
        for number in [SIGTERM, SIGINT, SIGHUP, SIGPIPE] { signal(number, SIG_IGN) }
        var words: [UInt8] = []
        if TransportFrame.dying(signal: 0).write(to: &words) {
            transport_say_when_dying(descriptor, words, Int32(words.count))
        }
    }

    /// In bytes, as proc(5) gives them in statm; none where it can't be read.
    private static func memoryInUse() -> (addressSpace: UInt, data: UInt) {
        let text: [UInt8]
        do throws(FileError) { text = try FileReader("/proc/self/statm").readAll(limit: 200) } catch { return (0, 0) }
        let pages = String(decoding: text, as: UTF8.self).split { $0 == " " || $0 == "\n" }.map { UInt($0) ?? 0 }
        guard pages.count > 5, let size = UInt(exactly: sysconf(Int32(_SC_PAGESIZE))) else { return (0, 0) }
        return (pages[0].multipliedReportingOverflow(by: size).partialValue, pages[5].multipliedReportingOverflow(by: size).partialValue)
    }

    /// Begins a turn of the process's loop: without another within `longestTurn` of processor time it dies of SIGPROF, also when
    /// nobody is left who could end it.
    public static func beginTurn() { _ = transport_begin_turn(Int32(longestTurn)) }
}

import Glibc
import SensorCore
import PipedLines

func nanoseconds(_ clock: clockid_t = CLOCK_MONOTONIC) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// Writes edges into a pipe at even distances, each stamped as it is written, as an interrupt would.
func feed(_ descriptor: Int32, offset: UInt32, rate: Int64, seconds: Int64) {
    // Like the interrupt it stands for: before anything else, where that is allowed.
    var parameters = sched_param(sched_priority: 60)
    sched_setscheduler(0, SCHED_FIFO, &parameters)
    let start = nanoseconds()
    for number in 1...(rate * seconds) {
        let due = start + number * 1_000_000_000 / rate
        var time = timespec(tv_sec: Int(due / 1_000_000_000), tv_nsec: Int(due % 1_000_000_000))
        while clock_nanosleep(CLOCK_MONOTONIC, Int32(TIMER_ABSTIME), &time, nil) != 0 {}
        let record = PipeLines.record(
            offset: offset, level: number % 2 == 1, at: UInt64(nanoseconds()), sequence: UInt32(truncatingIfNeeded: number))
        if write(descriptor, record, record.count * 8) != record.count * 8 { exit(1) }
    }
}

/// Keeps one core busy.
func burn(seconds: Int64) {
    let end = nanoseconds() + seconds * 1_000_000_000
    while nanoseconds() < end {}
}

/// This program once more, with other words.
func spawn(_ words: [String]) -> pid_t {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    guard readlink("/proc/self/exe", &path, path.count - 1) > 0 else { exit(70) }
    var arguments: [UnsafeMutablePointer<CChar>?] = (["EdgeBench"] + words).map { strdup($0) } + [nil]
    defer { for text in arguments { free(text) } }
    var process: pid_t = 0
    guard posix_spawn(&process, path, nil, nil, &arguments, environ) == 0 else {
        print("cannot start another EdgeBench: \(systemText(errno))")
        exit(70)
    }
    return process
}

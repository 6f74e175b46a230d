import CLinuxHost
import Glibc
import SensorCore

/// What the machine knows about its clock, as far as it tells whether UTC can be trusted.
struct SynchronisationEvidence: Hashable {
    /// When systemd-timesyncd last said that it had synchronised; nil when it never did.
    var timesyncStamp: WallClockTime?
    /// The start of this boot, on today's wall clock.
    var bootStart: WallClockTime
    /// What adjtimex returned, TIME_OK to TIME_ERROR; -1 when it failed.
    var kernelState: Int32
    /// The kernel's STA_ bits.
    var kernelStatus: Int32
}

/// Whether the wall clock was set by a time source in this boot.
///
/// A restored time is plausible and wrong: systemd-timesyncd sets the clock at boot to the time of its last
/// shutdown, and an RTC can be off by hours. Neither touches what is looked at here.
/// - timesyncd touches `/run/systemd/timesync/synchronized` at each synchronisation (systemd-timesyncd(8)). `/run` is
///   emptied at boot; where it is not, the file's age tells.
/// - chrony and ntpd clear STA_UNSYNC, and the kernel sets it again when they have not been heard for too long:
///   when the estimated error reaches 16 s, some 9 h at 500 ppm (kernel/time/ntp.c).
func isSynchronised(_ evidence: SynchronisationEvidence) -> Bool {
    // The stamp may be later than now, if the clock was stepped back since.
    if let stamp = evidence.timesyncStamp, stamp >= evidence.bootStart { return true }
    return evidence.kernelState >= 0 && evidence.kernelState != TIME_ERROR && evidence.kernelStatus & STA_UNSYNC == 0
}

/// Asks systemd and the kernel. Two system calls for the file and adjtimex, no I/O.
func gatherSynchronisationEvidence(stampFile: String) -> SynchronisationEvidence {
    var file = stat()
    var stamp: WallClockTime?
    if stat(stampFile, &file) == 0 { stamp = WallClockTime(nanoseconds: nanoseconds(file.st_mtim)) }
    // modes = 0 only reads.
    var kernel = timex()
    let state = adjtimex(&kernel)
    var boot = timespec()
    // BOOTTIME, not MONOTONIC: it goes on while the machine sleeps.
    clock_gettime(CLOCK_BOOTTIME, &boot)
    return SynchronisationEvidence(
        timesyncStamp: stamp, bootStart: WallClockTime(nanoseconds: realtimeNow().nanoseconds - nanoseconds(boot)),
        kernelState: state, kernelStatus: kernel.status)
}

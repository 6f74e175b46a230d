import Glibc
import SensorCore
import TestSupport
import Testing

@testable import LinuxHardware

struct SystemClockTests {
    private static let boot: Int64 = 1_780_000_000

    /// `stamp` in seconds after the boot. Kernel values from adjtimex(2): TIME_OK 0, TIME_INS 1, TIME_ERROR 5;
    /// STA_PLL 0x0001, STA_UNSYNC 0x0040, STA_NANO 0x2000.
    @Test(
        "Decides",
        arguments: [
            // A Pi after boot: time restored and plausible, nobody has synchronised.
            (nil, 5, 0x0040, false),
            // timesyncd has; the kernel's flag is stale or not its own.
            (12, 5, 0x0040, true),
            (0, 5, 0x0040, true),
            // A file that outlived the boot (a container's /run).
            (-1, 5, 0x0040, false),
            (-86_400, 5, 0x0040, false),
            // Stamped, then stepped back: the stamp is in the future.
            (900_000, 5, 0x0040, true),
            // chrony or ntpd.
            (nil, 0, 0x2001, true),
            (nil, 1, 0x2001, true),
            (-86_400, 0, 0x2001, true),
            // Their error estimate has grown too large.
            (nil, 5, 0x2041, false),
            (nil, 0, 0x0040, false),
            (nil, 5, 0x2001, false),
            // adjtimex refused.
            (nil, -1, 0, false),
        ] as [(Int64?, Int32, Int32, Bool)])
    func decides(stamp: Int64?, state: Int32, status: Int32, expected: Bool) {
        let evidence = SynchronisationEvidence(
            timesyncStamp: stamp.map { WallClockTime(secondsSince1970: Self.boot + $0) },
            bootStart: WallClockTime(secondsSince1970: Self.boot), kernelState: state, kernelStatus: status)
        #expect(isSynchronised(evidence) == expected)
    }

    @Test("Looks at the real kernel and file") func looksAtTheRealKernelAndFile() {
        let run = ScratchFolder()
        let stamp = run.write("synchronized")
        let evidence = gatherSynchronisationEvidence(stampFile: stamp)
        #expect(evidence.timesyncStamp != nil)
        #expect((-1...5).contains(evidence.kernelState))
        // Just made, so in this boot.
        #expect(isSynchronised(evidence))
        #expect(gatherSynchronisationEvidence(stampFile: stamp + "-not").timesyncStamp == nil)

        // The same file, last touched in 1970.
        var old = [timespec(), timespec()]
        #expect(utimensat(AT_FDCWD, stamp, &old, 0) == 0)
        let stale = gatherSynchronisationEvidence(stampFile: stamp)
        #expect(stale.timesyncStamp == WallClockTime(nanoseconds: 0))
        #expect(stale.bootStart > WallClockTime(nanoseconds: 0))
    }

    @Test("Gives UTC once synchronised") func givesUTCOnceSynchronised() throws {
        let run = ScratchFolder()
        let bootID = run.write("boot_id", "5a2e1d0c-6f8a-4c0e-9a57-0d3c6f1b2a49\n")
        // A file that is never there: what counts is the kernel, which some machines that run this do discipline.
        let isKernelSynchronised = isSynchronised(gatherSynchronisationEvidence(stampFile: run.path + "/stamp"))
        let clock = try SystemClock(
            assumeSynchronised: false, bootIDFile: bootID, stampFile: run.path + "/stamp")
        #expect((clock.reading().utc != nil) == isKernelSynchronised)
        _ = run.write("stamp")
        #expect(clock.refreshSynchronisation())
        #expect(clock.reading().utc != nil)
        #expect(unlink(run.path + "/stamp") == 0)
        #expect(clock.refreshSynchronisation() == isKernelSynchronised)
        #expect((clock.reading().utc != nil) == isKernelSynchronised)
    }

    @Test("Can be told to trust the wall clock") func canBeToldToTrustTheWallClock() throws {
        let clock = try SystemClock(assumeSynchronised: true)
        #expect(clock.reading().utc != nil)
        #expect(clock.refreshSynchronisation())
        #expect(clock.reading().utc != nil)
    }

    /// Both clocks of one reading lie between readings taken around it.
    @Test("Reads the kernel's clocks") func readsTheKernelsClocks() throws {
        let clock = try SystemClock(assumeSynchronised: true)
        var monotonic = [timespec(), timespec()]
        var real = [timespec(), timespec()]
        clock_gettime(CLOCK_MONOTONIC, &monotonic[0])
        clock_gettime(CLOCK_REALTIME, &real[0])
        let reading = clock.reading()
        let now = clock.now()
        clock_gettime(CLOCK_MONOTONIC, &monotonic[1])
        clock_gettime(CLOCK_REALTIME, &real[1])
        let around = monotonic.map { Int64($0.tv_sec) * 1_000_000_000 + Int64($0.tv_nsec) }
        let wall = real.map { Int64($0.tv_sec) * 1_000_000_000 + Int64($0.tv_nsec) }
        #expect(around[0] <= reading.instant.nanoseconds && reading.instant.nanoseconds <= around[1])
        #expect(reading.instant <= now && now.nanoseconds <= around[1])
        let utc = try #require(reading.utc).nanoseconds
        #expect(wall[0] <= utc && utc <= wall[1])
    }

    @Test("Sleeps not less than asked") func sleepsNotLessThanAsked() throws {
        let clock = try SystemClock()
        let deadline = clock.now() + .milliseconds(2)
        clock.sleep(until: deadline)
        #expect(clock.now() >= deadline)
        // Passed, or before all time: no wait.
        clock.sleep(until: deadline)
        clock.sleep(until: MonotonicInstant(nanoseconds: .min))
    }

    @Test("Reads the boot ID") func readsTheBootID() throws {
        let clock = try SystemClock()
        let file = try #require(fopen("/proc/sys/kernel/random/boot_id", "r"))
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 64)
        #expect(fgets(&line, 64, file) != nil)
        let text = line.withUnsafeBytes { String(decoding: $0.prefix { $0 > 0x20 }, as: UTF8.self) }
        #expect(clock.bootID == BootID(text))
    }

    @Test("Refuses to run without a boot ID", arguments: [nil, "", "5a2e1d0c\n"] as [String?])
    func refusesToRunWithoutABootID(content: String?) {
        let run = ScratchFolder()
        let path = content.map { run.write("boot_id", $0) } ?? run.path + "/none"
        let error = thrown(HostError.self) {
            try SystemClock(assumeSynchronised: true, bootIDFile: path, stampFile: "")
        }
        #expect(error?.operation == "read the boot id from \(path)")
        #expect(error?.code == (content == nil ? ENOENT : 0))
    }
}

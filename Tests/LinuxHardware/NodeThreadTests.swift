import HostFiles
import Glibc
import SensorCore
import Synchronization
import TestSupport
import Testing

@testable import LinuxHardware

/// What a thread found, for the test to read after the join.
private final class Findings: Sendable {
    let numbers = Mutex<[String: Int]>([:])
    let text = Mutex<String>("")
    func note(_ name: String, _ value: Int) { numbers.withLock { $0[name] = value } }
    subscript(name: String) -> Int? { numbers.withLock { $0[name] } }
}

@Suite(.blocksItsThread) struct NodeThreadTests {
    @Test("Has its name and its stack") func hasItsNameAndItsStack() throws {
        let found = Findings()
        let thread = try NodeThread(name: "edges-and-a-long-tail", stackSize: 300_001) {
            let file = fopen("/proc/thread-self/comm", "r")
            var line = [CChar](repeating: 0, count: 64)
            if let file, fgets(&line, 64, file) != nil {
                let comm = line.withUnsafeBytes { String(decoding: $0.prefix { $0 > 0x20 }, as: UTF8.self) }
                found.text.withLock { $0 = comm }
            }
            if let file { fclose(file) }
            found.note("little", MemoryLock.prefaultStack(bytes: 100_000))
            found.note("all", MemoryLock.prefaultStack(bytes: 10_000_000))
        }
        #expect(thread.join(timeout: .seconds(60)))
        // Joining again is no error.
        #expect(thread.join(timeout: .zero))
        #expect(thread.name == "edges-and-a-lon")
        #expect(thread.schedulingFault == nil)
        // The name may be set after the thread has looked.
        let seen = found.text.withLock { $0 }
        #expect(!seen.isEmpty)
        #expect(found["little"] == 100_000)
        let all = try #require(found["all"])
        // glibc may hand out the stack of a thread that has ended, if it is at most four times as large.
        #expect(all > 200_000 && all <= 4 * 303_104, "touched \(all) bytes of 303,104 or a little more")
    }

    @Test("Join gives up at its timeout") func joinGivesUpAtItsTimeout() throws {
        let gate = try WakeEvent()
        let thread = try NodeThread(name: "waits", stackSize: 65_536) {
            let pollSet = PollSet(count: 1)
            pollSet.watch(gate.descriptor, at: 0)
            _ = pollSet.wait(until: .distantFuture)
        }
        #expect(!thread.join(timeout: .milliseconds(1)))
        gate.signal()
        #expect(thread.join(timeout: .seconds(60)))
    }

    /// Granted or not, it runs, and says which.
    @Test("Says whether it is real time", arguments: [10, 1_000] as [Int32])
    func saysWhetherItIsRealTime(priority: Int32) throws {
        let found = Findings()
        let thread = try NodeThread(name: "rt", stackSize: 65_536, scheduling: .realTime(priority: priority)) {
            var policy: Int32 = -1
            var parameters = sched_param()
            pthread_getschedparam(pthread_self(), &policy, &parameters)
            found.note("policy", Int(policy))
            found.note("priority", Int(parameters.sched_priority))
        }
        #expect(thread.join(timeout: .seconds(60)))
        if let fault = thread.schedulingFault {
            #expect(found["policy"] == Int(SCHED_OTHER))
            #expect(fault.code == (priority > 99 ? EINVAL : EPERM))
            #expect(priority > 99 || fault.advice.description.contains("LimitRTPRIO=10"))
        } else {
            #expect(priority == 10)
            #expect(found["policy"] == Int(SCHED_FIFO))
            #expect(found["priority"] == 10)
        }
    }

    @Test("Refuses a stack that is too small") func refusesAStackThatIsTooSmall() {
        let error = thrown(HostError.self) { try NodeThread(name: "tiny", stackSize: 1) {} }
        #expect(error?.code == EINVAL)
        #expect(error?.operation.description == "start thread \"tiny\" with a stack of 4 KB")
    }

    @Test("Lets go of a thread nobody joins") func letsGoOfAThreadNobodyJoins() throws {
        let done = try WakeEvent()
        do { _ = try NodeThread(name: "alone", stackSize: 65_536) { done.signal() } }
        let pollSet = PollSet(count: 1)
        pollSet.watch(done.descriptor, at: 0)
        let code = pollSet.wait(until: .distantFuture)
        #expect(code == 0)
        #expect(done.clear())
    }
}

@Suite(.blocksItsThread) struct PollSetTests {
    @Test("Tells timeout ready and gone apart") func tellsTimeoutReadyAndGoneApart() throws {
        let quiet = try WakeEvent()
        let ready = try WakeEvent()
        ready.signal()
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        close(ends[1])
        defer { close(ends[0]) }
        let pollSet = PollSet(count: 4)
        let unused = pollSet.wait(until: MonotonicInstant(nanoseconds: 0))
        #expect(unused == 0)
        pollSet.watch(quiet.descriptor, at: 0)
        pollSet.watch(ready.descriptor, at: 1)
        pollSet.watch(ends[0], at: 2)
        let first = pollSet.wait(until: .distantFuture)
        #expect(first == 0)
        let readable = (0..<4).map { pollSet.isReadable($0) }
        #expect(readable == [false, true, false, false])
        let failed = (0..<4).map { pollSet.hasFailed($0) }
        #expect(failed == [false, false, true, false])
        // A place given up is not asked about any more.
        pollSet.watch(-1, at: 2)
        let second = pollSet.wait(until: .distantFuture)
        #expect(second == 0)
        let afterwards = (0..<4).map { pollSet.hasFailed($0) }
        #expect(afterwards == [false, false, false, false])
    }
}

@Suite(.blocksItsThread) struct TerminationSignalsTests {
    /// On a thread of its own, since what is blocked belongs to the thread.
    @Test("Arrive where they are waited for", arguments: [SIGTERM, SIGINT])
    func arriveWhereTheyAreWaitedFor(signal: Int32) throws {
        let found = Findings()
        let wake = try WakeEvent()
        let thread = try NodeThread(name: "signals", stackSize: 262_144) {
            do {
                let signals = try TerminationSignals()
                found.note("before", Int(signals.take() ?? 0))
                wake.signal()
                found.note("woken", Int(try signals.wait(until: .distantFuture, wake: wake) ?? 0))
                found.note("drained", wake.clear() ? 0 : 1)
                found.note("late", Int(try signals.wait(until: MonotonicInstant(nanoseconds: 0), wake: wake) ?? 0))
                pthread_kill(pthread_self(), signal)
                found.note("signal", Int(try signals.wait(until: .distantFuture, wake: wake) ?? 0))
                found.note("after", Int(signals.take() ?? 0))
                // Would end the process if SIGPIPE were not ignored.
                var ends: [Int32] = [-1, -1]
                pipe(&ends)
                close(ends[0])
                var byte: UInt8 = 0
                found.note("pipe", write(ends[1], &byte, 1) == -1 ? Int(errno) : 0)
                close(ends[1])
            } catch { found.text.withLock { $0 = "\(error)" } }
        }
        #expect(thread.join(timeout: .seconds(60)))
        #expect(found.text.withLock { $0 } == "")
        #expect(
            found.numbers.withLock { $0 } == [
                "before": 0, "woken": 0, "drained": 1, "late": 0, "signal": Int(signal), "after": 0,
                "pipe": Int(EPIPE),
            ])
    }
}

/// One after the other: what is locked is not let go.
@Suite(.serialized, .blocksItsThread) struct MemoryLockTests {
    private func lockedKilobytes() throws -> Int {
        let file = try #require(fopen("/proc/self/status", "r"))
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, 256, file) != nil {
            let words = line.withUnsafeBytes { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
                .split { $0 == " " || $0 == "\t" }
            if words.first == "VmLck:", words.count > 1 { return Int(words[1]) ?? -1 }
        }
        return -1
    }

    /// Locked for real, or refused with what to do about it.
    @Test("Locks or says why not") func locksOrSaysWhyNot() throws {
        var refusal: HostError?
        do throws(HostError) { try MemoryLock.lock() } catch { refusal = error }
        let locked = try lockedKilobytes()
        munlockall()
        if let refusal {
            #expect(refusal.operation == "lock memory")
            #expect(refusal.advice.description.contains("LimitMEMLOCK=infinity"))
            #expect(locked == 0)
        } else {
            #expect(locked > 1_000)
        }
    }

    /// Kilobytes of program code in memory: mappings that may be run and not written to, proc(5).
    private func residentCode() throws -> Int {
        let file = try #require(fopen("/proc/self/smaps", "r"))
        defer { fclose(file) }
        var (line, isCode, sum) = ([CChar](repeating: 0, count: 1024), false, 0)
        while fgets(&line, 1024, file) != nil {
            let words = line.withUnsafeBytes { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }.split { " \n".contains($0) }
            if words.count > 1, words[1].count == 4, words[0].contains("-") { isCode = words[1] == "r-xp" && words.count > 5 }
            if words.first == "Rss:", isCode { sum += Int(words[1]) ?? 0 }
        }
        return sum
    }

    /// What was let go is not there, and what runs on comes back.
    @Test("Code that is not used any more is let go") func codeThatIsNotUsedAnyMoreIsLetGo() throws {
        let before = try residentCode()
        let released = MemoryLock.releaseCode()
        let after = try residentCode()
        #expect(released > 2, "the program and its libraries")
        #expect(after < before, "\(before) kB of code before, \(after) after")
        #expect(after > 0)
    }
}

struct HostErrorTests {
    @Test("Speaks to whoever must act") func speaksToWhoeverMustAct() {
        let error = HostError(operation: "lock memory", code: EPERM, advice: "set LimitMEMLOCK=infinity")
        #expect(
            error.description
                == "lock memory failed (errno 1, Operation not permitted): set LimitMEMLOCK=infinity")
        #expect(HostError(operation: "a", code: 0, advice: "b").description == "a failed: b")
    }
}

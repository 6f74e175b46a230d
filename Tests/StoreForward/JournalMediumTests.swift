import Glibc
import SensorCore
import TestSupport
import Testing

@testable import StoreForward

/// On a real small medium where one can be mounted (as root, as CI does), else on a disk that behaves like it.
@Suite(.serialized, .startsProcesses) struct JournalMediumTests {
    /// A file system of `size` bytes in memory; unmounted in `deinit`. nil where mounting is not allowed.
    final class SmallMedium {
        let directory: ScratchFolder
        var path: String { directory.file("journal.db") }

        init?(size: Int) throws {
            directory = ScratchFolder(inMemory: true)
            let mounted = try PipedProgram.run(
                ["mount", "-t", "tmpfs", "-o", "size=\(size)", "journal-test", directory.path])
            if mounted.status != 0 { return nil }
        }

        func remount(_ option: String) throws {
            let (output, status) = try PipedProgram.run(["mount", "-o", "remount,\(option)", directory.path])
            try #require(status == 0, "\(output)")
        }

        deinit { _ = try? PipedProgram.run(["umount", "-l", directory.path]) }
    }

    @Test("A full medium loses nothing and heals when there is space") func aFullMediumLosesNothingAndHealsWhenThereIsSpace() throws {
        if let medium = try SmallMedium(size: 3 << 20) {
            let ballast = medium.directory.file("ballast")
            try Files.write(ballast, [UInt8](repeating: 0, count: 1 << 20))
            try fill(medium.path) { unlink(ballast) }
        } else {
            let directory = ScratchFolder(inMemory: true)
            let disk = FaultyDisk(below: directory.path)
            disk.fail(.full, after: 300, lasting: true)
            try fill(directory.file("journal.db")) { disk.heal() }
        }
    }

    private func fill(_ path: String, makeSpace: () -> Void) throws {
        let (journal, _) = try JournalUnderTest.open(path)
        var appended = 0
        var failure: JournalError?
        while failure == nil {
            try #require(appended < 10_000, "the medium never filled")
            failure = caught { () throws(JournalError) in
                _ = try journal.append((0..<10).map { JournalUnderTest.record(appended + $0, textLength: 1_000) })
            }
            if failure == nil { appended += 10 }
        }
        #expect(failure?.kind == .full, "\(String(describing: failure))")
        let outbox = try JournalUnderTest.outbox(journal)
        #expect(outbox.lastSequence == UInt64(appended))
        makeSpace()
        let next = try journal.append([JournalUnderTest.record(appended, textLength: 1_000)])
        #expect(next.lowerBound == UInt64(appended) + 1)
        let all = try JournalUnderTest.readAll(outbox)
        #expect(all.map(\.record) == (0...appended).map { JournalUnderTest.record($0, textLength: 1_000) })
    }

    @Test("A read only medium is named") func aReadOnlyMediumIsNamed() throws {
        if let medium = try SmallMedium(size: 4 << 20) {
            let (journal, _) = try JournalUnderTest.open(medium.path)
            _ = try journal.append([JournalUnderTest.record(1)])
            try journal.close()
            try medium.remount("ro")
            let error = caught { () throws(JournalError) in try JournalUnderTest.open(medium.path) }
            #expect(error?.kind == .readOnly)
            #expect(error?.description.contains(medium.path) ?? false)
            try medium.remount("rw")
            let (again, report) = try JournalUnderTest.open(medium.path)
            #expect(report == .continued)
            #expect(try again.append([JournalUnderTest.record(2)]) == 2...2)
        } else {
            // Who may not mount is not root either, so a directory can refuse him.
            let directory = ScratchFolder(inMemory: true)
            chmod(directory.path, 0o500)
            defer { chmod(directory.path, 0o700) }
            let error = caught { () throws(JournalError) in
                try JournalUnderTest.open(directory.file("journal.db"))
            }
            #expect(error?.kind == .cannotOpen)
        }
    }

    @Test("A missing directory is named") func aMissingDirectoryIsNamed() {
        let error = caught { () throws(JournalError) in try JournalUnderTest.open("/nowhere/at/all/journal.db") }
        #expect(error?.kind == .cannotOpen)
        #expect(error?.description.contains("/nowhere/at/all") ?? false)
    }
}

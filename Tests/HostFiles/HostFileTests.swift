import Glibc
import TestSupport
import Testing

@testable import HostFiles

@Suite struct FileReaderTests {
    private let folder = ScratchFolder(inMemory: true)

    private func fault(_ path: String, _ accepted: FileReader.Accepted) -> FileError? {
        do throws(FileError) {
            _ = try FileReader(path, accepting: accepted)
            return nil
        } catch {
            return error
        }
    }

    @Test("What stands where a file is meant is refused at once and named") func strangers() throws {
        let pipe = folder.file("pipe")
        try #require(mkfifo(pipe, 0o600) == 0)
        folder.makeFolder("folder")
        folder.write("file", "x")
        folder.link("link", to: folder.file("file"))
        // Without a writer, opening a pipe the usual way would wait for ever.
        #expect(fault(pipe, .ordinaryFile) == FileError(path: pipe, is: .pipe))
        #expect(fault("/dev/zero", .ordinaryFile) == FileError(path: "/dev/zero", is: .device))
        #expect(fault(folder.file("folder"), .ordinaryFile) == FileError(path: folder.file("folder"), is: .folder))
        #expect(fault(folder.file("link"), .ordinaryFile) == nil)
        #expect(fault(folder.file("link"), .ordinaryFileNoLink) == FileError(path: folder.file("link"), is: .link))
        #expect(fault(folder.file("none"), .ordinaryFile) == FileError(path: folder.file("none"), code: ENOENT))
        #expect(FileError(path: "/dev/zero", is: .device).description == "cannot read /dev/zero: it is a device, not a file")
        #expect(FileError(path: "/x", code: ENOENT).description == "cannot read /x: No such file or directory")
    }

    @Test("A file is read whole up to the limit, and one byte of what is above it", arguments: [0, 1, 9, 10, 11, 100_000])
    func limit(_ size: Int) throws {
        let path = folder.write("bytes", [UInt8](repeating: 7, count: size))
        let content = try FileReader(path, accepting: .ordinaryFile).readAll(limit: 10)
        #expect(content == [UInt8](repeating: 7, count: min(size, 11)))
    }
}

@Suite struct FileWritingTests {
    private let folder = ScratchFolder(inMemory: true)

    @Test("A file in progress has its name only once it is whole") func wholeOrNotThere() throws {
        let path = folder.write("out", "before")
        do {
            let file = try FileInProgress(path)
            try file.write("half")
            #expect(text(ofFile: path) == "before")
        }
        #expect(folder.names == ["out"])
        let file = try FileInProgress(path)
        try file.write("after")
        try file.finish()
        #expect(text(ofFile: path) == "after")
        #expect(folder.names == ["out"])
    }

    @Test("A planted link is removed, and what it leads to is left alone") func plantedLink() throws {
        let victim = folder.write("victim", "precious")
        folder.link("out.part", to: victim)
        let file = try FileInProgress(folder.file("out"))
        try file.write("new")
        try file.finish()
        #expect(text(ofFile: victim) == "precious")
        #expect(text(ofFile: folder.file("out")) == "new")

        folder.link("state.new", to: victim)
        try DurableFile.replace(folder.file("state"), Array("s".utf8), by: folder.file("state.new"), mode: 0o640)
        #expect(text(ofFile: victim) == "precious")
        #expect(text(ofFile: folder.file("state")) == "s")
    }

    @Test("Nothing but an ordinary file is replaced") func strangersStay() throws {
        folder.makeFolder("folder")
        let pipe = folder.file("pipe")
        try #require(mkfifo(pipe, 0o600) == 0)
        #expect(throws: FileError(.write, path: "/dev/null", is: .device)) { try FileInProgress("/dev/null") }
        #expect(throws: FileError(.write, path: pipe, is: .pipe)) { try FileInProgress(pipe) }
        #expect(throws: FileError(.write, path: folder.file("folder"), is: .folder)) { try FileInProgress(folder.file("folder")) }
    }

    @Test("A name that is taken stays whose it is, even as a link that leads nowhere") func taken() throws {
        folder.write("a", "old")
        folder.link("b", to: folder.file("nowhere"))
        for name in ["a", "b"] {
            #expect(throws: FileError(.create, path: folder.file(name), code: EEXIST)) {
                try DurableFile.create(folder.file(name), [1], mode: 0o644)
            }
        }
        #expect(text(ofFile: folder.file("a")) == "old")
        #expect(folder.names == ["a", "b"])
    }

    @Test("A full medium is said, and leaves no half of a file") func fullMedium() throws {
        let path = folder.write("half", "what was written so far")
        let full = open("/dev/full", O_WRONLY | O_CLOEXEC)
        try #require(full >= 0)
        let output = FileOutput(path, descriptor: full)
        #expect(throws: FileError(.write, path: path, code: ENOSPC)) { try DurableFile.fill(output, path, [1, 2, 3]) }
        #expect(folder.names.isEmpty)
    }
}

@Suite struct WakeEventTests {
    @Test("Is one signal however often it is given") func isOneSignalHoweverOftenItIsGiven() throws {
        let wake = try WakeEvent()
        #expect(!wake.clear())
        wake.signal()
        wake.signal()
        #expect(wake.clear())
        #expect(!wake.clear())
    }
}

@Suite struct TextTests {
    private let folder = ScratchFolder(inMemory: true)

    private static let text = "Zeit [s];Kanal µ\n0,5;1 😀\r\n"

    private static func utf16(_ text: String, isBigEndian: Bool) -> [UInt8] {
        [0xFEFF as UInt16].flatMap { Self.bytes($0, isBigEndian) } + text.utf16.flatMap { Self.bytes($0, isBigEndian) }
    }

    private static func bytes(_ unit: UInt16, _ isBigEndian: Bool) -> [UInt8] {
        let (high, low) = (UInt8(unit >> 8), UInt8(truncatingIfNeeded: unit))
        return isBigEndian ? [high, low] : [low, high]
    }

    @Test("Text is the same in UTF-8 and UTF-16, with a mark and without") func sameText() throws {
        let forms: [[UInt8]] = [
            Array(Self.text.utf8), [0xEF, 0xBB, 0xBF] + Array(Self.text.utf8), Self.utf16(Self.text, isBigEndian: true),
            Self.utf16(Self.text, isBigEndian: false),
        ]
        for (index, form) in forms.enumerated() {
            let path = folder.write("form\(index)", form)
            #expect(try FileReader(path, as: .text).readAll(limit: 1000) == Array(Self.text.utf8), "form \(index)")
            for size in 1...7 {
                var stream = TextStream()
                var text: [UInt8] = []
                var rest = form[...]
                while !rest.isEmpty {
                    text += stream.take(rest.prefix(size))
                    rest = rest.dropFirst(size)
                }
                text += stream.take([])
                #expect(text == Array(Self.text.utf8), "form \(index) in pieces of \(size)")
            }
        }
    }

    @Test(
        "Short and broken beginnings",
        arguments: [
            ([], ""), ([0x41], "A"), ([0xEF, 0xBB], "\u{FFFD}"), ([0xEF, 0xBB, 0xBF], ""), ([0xFF, 0xFE], ""),
            ([0xFF, 0xFE, 0x41], "\u{FFFD}"),
            ([0xFF, 0xFE, 0x41, 0x00], "A"), ([0xFE, 0xFF, 0xD8, 0x00, 0x00, 0x41], "\u{FFFD}A"), ([0xFE, 0xFF, 0xD8, 0x00], "\u{FFFD}"),
        ] as [([UInt8], String)])
    func beginnings(_ bytes: [UInt8], _ text: String) throws {
        let path = folder.write("short", bytes)
        let content = try FileReader(path, as: .text).readAll(limit: 100)
        #expect(String(decoding: content, as: UTF8.self) == text)
    }
}

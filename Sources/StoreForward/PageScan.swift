import Glibc
import SensorCore

/// The rows of `record` on every page of a journal's file and log, wherever the page stands and whatever leads to it.
///
/// A row counts when its checksum (invariant 4 of `JournalSchema`) is right. So a page may be a copy, an older state of another,
/// or freed long ago: what it says of a number is what was written once.
final class PageScan {
    /// As it stands in `record`.
    struct Row: Hashable {
        var boot: Int64
        var checksum: Int64
        var body: [UInt8]
    }

    enum Found: Hashable {
        case row(Row)
        /// Different rows under one number, each with a right checksum: a number that was given twice, in states of the file that
        /// knew nothing of each other.
        case several
    }

    /// A page with rows, the lowest and highest number on it.
    private struct Place {
        var first: UInt64
        var last: UInt64
        var page: ScannedPage
    }

    private let files: ScannedFiles
    /// Ascending by `first`: 40 bytes for each page of the file, whatever is on it.
    private var places: [Place] = []

    /// Of file and log.
    var sizeBytes: Int64 { Int64(files.pages.count) * Int64(files.pageBytes) }

    /// Numbers that are looked for together.
    private static let numbersInPart: UInt64 = 1024

    init(path: String, pageBytes: Int, _ stillBusy: () -> Void) throws(JournalError) {
        files = try ScannedFiles(path: path, pageBytes: pageBytes)
        var bytes: [UInt8] = []
        for (index, page) in files.pages.enumerated() {
            if index % 4096 == 0 { stillBusy() }
            guard files.read(page, into: &bytes) else { continue }
            var place: Place?
            RecordPage(bytes, files, page).forEach { number, _ in
                place = Place(first: min(place?.first ?? number, number), last: max(place?.last ?? number, number), page: page)
            }
            if let place { places.append(place) }
        }
        places.sort { $0.first < $1.first }
    }

    /// Calls `body` with what is found of these numbers, ascending, part by part.
    func forEachPart(
        of wanted: SequenceRanges, _ body: ([(number: UInt64, found: Found)]) throws(JournalError) -> Void
    ) throws(JournalError) {
        var open: [Place] = []
        var next = 0
        var start: UInt64 = 1
        var bytes: [UInt8] = []
        // Numbers need not be close to each other, whatever the account says.
        while next < places.count || !open.isEmpty {
            open.removeAll { $0.last < start }
            let end = start + Self.numbersInPart - 1
            while next < places.count, places[next].first <= end {
                if places[next].last >= start { open.append(places[next]) }
                next += 1
            }
            var found: [UInt64: Found] = [:]
            var following = next < places.count ? places[next].first : .max
            for place in open {
                guard files.read(place.page, into: &bytes) else { continue }
                RecordPage(bytes, files, place.page).forEach { number, row in
                    if number > end { following = min(following, number) }
                    guard number >= start, number <= end, wanted.contains(number) else { return }
                    found[number] = found[number].map { $0 == .row(row) ? $0 : .several } ?? .row(row)
                }
            }
            try body(found.sorted { $0.key < $1.key }.map { (number: $0.key, found: $0.value) })
            guard following < .max else { return }
            start = following
        }
    }
}

/// A page of the file, or a later state of one in the log.
struct ScannedPage: Hashable {
    var isInLog: Bool
    /// Of its first byte.
    var offset: Int64
    /// 1 is the file's first.
    var number: UInt32
}

/// The bytes of a journal's file and log, as they are (sqlite.org/fileformat2.html).
final class ScannedFiles {
    let pages: [ScannedPage]
    let pageBytes: Int
    private let file: Int32
    private let log: Int32
    /// The last state of each page in the log.
    private let latest: [UInt32: ScannedPage]
    private var readFaults = 0

    /// A medium that fails to read takes seconds for each try.
    private static let mostReadFaults = 64

    /// Opened while SQLite has the file too: closing these drops its locks, so the one who scans holds the journal's own lock.
    init(path: String, pageBytes: Int) throws(JournalError) {
        self.pageBytes = pageBytes
        file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
        log = open(path + "-wal", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
        var pages: [ScannedPage] = []
        var latest: [UInt32: ScannedPage] = [:]
        if file >= 0, pageBytes >= 512 {
            for index in 0..<Self.size(of: file) / Int64(pageBytes) {
                pages.append(ScannedPage(isInLog: false, offset: index * Int64(pageBytes), number: UInt32(clamping: index + 1)))
            }
        }
        if log >= 0, pageBytes >= 512 {
            // "The WAL File": a header of 32 bytes, then frames of 24 bytes and a page.
            let frame = Int64(pageBytes) + 24
            var number: [UInt8] = [0, 0, 0, 0]
            for index in 0..<max(0, Self.size(of: log) - 32) / frame {
                let start = 32 + index * frame
                guard pread(log, &number, 4, off_t(start)) == 4 else { break }
                let page = ScannedPage(isInLog: true, offset: start + 24, number: UInt32(bigEndian: number))
                pages.append(page)
                latest[page.number] = page
            }
        }
        self.pages = pages
        self.latest = latest
        guard file >= 0 || log >= 0 else { throw JournalError("read \(path)", systemCode: errno) }
    }

    deinit {
        if file >= 0 { close(file) }
        if log >= 0 { close(log) }
    }

    /// False when it can't be read.
    func read(_ page: ScannedPage, into bytes: inout [UInt8]) -> Bool {
        if bytes.count != pageBytes { bytes = [UInt8](repeating: 0, count: pageBytes) }
        guard readFaults < Self.mostReadFaults else { return false }
        guard pread(page.isInLog ? log : file, &bytes, pageBytes, off_t(page.offset)) == pageBytes else {
            readFaults += 1
            return false
        }
        return true
    }

    /// The page of this number, as the log has it or as the file does; nil when there is none.
    func page(_ number: UInt32, fromLog: Bool) -> ScannedPage? {
        if fromLog, let page = latest[number] { return page }
        guard number > 0, file >= 0 else { return nil }
        return ScannedPage(isInLog: false, offset: (Int64(number) - 1) * Int64(pageBytes), number: number)
    }

    private static func size(of descriptor: Int32) -> Int64 {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? max(0, Int64(status.st_size)) : 0
    }
}

extension UInt32 {
    fileprivate init(bigEndian bytes: some Sequence<UInt8>) {
        self = bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }
}

import HostFiles

/// A note beside the database (`PATH.mark`) by which an older copy of it is noticed: a backup that was restored, or a
/// card that was copied while the node went on with the first.
///
/// The file has one line: the opening that goes on with the database, the opening before it, and a sequence that was
/// committed when the line was written. The database's own `opening` is set by the first commit of an opening. So the
/// database is the one the mark was written for when
/// - its opening is the mark's and it holds the mark's sequence, or
/// - its opening is the one before and its last sequence is exactly the mark's: the last opening committed nothing.
///
/// A mark is written when a journal is opened, every `interval` numbers, and when it is closed. What it cannot tell: a
/// copy that was made after the last mark of an opening that a power cut ended; and a copy of the whole directory.
/// A receiver that says what it holds can (`RecordOutbox.receiverHolds`).
struct JournalMark: Equatable {
    /// Numbers between two marks: about four hours of a reference box.
    static let interval: UInt64 = 4096

    var opening: UInt64
    var openingBefore: UInt64?
    var sequence: UInt64

    /// The database may be the one this mark was written for.
    func fits(_ standing: JournalStanding) -> Bool {
        if standing.opening == opening { return standing.lastSequence >= sequence }
        return standing.opening == openingBefore && standing.lastSequence == sequence
    }

    /// nil when there is none, or none that can be read.
    static func read(beside path: String) -> JournalMark? {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try FileReader(path + ".mark", accepting: .ordinaryFile).readAll(limit: 128)
        } catch {
            return nil
        }
        let words = String(decoding: bytes, as: UTF8.self).split { $0 == " " || $0 == "\n" }
        guard words.count == 3, let opening = UInt64(words[0], radix: 16), let sequence = UInt64(words[2]) else {
            return nil
        }
        return JournalMark(opening: opening, openingBefore: UInt64(words[1], radix: 16), sequence: sequence)
    }

    /// Replaces the file as a whole, so that a power cut leaves the old one or the new one. False when the medium did not
    /// take it.
    func write(beside path: String) -> Bool {
        let text = Array("\(String(opening, radix: 16)) \(openingBefore.map { String($0, radix: 16) } ?? "-") \(sequence)\n".utf8)
        do throws(FileError) {
            try DurableFile.replace(path + ".mark", text, by: path + ".mark-new", mode: 0o640)
            return true
        } catch {
            return false
        }
    }
}

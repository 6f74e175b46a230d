import SensorCore
import Glibc

/// Elements of a JSON array on their way to standard output, in a file that has no name: there may be millions of them, and
/// nothing is to be printed of a trace that turns out to be damaged.
final class PassageSpool {
    struct Failure: Error, SentenceConvertible {
        var code: Int32
        var sentence: Sentence { "cannot keep the passages in the folder for temporary files: \(systemText(code))" }
    }

    private let file: UnsafeMutablePointer<FILE>
    private var count = 0
    private var failure: Failure?

    init() throws(Failure) {
        guard let file = tmpfile() else { throw Failure(code: errno) }
        self.file = file
    }

    deinit { fclose(file) }

    /// A disk that is full shows in `copy`.
    func add(_ element: [UInt8]) {
        if count > 0 { putc(Int32(UInt8(ascii: ",")), file) }
        count += 1
        if fwrite(element, 1, element.count, file) < element.count, failure == nil { failure = Failure(code: errno) }
    }

    /// Gives everything that was added, in pieces.
    func copy(to write: (ArraySlice<UInt8>) -> Void) throws(Failure) {
        if fflush(file) != 0, failure == nil { failure = Failure(code: errno) }
        if let failure { throw failure }
        rewind(file)
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let read = fread(&piece, 1, piece.count, file)
            if read == 0 { return }
            write(piece[..<read])
        }
    }
}

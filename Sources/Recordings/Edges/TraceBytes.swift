public import SensorCore

/// The bytes of a trace, read in pieces, with the place of each.
///
/// Holds one piece at a time, so a day of edges needs no more memory than a second of them.
public struct TraceBytes {
    /// Fills the buffer from the start and returns how many bytes it wrote; 0 at the end.
    public typealias Refill = (UnsafeMutableRawBufferPointer) throws(TraceError) -> Int

    /// The piece in hand. Belongs to the one reader of the bytes.
    private final class Piece {
        let bytes: UnsafeMutableRawBufferPointer
        init(size: Int) { bytes = .allocate(byteCount: size, alignment: 1) }
        deinit { bytes.deallocate() }
    }

    private let refill: Refill
    private let piece: Piece
    private var position = 0
    private var filled = 0
    private var isAtEnd = false

    /// Line of the next byte, from 1.
    public private(set) var line = 1
    /// Column of the next byte, from 1, in bytes.
    public private(set) var column = 1

    public init(pieceSize: Int = 1 << 16, refill: @escaping Refill) {
        self.refill = refill
        piece = Piece(size: max(1, pieceSize))
    }

    /// A trace held in memory.
    public init(_ bytes: [UInt8], pieceSize: Int = 1 << 16) {
        var rest = bytes[...]
        self.init(pieceSize: pieceSize) { buffer throws(TraceError) in
            let count = min(buffer.count, rest.count)
            buffer.copyBytes(from: rest.prefix(count))
            rest = rest.dropFirst(count)
            return count
        }
    }

    /// The next byte without taking it; nil at the end.
    mutating func peek() throws(TraceError) -> UInt8? {
        if position < filled { return piece.bytes[position] }
        if isAtEnd { return nil }
        filled = try refill(piece.bytes)
        position = 0
        isAtEnd = filled == 0
        return isAtEnd ? nil : piece.bytes[0]
    }

    /// What is left of the piece in hand, for readers that take many bytes at once; then they `skip` them. Gone with the next
    /// `peek` or `next`.
    var window: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: piece.bytes[position..<filled]) }

    /// Takes bytes of the `window`.
    /// - Parameters:
    ///   - lines: how many line ends are among them.
    ///   - lastEnd: where in the window the last of those is.
    mutating func skip(_ count: Int, lines: Int, lastEnd: Int) {
        position += count
        line += lines
        column = lines == 0 ? column + count : count - lastEnd
    }

    /// Takes the next byte.
    mutating func next() throws(TraceError) -> UInt8? {
        guard let byte = try peek() else { return nil }
        position += 1
        if byte == UInt8(ascii: "\n") {
            line += 1
            column = 1
        } else {
            column += 1
        }
        return byte
    }

    /// An error at the next byte, or at an earlier place.
    func fault(_ message: Sentence, line: Int? = nil, column: Int? = nil) -> TraceError {
        TraceError(line: line ?? self.line, column: column ?? self.column, message: message)
    }
}

/// What is wrong with a trace, and where.
public struct TraceError: Error, Hashable, Sendable, SentenceConvertible {
    /// From 1.
    public var line: Int
    /// From 1, in bytes.
    public var column: Int
    public var message: Sentence

    public init(line: Int, column: Int, message: Sentence) {
        self.line = line
        self.column = column
        self.message = message
    }

    public var sentence: Sentence { "\(line):\(column): \(message)" }
}

/// As many digits as surely fit into an `Int64`.
let longestPlainNumber = 18

/// The whole number that begins at `start`, and where it ends; nil when there is none, or one that is too long to be sure of.
func plainNumber(in window: UnsafeRawBufferPointer, from start: Int) -> (value: Int64, end: Int)? {
    var (value, at) = (Int64(0), start)
    while true {
        let digit = window[at] &- UInt8(ascii: "0")
        if digit > 9 { return at == start ? nil : (value, at) }
        if at - start == longestPlainNumber { return nil }
        value = value &* 10 &+ Int64(digit)
        at += 1
    }
}

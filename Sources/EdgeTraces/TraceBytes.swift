/// The bytes of a trace, read in pieces, with the place of each.
///
/// Holds one piece at a time, so a day of edges needs no more memory than a second of them.
public struct TraceBytes {
    /// Fills the buffer from the start and returns how many bytes it wrote; 0 at the end.
    public typealias Refill = (UnsafeMutableRawBufferPointer) throws(TraceError) -> Int

    private let refill: Refill
    private var piece: [UInt8]
    private var position = 0
    private var filled = 0
    private var isAtEnd = false

    /// Line of the next byte, from 1.
    public private(set) var line = 1
    /// Column of the next byte, from 1, in bytes.
    public private(set) var column = 1

    public init(pieceSize: Int = 1 << 16, refill: @escaping Refill) {
        self.refill = refill
        piece = [UInt8](repeating: 0, count: max(1, pieceSize))
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
        if position < filled { return piece[position] }
        if isAtEnd { return nil }
        filled = try fill()
        position = 0
        isAtEnd = filled == 0
        return isAtEnd ? nil : piece[0]
    }

    private mutating func fill() throws(TraceError) -> Int {
        var result: Result<Int, TraceError> = .success(0)
        let refill = refill
        piece.withUnsafeMutableBytes { buffer in
            do throws(TraceError) {
                result = .success(try refill(buffer))
            } catch {
                result = .failure(error)
            }
        }
        return try result.get()
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
    func fault(_ message: String, line: Int? = nil, column: Int? = nil) -> TraceError {
        TraceError(line: line ?? self.line, column: column ?? self.column, message: message)
    }
}

/// What is wrong with a trace, and where.
public struct TraceError: Error, Hashable, Sendable, CustomStringConvertible {
    /// From 1.
    public var line: Int
    /// From 1, in bytes.
    public var column: Int
    public var message: String

    public init(line: Int, column: Int, message: String) {
        self.line = line
        self.column = column
        self.message = message
    }

    public var description: String { "\(line):\(column): \(message)" }
}

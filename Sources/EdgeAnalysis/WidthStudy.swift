package import SensorCore

/// How long each input of a channel was active and inactive.
package final class WidthStudy: EdgeConsumer {
    /// One per input.
    package private(set) var lines: [LineWidths]
    /// From the first to the last time stamp.
    package private(set) var length = TimeSpan.zero

    package init(inputs: Int) { lines = (0..<inputs).map { _ in LineWidths() } }

    package func begin(levels: UInt8) {}
    package func take(_ edges: UnsafeBufferPointer<EdgeEvent>) { for edge in edges { lines[Int(edge.input)].take(edge) } }
    package func finish(at end: MonotonicInstant) { length = end - MonotonicInstant(nanoseconds: 0) }
}

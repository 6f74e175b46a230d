import SensorCore

/// Finds edges of one input that never arrived.
///
/// Two independent signs: a gap in the line's sequence numbers (uAPI v2 only), and a level that does not alternate.
/// The second also shows what the first can't: interrupts that merge before the kernel numbers them. An even number
/// of merged edges leaves no trace at all.
package struct LostEdgeDetector: Sendable {
    /// The number of the last edge; nil until one is known.
    private var lastSequence: UInt32?
    private var isNumbered = false
    private var lastLevel: Bool

    /// What the next edge says about those before it.
    package struct Finding: Hashable, Sendable {
        /// Edges that are missing for certain; at least this many.
        package var lost: UInt32
        /// Numbered edges are missing: the kernel's buffer dropped them, so the time since the last edge was not seen.
        package var hasGap: Bool
    }

    /// - Parameters:
    ///   - level: the logical level before the first edge.
    ///   - previousSequence: the number of the edge before the first: 0 at a fresh request, whose numbers start at 1;
    ///     nil when it is not known, then the first number is taken as given.
    package init(level: Bool, previousSequence: UInt32? = 0) {
        lastLevel = level
        lastSequence = previousSequence
    }

    /// Takes the next edge, in the order of arrival.
    package mutating func observe(level: Bool, sequence: UInt32) -> Finding {
        let gap = missing(before: sequence)
        // 0 stands for "no number", but is also what follows 2^32 - 1.
        if sequence != 0 || isNumbered {
            lastSequence = sequence
            isNumbered = true
        }
        // An even number of missing edges between the two leaves levels alternating, an odd number does not.
        let alternates = level != lastLevel
        lastLevel = level
        if gap == 0 && alternates { return Finding(lost: 0, hasGap: false) }
        let isExplained = alternates == (gap & 1 == 0)
        return Finding(lost: gap &+ (isExplained ? 0 : 1), hasGap: gap != 0)
    }

    /// Takes the next edge if it is the one that follows the last, by number and level: the usual case, in the shortest way.
    /// Otherwise it is for `observe`.
    @inline(__always)
    mutating func follows(level: Bool, sequence: UInt32) -> Bool {
        guard level != lastLevel else { return false }
        if sequence == 0 {
            if isNumbered { return false }
        } else {
            guard let lastSequence, sequence == lastSequence &+ 1 else { return false }
            self.lastSequence = sequence
            isNumbered = true
        }
        lastLevel = level
        return true
    }

    /// How many numbers are missing between the last edge and one with this number.
    package func missing(before sequence: UInt32) -> UInt32 {
        guard let lastSequence, sequence != 0 || isNumbered else { return 0 }
        return sequence &- lastSequence &- 1
    }

    /// Takes the level read from the hardware. Returns whether it disagrees with the last edge, which means that an
    /// odd number of edges is missing.
    package mutating func resynchronise(level: Bool) -> Bool {
        let disagrees = level != lastLevel
        lastLevel = level
        return disagrees
    }
}

public import SensorCore

/// Which of two inputs in quadrature leads when something approaches, as passes in a trace show it.
///
/// Along a pass the Doppler frequency is 2·v·f0/c·cosθ (Skolnik, Introduction to Radar Systems, §3.1 with the angle between
/// axis and way): it falls while something comes up to the radar, since θ grows to a right angle, and rises while it goes
/// away. Each edge tells by the other input's level which input is ahead. Where passes with a falling and with a rising tone
/// agree, the convention is known.
///
/// A frame of 50 ms is a *tone* if it has at least 8 edges and 4 of 5 agree on who is ahead; at least 6 frames of one tone,
/// not more than two without between them, are a *pass*.
public struct QuadratureLead: Sendable {
    public enum Finding: Hashable, Sendable {
        case noPasses
        /// Passes were seen, but too few whose tone clearly rises or falls, or they contradict each other.
        case undecided
        /// Index of the input that leads when something approaches.
        case leads(Int)
    }

    public static let frame = TimeSpan.milliseconds(50)
    private static let fewestEdges = 8
    private static let fewestFrames = 6
    private static let longestBreak = 2
    /// The mean frequency of the last third of a pass over that of the first.
    private static let clearChange = 1.15
    public static let fewestPasses: UInt64 = 3
    /// From here on 8 of 10 must agree, below 9 of 10: vehicles that meet make passes that say the opposite.
    private static let manyPasses: UInt64 = 8

    /// Passes by what they say.
    public private(set) var firstLeads: UInt64 = 0
    public private(set) var secondLeads: UInt64 = 0
    /// Passes whose tone neither falls nor rises clearly.
    public private(set) var unclear: UInt64 = 0

    private var levels = (false, false)
    private var frameStart: MonotonicInstant?
    private var edges = 0
    private var balance = 0
    private var firstRise: MonotonicInstant?
    private var lastRise: MonotonicInstant?
    private var rises = 0
    /// Frequencies of the frames of the pass under way, in Hz, and who is ahead in it.
    private var pass: [Double] = []
    private var passIsFirst = false
    private var silentFrames = 0

    public init(levels: UInt8) { self.levels = (levels & 1 != 0, levels & 2 != 0) }

    public var finding: Finding {
        let decided = firstLeads + secondLeads
        if decided + unclear == 0 { return .noPasses }
        guard decided >= Self.fewestPasses else { return .undecided }
        let needed = decided * (decided < Self.manyPasses ? 9 : 8)
        if firstLeads * 10 >= needed { return .leads(0) }
        return secondLeads * 10 >= needed ? .leads(1) : .undecided
    }

    /// Takes the next edge of either input.
    public mutating func take(_ edge: EdgeEvent) {
        let start = frameStart ?? edge.instant
        frameStart = start
        if edge.instant - start >= Self.frame {
            endFrame()
            let missed = (edge.instant - start).nanoseconds / Self.frame.nanoseconds - 1
            for _ in 0..<min(missed, Int64(Self.longestBreak + 1)) { endFrame() }
            frameStart = start + Self.frame * (missed + 1)
        }
        edges += 1
        if edge.input == 0 {
            // The first leads if it changes to what the second is not yet.
            balance += edge.level != levels.1 ? 1 : -1
            levels.0 = edge.level
            guard edge.level else { return }
            rises += 1
            if firstRise == nil { firstRise = edge.instant }
            lastRise = edge.instant
        } else {
            balance += edge.level == levels.0 ? 1 : -1
            levels.1 = edge.level
        }
    }

    public mutating func finish() {
        endFrame()
        endPass()
    }

    private mutating func endFrame() {
        defer { (edges, balance, rises, firstRise, lastRise) = (0, 0, 0, nil, nil) }
        let isTone = edges >= Self.fewestEdges && balance.magnitude * 5 >= edges * 3
        guard isTone, rises >= 2, let firstRise, let lastRise, lastRise > firstRise else {
            silentFrames += 1
            if silentFrames > Self.longestBreak { endPass() }
            return
        }
        if !pass.isEmpty, passIsFirst != (balance > 0) { endPass() }
        silentFrames = 0
        passIsFirst = balance > 0
        // A pass that never ends is none; its memory is bounded.
        if pass.count < 2400 { pass.append(Double(rises - 1) / (lastRise - firstRise).seconds) }
    }

    private mutating func endPass() {
        defer { pass.removeAll(keepingCapacity: true) }
        guard pass.count >= Self.fewestFrames else { return }
        let third = pass.count / 3
        let before = pass.prefix(third).reduce(0, +)
        let after = pass.suffix(third).reduce(0, +)
        if after * Self.clearChange < before {
            if passIsFirst { firstLeads += 1 } else { secondLeads += 1 }
        } else if after > before * Self.clearChange {
            if passIsFirst { secondLeads += 1 } else { firstLeads += 1 }
        } else {
            unclear += 1
        }
    }
}

package import SensorCore

/// Condenses the edges of a radar channel to slices, at a cost that noise cannot raise beyond one step per edge. Does not
/// allocate.
///
/// States: it holds the slice that is being filled, and for each input its level and how much of the current sample it was
/// active.
package struct PulseCondenser: Sendable {
    private struct Input {
        var level: Bool
        /// Until then its activity is in `active`.
        var since: Int64
        /// In ns of the current sample.
        var active: Int64 = 0
    }

    private let shift: Int64
    private var inputs: (Input, Input)
    private var slice: PulseSlice
    /// Counted from the epoch of the clock.
    private var sample: Int64
    private var isConstant = true

    /// - Parameter levels: bit n is input n, as it was at `instant`.
    package init(sampleShift: Int64, levels: UInt8, at instant: MonotonicInstant) {
        shift = sampleShift
        sample = (instant.nanoseconds >> shift) & ~Int64(PulseSlice.samples - 1)
        let begin = sample << shift
        slice = PulseSlice(instant: MonotonicInstant(nanoseconds: begin))
        inputs = (Input(level: levels & 1 != 0, since: begin), Input(level: levels & 2 != 0, since: begin))
    }

    /// Takes an edge; slices that are full by then are given. Edges come in the order of their instants; one that does not is
    /// taken as of the current sample.
    @inline(__always)
    package mutating func take(_ edge: EdgeEvent, _ emit: (PulseSlice) -> Void) {
        let end = edge.instant.nanoseconds
        if end >> shift > sample { advance(toSample: end >> shift, emit) }
        isConstant = false
        if edge.input == 0 {
            Self.change(&inputs.0, to: edge.level, at: end)
        } else {
            Self.change(&inputs.1, to: edge.level, at: end)
        }
    }

    /// No edge has come before `now`: what is full by then is given.
    package mutating func advance(to now: MonotonicInstant, _ emit: (PulseSlice) -> Void) {
        if now.nanoseconds >> shift > sample { advance(toSample: now.nanoseconds >> shift, emit) }
    }

    /// The inputs were not seen since the last edge and have these levels now.
    package mutating func resume(levels: UInt8, at now: MonotonicInstant, _ emit: (PulseSlice) -> Void) {
        advance(to: now, emit)
        isConstant = false
        Self.change(&inputs.0, to: levels & 1 != 0, at: now.nanoseconds)
        Self.change(&inputs.1, to: levels & 2 != 0, at: now.nanoseconds)
    }

    @inline(__always)
    private static func change(_ input: inout Input, to level: Bool, at end: Int64) {
        let end = max(end, input.since)
        if input.level { input.active &+= end &- input.since }
        input.level = level
        input.since = end
    }

    private mutating func advance(toSample target: Int64, _ emit: (PulseSlice) -> Void) {
        while sample < target {
            let place = Int(sample & Int64(PulseSlice.samples - 1))
            if place == 0, isConstant, target - sample >= Int64(PulseSlice.samples) {
                repeatLevels(until: target, emit)
                continue
            }
            let end = (sample + 1) << shift
            slice.set(place, finish(&inputs.0, at: end), finish(&inputs.1, at: end))
            sample += 1
            isConstant = true
            if place == PulseSlice.samples - 1 { give(emit) }
        }
    }

    /// Whole slices without any edge.
    private mutating func repeatLevels(until target: Int64, _ emit: (PulseSlice) -> Void) {
        let slices = min((target - sample) / Int64(PulseSlice.samples), Int64(Int32.max))
        let one: Int8 = inputs.0.level ? 127 : -127
        let other: Int8 = inputs.1.level ? 127 : -127
        for place in 0..<PulseSlice.samples { slice.set(place, one, other) }
        slice.repeats = Int32(slices)
        sample += slices * Int64(PulseSlice.samples)
        inputs.0.since = sample << shift
        inputs.1.since = sample << shift
        give(emit)
    }

    @inline(__always)
    private func finish(_ input: inout Input, at end: Int64) -> Int8 {
        if input.level { input.active += end - input.since }
        let value = (input.active * 254) >> shift
        input.active = 0
        input.since = end
        return Int8(clamping: value - 127)
    }

    private mutating func give(_ emit: (PulseSlice) -> Void) {
        emit(slice)
        slice = PulseSlice(instant: MonotonicInstant(nanoseconds: sample << shift))
    }
}

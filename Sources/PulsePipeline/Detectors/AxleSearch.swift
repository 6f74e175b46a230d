import SensorCore

/// Finds out which vehicle the oldest hit of two tubes belongs to.
///
/// An axle presses one tube and, spacing / speed later, the other; all axles of a vehicle do so at the same shift. Each hit
/// of the other tube within the possible shifts is tried for the first axle: how many following hits pair up at that
/// shift, does the row of axles make vehicles that exist, what is left over. All times in s after the oldest hit.
struct AxleSearch {
    private let window: MarkWindow
    private let geometry: AxleGeometry
    private let pattern: AxlePattern
    private let base: Int64
    private let entry: UInt8
    /// Of either tube: the last hit that belonged to a vehicle, in ns of the monotonic clock.
    private let lastHits: (Int64, Int64)

    private static let goodCost = 2.5
    /// Nothing that costs more is a vehicle.
    private static let worstCost = 9.0

    init(_ window: MarkWindow, geometry: AxleGeometry, lastHits: (Int64, Int64)) {
        self.window = window
        self.geometry = geometry
        self.lastHits = lastHits
        pattern = AxlePattern(limits: geometry.limits)
        base = window[0].on
        entry = window[0].input
    }

    struct Verdict {
        var marks: UInt64 = 1
        var readyAt: Int64
        var cost = Double.infinity
        var passage: Passage?
        /// The vehicle's last hits of either tube.
        var lastHits: (Int64, Int64)?
    }

    func verdict() -> Verdict {
        var best = Verdict(readyAt: .min)
        let mayBeEcho = isEcho(window[0])
        for place in 1..<max(1, window.count) {
            let shift = time(place)
            if shift > geometry.longestShift { break }
            guard window[place].input != entry, shift >= geometry.shortestShift else { continue }
            var reading = reading(shift: shift, through: place)
            if mayBeEcho { reading.cost += isEcho(window[place]) ? 6 : 4 }
            if reading.cost < best.cost { best = reading }
        }
        if best.cost <= Self.goodCost { return best }
        if mayBeEcho, best.cost > 6 { return Verdict(readyAt: .min) }
        best.readyAt = max(best.readyAt, base &+ nanoseconds(geometry.longestShift))
        return best.cost <= Self.worstCost ? best : Verdict(readyAt: best.readyAt)
    }

    // MARK: one shift

    /// The row of axles that follow at one shift; positions in m behind the first. A row as long as two vehicles' axles is
    /// enough to see where the first of them ends.
    private struct Row {
        static let capacity = 12
        var positions = SIMD16<Double>(repeating: 0)
        /// Places of each axle's hits.
        var entries = SIMD16<UInt8>(repeating: 0)
        var exits = SIMD16<UInt8>(repeating: 0)
        var count = 0
        var marks: UInt64 = 0
    }

    private func reading(shift: Double, through exit: Int) -> Verdict {
        var row = Row()
        var mean = shift
        var pairs = 1.0
        append(to: &row, at: 0, entry: 0, exit: exit)
        var last = 0.0
        for place in 1..<max(1, window.count) where row.count < Row.capacity {
            let hit = window[place]
            guard hit.input == entry, row.marks & (1 << UInt64(place)) == 0 else { continue }
            let speed = geometry.spacing / mean
            let gap = speed * (time(place) - last)
            if gap > AxlePattern.longestGap { break }
            if gap < AxlePattern.closest { continue }
            let tolerance = max(0.002, 0.03 * mean)
            guard let image = image(of: place, shift: mean, tolerance: tolerance, taken: row.marks) else { continue }
            let own = time(image) - time(place)
            mean = (mean * pairs + own) / (pairs + 1)
            pairs += 1
            last = time(place)
            append(to: &row, at: geometry.spacing / mean * last, entry: place, exit: image)
        }
        let speed = geometry.spacing / mean
        for axle in 1..<max(1, row.count) { row.positions[axle] = speed * time(Int(row.entries[axle])) }
        return vehicle(of: row, speed: speed)
    }

    private func append(to row: inout Row, at position: Double, entry: Int, exit: Int) {
        row.positions[row.count] = position
        row.entries[row.count] = UInt8(truncatingIfNeeded: entry)
        row.exits[row.count] = UInt8(truncatingIfNeeded: exit)
        row.count += 1
        row.marks |= 1 << UInt64(entry) | 1 << UInt64(exit)
    }

    @inline(__always)
    private func image(of place: Int, shift: Double, tolerance: Double, taken: UInt64) -> Int? {
        let expected = time(place) + shift
        var nearest: Int?
        var distance = tolerance
        for exit in place + 1..<max(place + 1, window.count) {
            let difference = time(exit) - expected
            if difference > tolerance { break }
            guard window[exit].input != entry, difference.magnitude <= distance, taken & (1 << UInt64(exit)) == 0 else { continue }
            distance = difference.magnitude
            nearest = exit
        }
        return nearest
    }

    // MARK: where the vehicle ends

    /// Splits the row into vehicles at the least cost, and gives the first.
    private func vehicle(of row: Row, speed: Double) -> Verdict {
        // costs[n]: of the axles from n on; ends[n]: where the vehicle that begins with axle n ends.
        var costs = SIMD16<Double>(repeating: 0)
        var ends = SIMD16<UInt8>(repeating: 0)
        for first in stride(from: row.count - 1, through: 0, by: -1) {
            costs[first] = .infinity
            for last in first..<min(row.count, first + AxlePattern.mostAxles) {
                let own = pattern.cost(first, last, speed: speed) { row.positions[$0] }
                var rest = 0.0
                if last + 1 < row.count {
                    rest = costs[last + 1] + pattern.separationCost(gap: row.positions[last + 1] - row.positions[last], speed: speed)
                }
                if own + rest < costs[first] {
                    costs[first] = own + rest
                    ends[first] = UInt8(truncatingIfNeeded: last)
                }
            }
        }
        let last = Int(ends[0])
        let own = pattern.cost(0, last, speed: speed) { row.positions[$0] }
        return reading(of: row, axles: last + 1, cost: own, speed: speed)
    }

    private func reading(of row: Row, axles: Int, cost: Double, speed: Double) -> Verdict {
        var marks: UInt64 = 0
        var shifts = 0.0
        for axle in 0..<axles {
            marks |= 1 << UInt64(row.entries[axle]) | 1 << UInt64(row.exits[axle])
            shifts += time(Int(row.exits[axle])) - time(Int(row.entries[axle]))
        }
        let own = geometry.spacing * Double(axles) / shifts
        let lastEntry = Int(row.entries[axles - 1])
        let lastExit = Int(row.exits[axles - 1])
        let wheelbase = axles > 1 ? own * time(Int(row.entries[1])) : nil
        let echoes = echoes(of: row, axles: axles)
        var cost = cost + leftOver(marks | echoes, within: row, axles: axles)
        if own > 40 { cost += 1 }
        let passage = Passage(
            instant: MonotonicInstant(nanoseconds: base), direction: entry == 0 ? .forward : .backward,
            roadUser: pattern.roadUser(axles: axles, base: wheelbase), speed: own,
            length: axles > 1 ? own * time(lastEntry) : nil, isUncertain: cost > Self.goodCost)
        return Verdict(
            marks: marks | echoes, readyAt: readyTime(after: lastEntry, lastExit, row: row, axles: axles, speed: own), cost: cost,
            passage: passage,
            lastHits: entry == 0 ? (window[lastEntry].on, window[lastExit].on) : (window[lastExit].on, window[lastEntry].on))
    }

    /// Hits that came so soon after one of the vehicle's own on the same tube that no axle can follow so close.
    private func echoes(of row: Row, axles: Int) -> UInt64 {
        var marks: UInt64 = 0
        for axle in 0..<axles {
            marks |= echoes(after: Int(row.entries[axle]), sparing: row.marks)
            marks |= echoes(after: Int(row.exits[axle]), sparing: row.marks)
        }
        return marks
    }

    private func echoes(after own: Int, sparing taken: UInt64) -> UInt64 {
        var marks: UInt64 = 0
        for place in own + 1..<max(own + 1, window.count) {
            if time(place) - time(own) > AxleGeometry.longestEcho { break }
            if window[place].input == window[own].input, taken & (1 << UInt64(place)) == 0 { marks |= 1 << UInt64(place) }
        }
        return marks
    }

    /// What lies between the vehicle's hits and is neither its own nor an echo.
    private func leftOver(_ marks: UInt64, within row: Row, axles: Int) -> Double {
        let lastEntry = Int(row.entries[axles - 1])
        let firstExit = Int(row.exits[0])
        let lastExit = Int(row.exits[axles - 1])
        var cost = 0.0
        for place in 1..<max(1, lastExit) where marks & (1 << UInt64(place)) == 0 && row.marks & (1 << UInt64(place)) == 0 {
            if window[place].input == entry {
                if place < lastEntry { cost += 1.5 }
            } else {
                cost += place < firstExit ? 1.2 : 1.5
            }
        }
        return cost
    }

    /// When no further axle of the vehicle can appear: that of a trailer behind, as far as its kind draws one.
    private func readyTime(after lastEntry: Int, _ lastExit: Int, row: Row, axles: Int, speed: Double) -> Int64 {
        let shift = geometry.spacing / speed
        // A row that goes on beyond the vehicle has shown where it ends.
        let first = axles > 1 ? speed * time(Int(row.entries[1])) : 0
        let gap = axles > 1 && first <= geometry.limits.bike ? 1.5 : axles > 1 && first < 2.9 ? 5.6 : AxlePattern.longestGap
        let reach = time(lastEntry) + gap / speed + 1.05 * shift + 0.01
        return base &+ nanoseconds(row.count > axles + 1 ? min(reach, time(lastExit) + AxleGeometry.longestEcho) : reach)
    }

    /// Whether it came so soon after a hit that is accounted for, on the same tube, that it may be the wave from its end.
    private func isEcho(_ mark: Mark) -> Bool {
        let last = mark.input == 0 ? lastHits.0 : lastHits.1
        return last != .min && mark.on &- last <= nanoseconds(AxleGeometry.longestEcho)
    }

    @inline(__always)
    private func time(_ place: Int) -> Double { Double(window[place].on &- base) * 1e-9 }
}

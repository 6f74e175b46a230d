import SensorCore

/// What may explain the hits of two tubes: a vehicle, an echo, a disturbance.
///
/// An axle presses one tube and, spacing / speed later, the other; all axles of a vehicle do so at the same shift. The
/// earliest hit that nothing explains is where a vehicle entered. Only beginnings count. All times in s.
struct AxleReading: MarkReading {
    private enum Kind: UInt8 {
        case nobody
        case vehicle
    }

    private let window: MarkWindow
    private let geometry: AxleGeometry
    private let pattern: AxlePattern
    /// Of either tube: the last hit before the window, in ns of the monotonic clock.
    private let lastHits: (Int64, Int64)

    private static let vehicleCost = 0.5
    private static let nobodyCost = 6.0
    /// A hit so soon after another of its tube that no axle follows so close.
    private static let echoCost = 0.9
    /// That a hit like an echo is an axle all the same: of a vehicle's own tandem, or of somebody who came just then.
    private static let echoLikeTandemCost = 0.3
    private static let echoLikeCost = 2.0
    /// One axle alone is hardly a vehicle.
    private static let singleCost = 3.0
    /// Two axles press a tube together, and one pulse is seen.
    private static let hiddenCost = 2.0
    /// In m/s: of a slower vehicle both hits of the first axle must be seen.
    private static let slowestLinked = 3.0
    private static let hitJitter = 0.0006
    private static let hitShare = 0.004

    init(_ window: MarkWindow, geometry: AxleGeometry, lastHits: (Int64, Int64)) {
        self.window = window
        self.geometry = geometry
        self.lastHits = lastHits
        pattern = AxlePattern(limits: geometry.limits)
    }

    func frontier(beyond explained: MarkEnds) -> Int64? {
        let place = (~explained.begins).trailingZeroBitCount
        return place < window.count ? window[place].on : nil
    }

    func offerCandidates(beyond explained: MarkEnds, to offer: (Explanation) -> Void) {
        let first = (~explained.begins).trailingZeroBitCount
        offer(
            Explanation(
                explained: bits(first), cost: isEcho(first) ? Self.echoCost : Self.nobodyCost, kind: Kind.nobody.rawValue,
                entry: UInt8(truncatingIfNeeded: first)))
        for exit in first + 1..<max(first + 1, window.count) where window[exit].input != window[first].input {
            let shift = interval(first, exit)
            if shift > geometry.longestShift { break }
            guard shift >= geometry.shortestShift, explained.begins & bit(exit) == 0 else { continue }
            offerVehicles(first, nil, exit, isSparing: true, explained, offer)
            offerVehicles(first, nil, exit, isSparing: false, explained, offer)
        }
        offerLinked(first, explained, offer)
    }

    /// Vehicles whose first axle one tube saw together with somebody else's: their second axle gives the shift.
    private func offerLinked(_ first: Int, _ explained: MarkEnds, _ offer: (Explanation) -> Void) {
        for link in first + 1..<max(first + 1, window.count) where explained.begins & bit(link) == 0 {
            if interval(first, link) > AxlePattern.longestGap / Self.slowestLinked { break }
            for exit in link + 1..<max(link + 1, window.count) where window[exit].input != window[link].input {
                let shift = interval(link, exit)
                if shift > geometry.spacing / Self.slowestLinked { break }
                guard shift >= geometry.shortestShift, explained.begins & bit(exit) == 0 else { continue }
                offerVehicles(first, link, exit, isSparing: true, explained, offer)
            }
        }
    }

    /// - Parameter isSparing: takes no hit for an axle that may be an echo.
    private func offerVehicles(
        _ first: Int, _ link: Int?, _ exit: Int, isSparing: Bool, _ explained: MarkEnds, _ offer: (Explanation) -> Void
    ) {
        guard let row = row(from: first, link, through: exit, explained.begins, isSparing: isSparing) else { return }
        for axles in (link == nil ? 1 : 2)...row.count {
            let cost = cost(of: row, axles: axles)
            guard cost < 12 else { continue }
            offer(
                Explanation(
                    explained: row.ends(axles), cost: cost, kind: Kind.vehicle.rawValue, entry: UInt8(truncatingIfNeeded: first),
                    exit: UInt8(truncatingIfNeeded: exit), link: link.map { UInt8(truncatingIfNeeded: $0) } ?? Row.none,
                    pieces: UInt8(truncatingIfNeeded: axles), variant: isSparing ? 1 : 0))
        }
    }

    // MARK: one vehicle

    /// The row of axles that follow at one shift. A row as long as two vehicles' axles is enough to see where the first of
    /// them ends.
    private struct Row {
        static let capacity = 12
        var input: UInt8
        /// When the first axle was on the entry tube, in ns of the monotonic clock.
        var origin: Int64
        /// In s after the first axle, on the entry tube.
        var times = SIMD16<Double>(repeating: 0)
        /// Of each axle that both tubes saw; 0 for the others.
        var shifts = SIMD16<Double>(repeating: 0)
        /// Places of each axle's hits; `none` where it is hidden in another's.
        var entries = SIMD16<UInt8>(repeating: Row.none)
        var exits = SIMD16<UInt8>(repeating: Row.none)
        var count = 0

        static let none: UInt8 = 0xFF

        mutating func append(time: Double, shift: Double, entry: Int?, exit: Int?) {
            times[count] = time
            shifts[count] = shift
            entries[count] = entry.map { UInt8(truncatingIfNeeded: $0) } ?? Self.none
            exits[count] = exit.map { UInt8(truncatingIfNeeded: $0) } ?? Self.none
            count += 1
        }

        /// Mean of the first axles' shifts, and how many of these axles both tubes saw.
        func shift(_ axles: Int) -> (mean: Double, seen: Int) {
            var sum = 0.0
            var seen = 0
            for axle in 0..<axles where shifts[axle] > 0 {
                sum += shifts[axle]
                seen += 1
            }
            return (sum / Double(max(1, seen)), seen)
        }

        func ends(_ axles: Int) -> MarkEnds {
            var ends = MarkEnds()
            for axle in 0..<axles {
                if entries[axle] != Self.none { ends.begins |= 1 << UInt64(entries[axle]) }
                if exits[axle] != Self.none { ends.begins |= 1 << UInt64(exits[axle]) }
            }
            return ends
        }
    }

    /// - Parameter link: a hit of the second axle, where of the first only one is seen: `first`, on either tube.
    private func row(from first: Int, _ link: Int?, through exit: Int, _ explained: UInt64, isSparing: Bool) -> Row? {
        let taken = explained | bit(first) | bit(exit)
        guard let link else {
            var row = Row(input: window[first].input, origin: window[first].on)
            row.append(time: 0, shift: interval(first, exit), entry: first, exit: exit)
            extend(&row, after: first, taken, isSparing: isSparing)
            return row
        }
        let shift = interval(link, exit)
        let isEntry = window[link].input == window[first].input
        let entered = isEntry ? window[first].on : window[first].on &- nanoseconds(shift)
        let hidden = isEntry ? window[first].on &+ nanoseconds(shift) : entered
        guard isPressed(isEntry ? 1 - window[first].input : window[link].input, at: hidden) else { return nil }
        var row = Row(input: window[link].input, origin: entered)
        row.append(time: 0, shift: 0, entry: isEntry ? first : nil, exit: isEntry ? nil : first)
        let gap = Double(window[link].on &- entered) * 1e-9
        guard gap * geometry.spacing / shift >= AxlePattern.closest else { return nil }
        row.append(time: gap, shift: shift, entry: link, exit: exit)
        extend(&row, after: link, taken | bit(link), isSparing: isSparing)
        return row
    }

    private func extend(_ row: inout Row, after last: Int, _ explained: UInt64, isSparing: Bool) {
        var taken = explained
        for place in last + 1..<max(last + 1, window.count) where row.count < Row.capacity {
            guard window[place].input == row.input, taken & bit(place) == 0 else { continue }
            if isSparing, isEcho(place) { continue }
            let shift = row.shift(row.count).mean
            let speed = geometry.spacing / shift
            let time = Double(window[place].on &- row.origin) * 1e-9
            let gap = speed * (time - row.times[row.count - 1])
            if gap > AxlePattern.longestGap { break }
            if gap < AxlePattern.closest { continue }
            if let image = image(of: place, shift: shift, taken: taken) {
                row.append(time: time, shift: interval(place, image), entry: place, exit: image)
                taken |= bit(place) | bit(image)
            } else if isPressed(1 - row.input, at: window[place].on &+ nanoseconds(shift)) {
                row.append(time: time, shift: 0, entry: place, exit: nil)
                taken |= bit(place)
            }
        }
    }

    /// The unexplained hit of the other tube that is nearest to one shift later.
    private func image(of place: Int, shift: Double, taken: UInt64) -> Int? {
        var nearest: Int?
        var distance = max(0.007, 0.05 * shift)
        for exit in place + 1..<max(place + 1, window.count) {
            let difference = interval(place, exit) - shift
            if difference > distance { break }
            guard window[exit].input != window[place].input, difference.magnitude <= distance, taken & bit(exit) == 0 else { continue }
            distance = difference.magnitude
            nearest = exit
        }
        return nearest
    }

    private func isPressed(_ input: UInt8, at instant: Int64) -> Bool {
        (0..<window.count).contains {
            window[$0].input == input && window[$0].on < instant &+ 2_000_000
                && (window[$0].isClosed ? window[$0].off &+ 4_000_000 : .max) > instant
        }
    }

    private func cost(of row: Row, axles: Int) -> Double {
        let (shift, seen) = row.shift(axles)
        let speed = geometry.spacing / shift
        var cost = Self.vehicleCost + pattern.cost(0, axles - 1, speed: speed) { speed * row.times[$0] }
        guard cost < .infinity else { return cost }
        cost += Self.hiddenCost * Double(axles - seen)
        for axle in 0..<axles where row.shifts[axle] > 0 {
            cost += 0.7 * deviationCost(row.shifts[axle] - shift, Self.hitJitter + Self.hitShare * shift)
        }
        if axles == 1 { cost += Self.singleCost }
        for axle in 0..<axles {
            let before = axle > 0 ? (row.entries[axle - 1], row.exits[axle - 1]) : (Row.none, Row.none)
            cost += echoLikeCost(row.entries[axle], after: before.0) + echoLikeCost(row.exits[axle], after: before.1)
        }
        let isBike = axles == 2 && speed * row.times[1] <= geometry.limits.bike
        cost += 0.7 * (isBike ? deviationCost(speed - 5, 2.5) : deviationCost(speed - 13, 8))
        if axles < row.count {
            cost += pattern.separationCost(gap: speed * (row.times[axles] - row.times[axles - 1]), speed: speed)
        }
        return cost
    }

    private func echoLikeCost(_ place: UInt8, after before: UInt8) -> Double {
        guard place != Row.none, isEcho(Int(place)) else { return 0 }
        guard before != Row.none else { return Self.echoLikeCost }
        return interval(Int(before), Int(place)) <= AxleGeometry.longestEcho ? Self.echoLikeTandemCost : Self.echoLikeCost
    }

    /// Whether another hit of its tube came so shortly before that this may be the wave from the tube's end.
    private func isEcho(_ place: Int) -> Bool {
        let mark = window[place]
        for earlier in stride(from: place - 1, through: 0, by: -1) {
            if mark.on &- window[earlier].on > nanoseconds(AxleGeometry.longestEcho) { return false }
            if window[earlier].input == mark.input { return true }
        }
        let last = mark.input == 0 ? lastHits.0 : lastHits.1
        return last != .min && mark.on &- last <= nanoseconds(AxleGeometry.longestEcho)
    }

    // MARK: beyond doubt

    /// Every hit of the entry tube has its image at one shift but for echoes, and the axles are one usual vehicle's.
    func plainMeaning() -> ExplanationMeaning? {
        var count = 1
        while count < window.count, interval(count - 1, count) < 0.4 { count += 1 }
        guard count >= 4, count <= 24 else { return nil }
        let input = window[0].input
        let echoes = self.echoes & (bit(count) - 1)
        guard echoes & 1 == 0 else { return nil }
        var row = Row(input: input, origin: window[0].on)
        var exit = 0
        var lowest = Double.infinity
        var highest = -Double.infinity
        for entry in 0..<count where window[entry].input == input && echoes & bit(entry) == 0 {
            while exit < count, window[exit].input == input || echoes & bit(exit) != 0 { exit += 1 }
            guard exit < count, row.count < AxlePattern.mostAxles else { return nil }
            let shift = interval(entry, exit)
            lowest = min(lowest, shift)
            highest = max(highest, shift)
            row.append(time: interval(0, entry), shift: shift, entry: entry, exit: exit)
            exit += 1
        }
        while exit < count, window[exit].input == input || echoes & bit(exit) != 0 { exit += 1 }
        guard exit == count, row.count > 1, lowest >= geometry.shortestShift, highest <= geometry.longestShift,
            highest - lowest < 0.001 + 0.01 * lowest, !echoesMatch(echoes, shift: lowest), cost(of: row, axles: row.count) < 2
        else { return nil }
        var meaning = meaning(of: row, axles: row.count)
        meaning.rejected = UInt64(echoes.nonzeroBitCount)
        if count < window.count {
            guard window[count].on > meaning.readyAt else { return nil }
            meaning.marks = bit(count) - 1
        }
        return meaning
    }

    /// Hits that may be the wave from their tube's end.
    private var echoes: UInt64 {
        var echoes: UInt64 = 0
        var newest = lastHits
        for place in 0..<window.count {
            let on = window[place].on
            let last = window[place].input == 0 ? newest.0 : newest.1
            if last != .min, on &- last <= nanoseconds(AxleGeometry.longestEcho) { echoes |= bit(place) }
            if window[place].input == 0 { newest.0 = on } else { newest.1 = on }
        }
        return echoes
    }

    /// Whether two of them are one shift apart: then they may be an axle of a tandem.
    private func echoesMatch(_ echoes: UInt64, shift: Double) -> Bool {
        for one in 0..<window.count where echoes & bit(one) != 0 && window[one].input == window[0].input {
            for other in one + 1..<max(one + 1, window.count) where echoes & bit(other) != 0 && window[other].input != window[0].input {
                if (interval(one, other) - shift).magnitude < 0.006 { return true }
            }
        }
        return false
    }

    private func meaning(of row: Row, axles: Int) -> ExplanationMeaning {
        let speed = geometry.spacing / row.shift(axles).mean
        let wheelbase = axles > 1 ? speed * row.times[1] : nil
        let passage = Passage(
            instant: MonotonicInstant(nanoseconds: row.origin), direction: row.input == 0 ? .forward : .backward,
            roadUser: pattern.roadUser(axles: axles, base: wheelbase), speed: speed,
            length: axles > 1 ? speed * row.times[axles - 1] : nil, isUncertain: axles == 1)
        return ExplanationMeaning(
            passage: passage, readyAt: row.origin &+ nanoseconds(reach(of: row, axles: axles, speed: speed)))
    }

    // MARK: what an explanation means

    func meaning(of step: Explanation, explained: MarkEnds) -> ExplanationMeaning {
        let first = Int(step.entry)
        let base = window[first].on
        guard step.kind == Kind.vehicle.rawValue else {
            return ExplanationMeaning(readyAt: isEcho(first) ? base : base &+ nanoseconds(geometry.longestShift))
        }
        let link = step.link == Row.none ? nil : Int(step.link)
        guard let row = row(from: first, link, through: Int(step.exit), explained.begins, isSparing: step.variant == 1) else {
            return ExplanationMeaning(readyAt: base)
        }
        return meaning(of: row, axles: Int(step.pieces))
    }

    /// When no further axle of the vehicle can appear: that of a trailer behind, as far as its kind draws one.
    private func reach(of row: Row, axles: Int, speed: Double) -> Double {
        let first = axles > 1 ? speed * row.times[1] : 0
        let gap = axles > 1 && first <= geometry.limits.bike ? 1.5 : axles > 1 && first < 2.9 ? 5.6 : AxlePattern.longestGap
        // A row that goes on beyond the vehicle has shown where it ends.
        let more = row.count > axles + 1 ? 0 : gap / speed
        return row.times[axles - 1] + more + 1.05 * geometry.spacing / speed + 0.02
    }

    static func passages(_ step: Explanation) -> Int { step.kind == Kind.vehicle.rawValue ? 1 : 0 }

    func settled(_ explained: MarkEnds) -> UInt64 { explained.begins }

    @inline(__always)
    private func bit(_ place: Int) -> UInt64 { 1 << UInt64(place) }
    private func bits(_ place: Int) -> MarkEnds { MarkEnds(begins: bit(place)) }
    @inline(__always)
    private func interval(_ from: Int, _ to: Int) -> Double { Double(window[to].on &- window[from].on) * 1e-9 }
}

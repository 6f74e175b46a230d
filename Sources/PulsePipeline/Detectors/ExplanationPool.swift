import Glibc

/// Beginnings and ends of marks, as bits by the mark's place.
struct MarkEnds: BitwiseCopyable, Equatable {
    var begins: UInt64 = 0
    var ends: UInt64 = 0

    var count: Int { begins.nonzeroBitCount + ends.nonzeroBitCount }

    @inline(__always)
    func isDisjoint(with other: MarkEnds) -> Bool { begins & other.begins == 0 && ends & other.ends == 0 }

    @inline(__always)
    mutating func insert(_ place: Int, begin: Bool, end: Bool) {
        if begin { begins |= 1 << UInt64(place) }
        if end { ends |= 1 << UInt64(place) }
    }

    @inline(__always)
    static func | (one: MarkEnds, other: MarkEnds) -> MarkEnds {
        MarkEnds(begins: one.begins | other.begins, ends: one.ends | other.ends)
    }
}

/// One road user, or one disturbance, that explains the oldest beginning or end that nothing explained yet, and others with it.
struct Explanation: BitwiseCopyable {
    var explained: MarkEnds
    /// How unlikely it is, in natural units (-ln of a likelihood, up to a constant).
    var cost: Double
    /// What it says: meant for who offered it.
    var kind: UInt8
    var entry: UInt8 = 0
    var exit: UInt8 = 0
    var link: UInt8 = 0
    var pieces: UInt8 = 0
    var variant: UInt8 = 0
}

/// What can explain the marks of a window.
protocol MarkReading {
    /// The earliest moment that is not explained; nil when all is.
    func frontier(beyond explained: MarkEnds) -> Int64?
    /// Offers what may explain that moment; at least one.
    func offerCandidates(beyond explained: MarkEnds, to offer: (Explanation) -> Void)
    /// Who passed first, where that is beyond doubt: one road user, seen undisturbed, with room before the next. The same as
    /// the search would find, in less time.
    func plainMeaning() -> ExplanationMeaning?
    /// - Parameter explained: before the step.
    func meaning(of step: Explanation, explained: MarkEnds) -> ExplanationMeaning
    /// How many passages a step stands for.
    static func passages(_ step: Explanation) -> Int
    /// The marks of which nothing is left to explain.
    func settled(_ explained: MarkEnds) -> UInt64
}

/// What an explanation says.
struct ExplanationMeaning {
    var passage: Passage?
    /// Not before this is it sure that nothing more belongs to it, in ns of the monotonic clock.
    var readyAt: Int64
    /// What was nobody beside it, and the marks of all that: of a plain meaning.
    var rejected: UInt64 = 0
    var marks: UInt64 = .max
}

/// What became of a window.
enum WindowOutcome {
    /// Look again then, in ns of the monotonic clock, or when there is more.
    case wait(until: Int64)
    /// These marks are dealt with; so many of the explanations were nobody.
    case settled(marks: UInt64, rejected: UInt64)
}

/// Looks for the least costly way to explain all marks of a window together: who passed, and what was nobody.
///
/// A beam search (Lowerre 1976): each state has explained some marks; the state whose oldest unexplained moment is the oldest of
/// all is extended by everything that may explain that moment. At most `width` states are kept. Fixed size: nothing is
/// allocated after it was made with its detector, which alone uses it.
final class ExplanationPool {
    static let mostSteps = 40

    /// A reading is uncertain when one with another number of passages costs less than this more.
    private static let sureMargin = 1.5

    private struct State: BitwiseCopyable {
        var explained = MarkEnds()
        /// The oldest moment that is not explained; `finished` when all is.
        var frontier = Int64.min
        var cost = 0.0
        /// With what the rest will cost at least.
        var score = 0.0
        var steps = 0
    }

    private static let finished = Int64.max
    /// How many states are kept.
    private let width: Int
    private let states: UnsafeMutablePointer<State>
    private let steps: UnsafeMutablePointer<Explanation>
    private var count = 0
    private var total = 0
    /// Of the finished states the cheapest.
    private var bestCost = Double.infinity

    init(width: Int) {
        self.width = width
        states = .allocate(capacity: width + 1)
        steps = .allocate(capacity: (width + 1) * Self.mostSteps)
        states.initialize(repeating: State(), count: width + 1)
        let nothing = Explanation(explained: MarkEnds(), cost: 0, kind: 0)
        steps.initialize(repeating: nothing, count: (width + 1) * Self.mostSteps)
    }

    deinit {
        states.deallocate()
        steps.deallocate()
    }

    /// Explains everything in a window of `marks` marks. Gives how many steps the best way takes: they are the first of `steps`.
    private func explain(_ marks: Int, by reading: some MarkReading) -> Int {
        total = 2 * marks
        bestCost = .infinity
        states[0] = State()
        count = 1
        while let next = oldestUnfinished() {
            let parent = states[next]
            let from = width * Self.mostSteps
            (steps + from).update(from: steps + next * Self.mostSteps, count: parent.steps)
            remove(next)
            reading.offerCandidates(beyond: parent.explained) { offer in
                self.add(offer, to: parent, reading)
            }
        }
        sortBestFirst()
        return count == 0 ? 0 : states[0].steps
    }

    /// Explains a window and gives the passages, once nothing that may still come can change them.
    ///
    /// - Parameter isForced: the window is full: takes the older half of what is known now.
    func settle<Reading: MarkReading>(
        _ marks: Int, by reading: Reading, at now: Int64, isForced: Bool, passages: inout PassageBuffer
    ) -> WindowOutcome {
        if !isForced, let plain = reading.plainMeaning() {
            if plain.readyAt > now { return .wait(until: plain.readyAt) }
            if let passage = plain.passage { passages.append(passage) }
            return .settled(marks: plain.marks, rejected: plain.rejected)
        }
        let all = explain(marks, by: reading)
        guard all > 0 else { return .settled(marks: 1, rejected: 1) }
        var explained = MarkEnds()
        if !isForced {
            var readyAt = Int64.min
            for number in 0..<all {
                readyAt = max(readyAt, reading.meaning(of: steps[number], explained: explained).readyAt)
                explained = explained | steps[number].explained
            }
            if readyAt > now { return .wait(until: readyAt) }
        }
        let isUncertain = margin(Reading.passages) < Self.sureMargin
        var rejected: UInt64 = 0
        explained = MarkEnds()
        for number in 0..<(isForced ? max(1, all / 2) : all) {
            if var passage = reading.meaning(of: steps[number], explained: explained).passage {
                if isUncertain { passage.isUncertain = true }
                passages.append(passage)
            } else {
                rejected += 1
            }
            explained = explained | steps[number].explained
        }
        let settled = isForced ? reading.settled(explained) : .max
        return .settled(marks: settled == 0 ? 1 : settled, rejected: rejected)
    }

    /// How much dearer the best way is that explains the marks by another number of passages; infinity when there is none.
    private func margin(_ passages: (Explanation) -> Int) -> Double {
        func sum(_ state: Int) -> Int {
            (0..<states[state].steps).reduce(0) { $0 + passages(steps[state * Self.mostSteps + $1]) }
        }
        guard count > 1 else { return .infinity }
        let own = sum(0)
        var margin = Double.infinity
        for other in 1..<count where states[other].cost - states[0].cost < margin && sum(other) != own {
            margin = states[other].cost - states[0].cost
        }
        return margin
    }

    private func oldestUnfinished() -> Int? {
        var found: Int?
        var oldest = Self.finished
        for index in 0..<count where states[index].frontier < oldest {
            oldest = states[index].frontier
            found = index
        }
        return found
    }

    private func remove(_ index: Int) {
        count -= 1
        guard index != count else { return }
        states[index] = states[count]
        copySteps(from: count, to: index)
    }

    private func copySteps(from source: Int, to target: Int) {
        (steps + target * Self.mostSteps).update(from: steps + source * Self.mostSteps, count: states[target].steps)
    }

    private func add(_ offer: Explanation, to parent: State, _ reading: some MarkReading) {
        let cost = parent.cost + offer.cost
        guard cost < bestCost + 3, parent.steps < Self.mostSteps else { return }
        let explained = parent.explained | offer.explained
        var slot = count
        for index in 0..<count where states[index].explained == explained {
            if states[index].cost <= cost { return }
            slot = index
            break
        }
        let score = score(explained, cost)
        if slot == width {
            slot = worst()
            guard score < states[slot].score else { return }
        } else if slot == count {
            count += 1
        }
        let frontier = reading.frontier(beyond: explained) ?? Self.finished
        states[slot] = State(explained: explained, frontier: frontier, cost: cost, score: score, steps: parent.steps + 1)
        let target = steps + slot * Self.mostSteps
        target.update(from: steps + width * Self.mostSteps, count: parent.steps)
        target[parent.steps] = offer
        if frontier == Self.finished { bestCost = min(bestCost, cost) }
    }

    /// What is not explained yet will cost something too.
    private func score(_ explained: MarkEnds, _ cost: Double) -> Double { cost + 0.2 * Double(total - explained.count) }

    private func worst() -> Int {
        var worst = 0
        for index in 1..<count where states[index].score > states[worst].score { worst = index }
        return worst
    }

    /// Brings the cheapest state to the front.
    private func sortBestFirst() {
        var best = 0
        for index in 1..<max(1, count) where states[index].cost < states[best].cost { best = index }
        guard best != 0 else { return }
        let first = states[0]
        (steps + width * Self.mostSteps).update(from: steps, count: first.steps)
        states[0] = states[best]
        copySteps(from: best, to: 0)
        states[best] = first
        (steps + best * Self.mostSteps).update(from: steps + width * Self.mostSteps, count: first.steps)
    }
}

/// -ln of a likelihood with heavy tails (Cauchy), up to a constant: a deviation beyond any model costs, but not without end.
@inline(__always)
func deviationCost(_ deviation: Double, _ usual: Double) -> Double {
    let ratio = deviation / usual
    return log1p(ratio * ratio)
}

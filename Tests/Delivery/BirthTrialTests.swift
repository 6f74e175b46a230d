import SensorCore
import Testing

@testable import Delivery

private func at(_ seconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: seconds * 1_000_000_000) }

@Suite struct BirthTrialTests {
    private var trial = BirthTrial(first: .seconds(60), longest: .seconds(200))

    @Test("Two closes in a row lead to one at a time, a connection that takes them all leads back")
    mutating func twoCloses() {
        trial.closed(unanswered: ["a", "b"], at: at(0))
        #expect(!trial.isOneByOne)
        trial.closed(unanswered: ["b"], at: at(1))
        #expect(trial.isOneByOne)
        trial.passed(at: at(2))
        #expect(!trial.isOneByOne)
        #expect(trial.admits("b", at: at(2)) && trial.due == .distantFuture)
    }

    @Test("A close without births is of no interest")
    mutating func noBirths() {
        for second in 0..<5 { trial.closed(unanswered: [], at: at(Int64(second))) }
        #expect(!trial.isOneByOne)
    }

    @Test("The one that was alone is left out, and tried again after pauses that double up to the longest")
    mutating func pauses() {
        for unanswered in [["a", "b"], ["a", "b"], ["b"]] { trial.closed(unanswered: unanswered, at: at(0)) }
        #expect(trial.answered() == "b")
        #expect(trial.answered() == nil)
        var now: Int64 = 0
        for pause in [60, 120, 200, 200] as [Int64] {
            #expect(trial.due == at(now + pause))
            #expect(!trial.admits("b", at: at(now + pause - 1)) && trial.admits("a", at: at(now)))
            now += pause
            #expect(trial.admits("b", at: at(now)))
            // Beside others, it is known.
            trial.closed(unanswered: ["a", "b"], at: at(now))
            #expect(trial.answered() == nil)
        }
        #expect(!trial.isOneByOne)
    }

    @Test("A connection that closes without it, too, did not close over it")
    mutating func closesWithoutIt() {
        for unanswered in [["a"], ["a"], ["a"], []] { trial.closed(unanswered: unanswered, at: at(0)) }
        #expect(trial.answered() == nil)
        #expect(trial.admits("a", at: at(0)) && trial.due == .distantFuture && !trial.isOneByOne)
    }

    @Test("What is taken when it is tried again is left out no longer")
    mutating func takenAgain() {
        for _ in 0..<3 { trial.closed(unanswered: ["a"], at: at(0)) }
        #expect(trial.answered() == "a")
        trial.passed(at: at(59))
        #expect(trial.due == at(60))
        trial.passed(at: at(60))
        #expect(trial.due == .distantFuture && trial.admits("a", at: at(60)))
    }
}

import SensorCore
import Testing

@testable import TransportProcess

@Suite struct ProcessPatienceTests {
    private func at(_ seconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: seconds * 1_000_000_000) }

    @Test("Silence is asked about, and only an unanswered question is a hang") func silenceIsAskedAbout() {
        var patience = ProcessPatience(at: at(100))
        #expect(patience.verdict(at: at(102)) == .fine)
        #expect(patience.verdict(at: at(103)) == .ask)
        patience.asked(at: at(103))
        #expect(patience.verdict(at: at(112)) == .fine)
        #expect(patience.verdict(at: at(113)) == .hangs)
        patience.heard(at: at(113))
        #expect(patience.verdict(at: at(115)) == .fine)
        #expect(patience.verdict(at: at(116)) == .ask)
    }

    @Test("A name may take minutes, and not for ever") func aNameMayTakeMinutes() {
        var patience = ProcessPatience(at: at(0))
        patience.resolves(at: at(1))
        #expect(patience.verdict(at: at(800)) == .fine)
        #expect(patience.verdict(at: at(901)) == .hangs)
        patience.heard(at: at(800))
        #expect(!patience.isResolving)
        #expect(patience.verdict(at: at(803)) == .ask)
    }
}

import ControlSocket
import PulsePipeline
import SensorCore
import Testing

@testable import NodeRuntime

/// What is said of a passage while it happens has the words of the records.
@Suite struct PassageStreamTests {
    @Test("Directions have the configuration's names, without blanks") func directionsHaveTheConfigurationsNames() {
        let names = DirectionNames(forward: "into town", backward: "outbound")
        let passage = Passage(instant: MonotonicInstant(nanoseconds: 7), direction: .forward, roadUser: .bike)
        #expect(PassageLine(passage, names).text == "7 into_town bike - -")
        let back = Passage(instant: MonotonicInstant(nanoseconds: 8), direction: .backward)
        #expect(PassageLine(back, names).text == "8 outbound - - -")
        #expect(PassageLine(Passage(instant: MonotonicInstant(nanoseconds: 9)), names).text == "9 - - - -")
    }
}

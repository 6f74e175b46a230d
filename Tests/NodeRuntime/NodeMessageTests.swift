import SensorCore
import StoreForward
import Testing

@testable import NodeRuntime

/// Each sentence, and the same as data.
@Suite struct NodeMessageTests {
    @Test("Which wire of a bus") func whichWireOfABus() {
        let stuck = NodeMessage.busStuck(
            bus: "i2c-1", first: .init(wire: .clock, pin: "J8-5"), second: .init(wire: .data), error: nil)
        #expect(
            stuck.text(in: .english)
                == "bus i2c-1 is stuck, no part can be reached: look at the clock wire SCL (J8-5) first, then the data wire SDA: held low by "
                + "a part, shorted, or without pull-up. Unplug the parts one by one; without power a part that hangs lets go")
        #expect(
            stuck.coded
                == CodedMessage(
                    "bus_stuck", ["bus": .text("i2c-1"), "wire": .text("scl"), "pin": .text("J8-5"), "other_wire": .text("sda")]))
    }
}

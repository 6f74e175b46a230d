import Glibc
import SensorCore
import StoreForward
import Testing

@testable import NodeRuntime

/// Each sentence, and the same as data.
@Suite struct NodeMessageTests {
    @Test func whichWireOfABus() {
        let stuck = NodeMessage.busStuck(
            bus: "i2c-1", first: .init(wire: .clock, pin: "J8-5"), second: .init(wire: .data), error: nil)
        #expect(
            stuck.text(in: .english)
                == "bus i2c-1 is stuck, no part can be reached: look at the clock wire SCL (J8-5) first, then the data wire SDA: held low by "
                + "a part, shorted, or without pull-up. Unplug the parts one by one; without power a part that hangs lets go")
        #expect(stuck.coded == CodedMessage("bus_stuck", ["bus": .text("i2c-1"), "wire": .text("scl"), "pin": .text("J8-5"), "other_wire": .text("sda")]))
    }

    @Test func whyInputsCouldNotBeRead() {
        let gone = NodeMessage.inputsUnreadable(channel: "gate", pins: ["J8-11", "J8-13"], errno: ENODEV)
        #expect(gone.text(in: .english) == "the inputs of gate could not be read: No such device (errno 19)")
        #expect(
            gone.coded
                == CodedMessage(
                    "inputs_unreadable",
                    ["channel": .text("gate"), "pins": .text("J8-11, J8-13"), "errno": .number(19), "cause": .text("gone")]))
        let unnamed = NodeMessage.inputsUnreadable(channel: "gate", pins: [], errno: nil)
        #expect(unnamed.text(in: .english) == "the inputs of gate could not be read")
        #expect(unnamed.coded == CodedMessage("inputs_unreadable", ["channel": .text("gate")]))
    }
}

import Glibc
import SensorCore
import Testing

@testable import PulsePipeline

/// Each sentence, and the same as data.
@Suite struct CountingMessageTests {
    @Test("Why inputs could not be read") func whyInputsCouldNotBeRead() {
        let gone = CountingMessage.inputsUnreadable(channel: "gate", pins: ["J8-11", "J8-13"], errno: ENODEV)
        #expect(gone.text(in: .english) == "the inputs of gate could not be read: No such device (errno 19)")
        #expect(
            gone.coded
                == CodedMessage(
                    "inputs_unreadable",
                    ["channel": .text("gate"), "pins": .text("J8-11, J8-13"), "errno": .number(19), "cause": .text("gone")]))
        let unnamed = CountingMessage.inputsUnreadable(channel: "gate", pins: [], errno: nil)
        #expect(unnamed.text(in: .english) == "the inputs of gate could not be read")
        #expect(unnamed.coded == CodedMessage("inputs_unreadable", ["channel": .text("gate")]))
    }

    @Test("Which input is silent") func whichInputIsSilent() {
        let silent = CountingMessage.inputSilent(channel: "path", input: "second", pin: "J8-16")
        #expect(
            silent.text(in: .english)
                == "the second input of path (J8-16) does not move while the other does: look at its wire, and at what it senses with")
        #expect(
            silent.coded == CodedMessage("input_silent", ["channel": .text("path"), "input": .text("second"), "pin": .text("J8-16")]))
    }
}

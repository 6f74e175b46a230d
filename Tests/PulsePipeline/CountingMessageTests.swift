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

    @Test("What is not believed, and what is not counted") func whatIsNotBelievedAndWhatIsNotCounted() {
        let wild = CountingMessage.rateImplausible(channel: "rain", rejected: 250, most: 40 / 60 / 0.2794)
        #expect(wild.text(in: .english).hasPrefix("250 counts of rain are not believed: more than 2.386 a second came over 10 s"))
        #expect(
            wild.coded
                == CodedMessage(
                    "rate_implausible", ["channel": .text("rain"), "rejected": .number(250), "most_per_hour": .number(8590)]))
        let slow = CountingMessage.pulsesTooShort(channel: "wind", pulses: 3600, filter: "stable rise 8 ms, fall 8 ms")
        #expect(
            slow.text(in: .english).hasPrefix("3600 pulses of wind were too short for its filter (stable rise 8 ms, fall 8 ms) and are not")
        )
        #expect(
            slow.coded
                == CodedMessage(
                    "pulses_too_short",
                    ["channel": .text("wind"), "pulses": .number(3600), "filter": .text("stable rise 8 ms, fall 8 ms")]))
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

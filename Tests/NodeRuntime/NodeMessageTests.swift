import SensorCore
import TestSupport
import Testing

@testable import Delivery
@testable import NodeRuntime
@testable import StoreForward

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

    private static let messages: [NodeMessage] = [
        .journalBegun, .journalSetAside(name: "j.damaged"),
        .journalGoesOn(name: "j.damaged", carriedOver: CarriedOver(records: 3, lost: 0, leftBehind: 0)),
        .journalGoesOn(name: "j.damaged", carriedOver: CarriedOver(records: 3, lost: 1, leftBehind: 0)),
        .journalGoesOn(name: "j.damaged", carriedOver: CarriedOver(records: 3, lost: 0, leftBehind: 2)),
        .journalGoesOn(name: "j.damaged", carriedOver: CarriedOver(records: 3, lost: 1, leftBehind: 2)),
        .journalRescued(path: "j", carriedOver: CarriedOver(records: 3, lost: 0, leftBehind: 0), name: nil),
        .journalRescued(path: "j", carriedOver: CarriedOver(records: 3, lost: 1, leftBehind: 0), name: nil),
        .journalRescued(path: "j", carriedOver: CarriedOver(records: 3, lost: 0, leftBehind: 0), name: "j.damaged"),
        .journalRescued(path: "j", carriedOver: CarriedOver(records: 3, lost: 1, leftBehind: 0), name: "j.damaged"),
        .recordsLost(count: 5), .busFree(bus: "i2c-1"),
        .busStuck(bus: "i2c-1", first: .init(wire: .clock, pin: "J8-5"), second: .init(wire: .data), error: nil),
        .busStuck(
            bus: "i2c-1", first: .init(wire: .data, pin: "J8-3"), second: .init(wire: .clock),
            error: I2CError(kind: .timeout, operation: "read")),
    ]

    private static let obstacles: [(RefusalRegister.Obstacle, String)] =
        TransportRefusal.Kind.allCases.map {
            (.refusal($0, code: 0x97), ["refused", "nobody_subscribes", "too_large", "unsendable"][Int($0.rawValue)])
        } + [(.closing, "closes_connection"), (.silence, "no_answer")]

    private static func refusal(
        _ obstacle: RefusalRegister.Obstacle, words: String? = "quota exceeded", by destination: String? = nil
    ) -> RefusalNews {
        RefusalNews(
            SetAsideRecords(numbers: SequenceRanges(4...6), address: "a/traffic", obstacle: obstacle, words: words, size: 700),
            by: destination)
    }

    @Test("What a broker does not take is told with its number for the reason, and with the destination where there are several")
    func refusals() {
        for (obstacle, code) in Self.obstacles {
            for destination in [nil, "city"] {
                let coded = Self.refusal(obstacle, by: destination).coded
                var arguments: [String: CodedMessage.Value] = [:]
                for argument in coded.arguments { arguments[argument.name] = argument.value }
                #expect(coded.code == "records_refused")
                #expect(arguments["obstacle"] == .text(code))
                if case .refusal = obstacle { #expect(arguments["reason_code"] == .number(0x97)) }
                #expect(arguments["destination"] == destination.map { .text($0) })
                #expect(arguments["topic"] == .text("a/traffic") && arguments["bytes"] == .number(700))
            }
        }
        #expect(Self.refusal(.closing).coded.arguments.allSatisfy { $0.name != "reason_code" })
        #expect(
            Self.refusal(.refusal(.unwanted, code: 0x97), by: "city").text(in: .english)
                == "the broker of destination city refuses those on a/traffic and takes others (700 bytes): quota exceeded")
    }

    private static let changes: [(DestinationChange, String)] = [
        (.new(name: "city", owed: 1), "it gets the 1 record kept"), (.new(name: "city", owed: 2), "it gets all 2 records kept"),
        (.beginsWithNext(name: "city", passedOver: 1), "the 1 record kept is not sent to it"),
        (.beginsWithNext(name: "city", passedOver: 0), "the 0 records kept are not sent to it"),
        (.renamed(name: "city", from: "town", owed: 1), "destination city goes on where town stood: it is owed 1 record"),
        (.renamed(name: "city", from: "town", owed: 7), "it is owed 7 records"),
        (.formerNameUnknown(name: "city", formerly: "town"), "'formerly: town' names a destination"),
        (.returned(name: "city", owed: 1), "owed 1 record"), (.returned(name: "city", owed: 7), "owed 7 records"),
        (.left(name: "city", owed: 1), "1 record it was owed is no longer kept for it, and leaves"),
        (.left(name: "city", owed: 7), "7 records it was owed are no longer kept for it, and leave"),
    ]

    @Test("Of what is said nothing is left of English in another language but its values")
    func translated() {
        let catalogue = SentenceCatalogue("NodeRuntime")
        let refused = Self.obstacles.flatMap { [Self.refusal($0.0, words: nil), Self.refusal($0.0, by: "city")] }
        for sentence in Self.messages.map(\.sentence) + refused.map(\.sentence) + Self.changes.map(\.0.sentence) {
            #expect(catalogue.missing(of: sentence) == [], "not in Translations: run Deploy/messages.py")
            let text = sentence.text(translated: catalogue.backwards)
            #expect(text.hasPrefix("«") && text.hasSuffix("»"), "\(text)")
            #expect(![" is ", " was ", " the ", " it "].contains { text.contains($0) }, "\(text)")
        }
    }

    @Test("One record and several each have a sentence of their own")
    func counts() {
        for (change, words) in Self.changes { #expect(change.sentence.description.contains(words), "\(change.sentence)") }
    }
}

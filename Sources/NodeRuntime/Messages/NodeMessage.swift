import ClimateDrivers
import SensorCore
import StoreForward

/// What a running node says in its records, besides what the journal says of itself.
enum NodeMessage: CatalogueMessage {
    case journalBegun
    case journalSetAside(name: String)
    case journalGoesOn(name: String, carriedOver: CarriedOver)
    /// - Parameter name: what stood in the journal's place was renamed to.
    case journalRescued(path: String, carriedOver: CarriedOver, name: String?)
    case recordsRefused(RefusalNews)
    case recordsLost(count: UInt64)
    /// - Parameters:
    ///   - first: the wire to look at first, with its pin where the board has one.
    ///   - error: of the last transfer.
    case busStuck(bus: String, first: BusWire, second: BusWire, error: I2CError?)
    case busFree(bus: String)

    struct BusWire: Hashable, Sendable {
        var wire: BusHealth.Wire
        /// "J8-3".
        var pin: String?

        fileprivate var code: String { wire == .data ? "sda" : "scl" }
    }

    var coded: CodedMessage {
        switch self {
        case .journalBegun: CodedMessage(code: "journal_begun")
        case .journalSetAside(let name): CodedMessage("journal_set_aside", ["file": .text(name)])
        case .journalGoesOn(let name, let carriedOver):
            CodedMessage(
                "journal_goes_on",
                [
                    "file": .text(name), "records": .whole(carriedOver.records), "lost": .whole(carriedOver.lost),
                    "left_behind": .whole(carriedOver.leftBehind),
                ])
        case .journalRescued(let path, let carriedOver, let name):
            CodedMessage(
                "journal_file_gone",
                [
                    "file": .text(path), "records": .whole(carriedOver.records), "lost": .whole(carriedOver.lost),
                    "left_behind": .whole(carriedOver.leftBehind), "set_aside": name.map { .text($0) },
                ])
        case .recordsRefused(let news): news.coded
        case .recordsLost(let count): CodedMessage("records_lost", ["records": .whole(count)])
        case .busStuck(let bus, let first, let second, let error):
            CodedMessage(
                "bus_stuck",
                [
                    "bus": .text(bus), "wire": .text(first.code), "pin": first.pin.map { .text($0) }, "other_wire": .text(second.code),
                    "other_pin": second.pin.map { .text($0) }, "error": error.map { .text($0.description) },
                ])
        case .busFree(let bus): CodedMessage("bus_free", ["bus": .text(bus)])
        }
    }

    var sentence: Sentence {
        switch self {
        case .journalBegun: "a new journal; sequence numbers and totals begin anew"
        case .journalSetAside(let name): "the journal was damaged and set aside as \(name); what it still held is only there"
        case .journalGoesOn(let name, let carriedOver): Self.goesOn(name, carriedOver)
        case .journalRescued(let path, let carriedOver, let name): Self.rescued(path, carriedOver, name)
        case .recordsRefused(let news): news.sentence
        case .recordsLost: "the journal could not be written; the channels' totals still hold these counts"
        case .busStuck(let bus, let first, let second, let error?):
            """
            bus \(bus) is stuck, no part can be reached: look at \(first.sentence) first, then \(second.sentence): held low by a part, \
            shorted, or without pull-up. Unplug the parts one by one; without power a part that hangs lets go (\(error))
            """
        case .busStuck(let bus, let first, let second, nil):
            """
            bus \(bus) is stuck, no part can be reached: look at \(first.sentence) first, then \(second.sentence): held low by a part, \
            shorted, or without pull-up. Unplug the parts one by one; without power a part that hangs lets go
            """
        case .busFree(let bus): "bus \(bus): answers again"
        }
    }

    private static func rescued(_ path: String, _ carriedOver: CarriedOver, _ name: String?) -> Sentence {
        let (records, lost) = (carriedOver.records, carriedOver.lost + carriedOver.leftBehind)
        return switch (lost > 0, name) {
        case (false, nil):
            "the journal \(path) was deleted or moved while it was open; a new one goes on with all it held: \(records) records"
        case (true, nil):
            """
            the journal \(path) was deleted or moved while it was open; a new one goes on with \(records) of its records; there was no \
            room for \(lost)
            """
        case (false, let name?):
            """
            the journal \(path) was replaced while it was open; what stood in its place is now \(name); a new one goes on with all it \
            held: \(records) records. Stop the node before you put another journal in its place
            """
        case (true, let name?):
            """
            the journal \(path) was replaced while it was open; what stood in its place is now \(name); a new one goes on with \
            \(records) of its records; there was no room for \(lost). Stop the node before you put another journal in its place
            """
        }
    }

    private static func goesOn(_ name: String, _ carriedOver: CarriedOver) -> Sentence {
        let (records, lost, left) = (carriedOver.records, carriedOver.lost, carriedOver.leftBehind)
        return switch (lost > 0, left > 0) {
        case (false, false):
            "the journal was damaged and set aside as \(name); a new one goes on with what is sound in it: \(records) records"
        case (true, false):
            """
            the journal was damaged and set aside as \(name); a new one goes on with what is sound in it: \(records) records; \(lost) \
            that were still to be delivered could not be read
            """
        case (false, true):
            """
            the journal was damaged and set aside as \(name); a new one goes on with what is sound in it: \(records) records; \(left) \
            that had been delivered are only in the file set aside
            """
        case (true, true):
            """
            the journal was damaged and set aside as \(name); a new one goes on with what is sound in it: \(records) records; \(lost) \
            that were still to be delivered could not be read; \(left) that had been delivered are only in the file set aside
            """
        }
    }
}

extension NodeMessage.BusWire {
    fileprivate var sentence: Sentence {
        switch (wire, pin) {
        case (.data, let pin?): "the data wire SDA (\(pin))"
        case (.data, nil): "the data wire SDA"
        case (.clock, let pin?): "the clock wire SCL (\(pin))"
        case (.clock, nil): "the clock wire SCL"
        }
    }
}

extension BusHealth.Change {
    /// - Parameter error: of the last transfer.
    func message(of bus: BusPlan, _ error: I2CError?) -> NodeMessage {
        guard case .stuck(let wire) = self else { return .busFree(bus: bus.name) }
        func place(_ wire: BusHealth.Wire) -> NodeMessage.BusWire {
            let index = wire == .data ? 0 : 1
            return NodeMessage.BusWire(wire: wire, pin: bus.pins.indices.contains(index) ? bus.pins[index] : nil)
        }
        return .busStuck(bus: bus.name, first: place(wire), second: place(wire == .clock ? .data : .clock), error: error)
    }
}

import Delivery
import SensorCore

/// Records that a broker does not take while it takes others.
struct RefusalNews: CatalogueMessage, Hashable {
    /// The topic.
    var address: String
    /// Of the first of them, in bytes.
    var size: Int
    var obstacle: RefusalRegister.Obstacle
    /// The broker's, with what to do; nil where it said nothing.
    var words: String?
    /// nil where there is only one.
    var destination: String?

    init(_ records: SetAsideRecords, by destination: String?) {
        address = records.address
        size = records.size
        obstacle = records.obstacle
        words = records.words
        self.destination = destination
    }

    var coded: CodedMessage {
        var number: UInt8?
        if case .refusal(_, let code) = obstacle, code != 0 { number = code }
        return CodedMessage(
            "records_refused",
            [
                "obstacle": .text(obstacleCode), "reason_code": number.map { .whole($0) }, "reason": words.map { .text($0) },
                "topic": .text(address), "bytes": .whole(size), "destination": destination.map { .text($0) },
            ])
    }

    private var obstacleCode: String {
        switch obstacle {
        case .refusal(.unwanted, _): "refused"
        case .refusal(.nobodyListens, _): "nobody_subscribes"
        case .refusal(.tooLarge, _): "too_large"
        case .refusal(.unsendable, _): "unsendable"
        case .closing: "closes_connection"
        case .silence: "no_answer"
        }
    }

    var sentence: Sentence {
        let broker: Sentence = destination.map { "the broker of destination \($0)" } ?? "the broker"
        let words: Sentence = words.map(Sentence.init(verbatim:)) ?? "it does not say why"
        return switch obstacle {
        case .refusal(.unwanted, _): "\(broker) refuses those on \(address) and takes others (\(size) bytes): \(words)"
        case .refusal(.nobodyListens, _): "\(broker) throws away what goes to \(address), since nobody subscribes to it"
        case .refusal(.tooLarge, _): "\(broker) takes shorter ones than those on \(address) (\(size) bytes): \(words)"
        case .refusal(.unsendable, _): "those on \(address) (\(size) bytes) cannot be sent to \(broker): \(words)"
        case .closing:
            """
            \(broker) closes the connection over those on \(address) (\(size) bytes) and takes others: check its access list and the \
            longest message that it takes
            """
        case .silence: "\(broker) never acknowledges those on \(address) (\(size) bytes) and takes others: ask whoever runs it"
        }
    }
}

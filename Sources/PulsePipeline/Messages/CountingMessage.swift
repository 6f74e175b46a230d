import Glibc
import SensorCore

/// What a channel's record says of its inputs.
enum CountingMessage: CatalogueMessage {
    /// - Parameters:
    ///   - pins: of the header, by input; empty for what has none.
    ///   - errno: nil where the system named none.
    case inputsUnreadable(channel: String, pins: [String], errno: Int32?)
    /// - Parameters:
    ///   - input: its role, "second".
    ///   - pin: of the header; nil for what has none.
    case inputSilent(channel: String, input: String, pin: String?)

    var coded: CodedMessage {
        switch self {
        case .inputsUnreadable(let channel, let pins, let errno):
            CodedMessage(
                "inputs_unreadable",
                [
                    "channel": .text(channel), "pins": .text(pins), "errno": errno.map { .whole($0) },
                    "cause": errno.map { .text(Self.cause($0)) },
                ])
        case .inputSilent(let channel, let input, let pin):
            CodedMessage("input_silent", ["channel": .text(channel), "input": .text(input), "pin": pin.map { .text($0) }])
        }
    }

    /// What an `errno` of a line means, for a program.
    private static func cause(_ errno: Int32) -> String {
        switch errno {
        case EBUSY: "in_use"
        case ENODEV, ENXIO: "gone"
        case ENOENT: "missing"
        case EACCES, EPERM: "not_permitted"
        case EIO: "io"
        default: "other"
        }
    }

    var sentence: Sentence {
        switch self {
        case .inputsUnreadable(let channel, _, let errno?):
            "the inputs of \(channel) could not be read: \(systemText(errno)) (errno \(errno))"
        case .inputsUnreadable(let channel, _, nil): "the inputs of \(channel) could not be read"
        case .inputSilent(let channel, let input, let pin?):
            "the \(input) input of \(channel) (\(pin)) does not move while the other does: look at its wire, and at what it senses with"
        case .inputSilent(let channel, let input, nil):
            "the \(input) input of \(channel) does not move while the other does: look at its wire, and at what it senses with"
        }
    }
}

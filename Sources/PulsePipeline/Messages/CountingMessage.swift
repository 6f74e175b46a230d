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
    /// - Parameters:
    ///   - rejected: counts that are not believed.
    ///   - most: what is believed, per second over 10 s.
    case rateImplausible(channel: String, rejected: UInt64, most: Double)
    /// - Parameter filter: as its records have it.
    case pulsesTooShort(channel: String, pulses: UInt64, filter: String)

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
        case .rateImplausible(let channel, let rejected, let most):
            CodedMessage(
                "rate_implausible",
                [
                    "channel": .text(channel), "rejected": .whole(rejected),
                    "most_per_hour": .whole(Int64(exactly: (most * 3600).rounded()) ?? .max),
                ])
        case .pulsesTooShort(let channel, let pulses, let filter):
            CodedMessage("pulses_too_short", ["channel": .text(channel), "pulses": .whole(pulses), "filter": .text(filter)])
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
        case .rateImplausible(let channel, let rejected, let most):
            """
            \(rejected) counts of \(channel) are not believed: more than \(most.rounded(toPlaces: 3)) a second came over 10 s, so this time \
            counts as not observed; look at its wire, at what moves the contact, and at 'max-rate'
            """
        case .pulsesTooShort(let channel, let pulses, let filter):
            """
            \(pulses) pulses of \(channel) were too short for its filter (\(filter)) and are not counted: shorten 'debounce' until they \
            count, with 'pulses record' and 'pulses suggest'
            """
        }
    }
}

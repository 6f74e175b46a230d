import SensorCore
import StoreForward

/// What the log says of a destination's place in the journal.
extension DestinationChange {
    var sentence: Sentence {
        switch self {
        case .new(let name, 1):
            """
            destination \(name) is new: it gets the 1 record kept; 'begin-with: next' would have begun with the next one
            """
        case .new(let name, let owed):
            """
            destination \(name) is new: it gets all \(owed) records kept, from the oldest on; 'begin-with: next' would have begun with \
            the next one
            """
        case .beginsWithNext(let name, 1):
            "destination \(name) is new and begins with the next record: the 1 record kept is not sent to it"
        case .beginsWithNext(let name, let passedOver):
            "destination \(name) is new and begins with the next record: the \(passedOver) records kept are not sent to it"
        case .renamed(let name, let from, 1): "destination \(name) goes on where \(from) stood: it is owed 1 record"
        case .renamed(let name, let from, let owed): "destination \(name) goes on where \(from) stood: it is owed \(owed) records"
        case .formerNameUnknown(let name, let formerly):
            "destination \(name): 'formerly: \(formerly)' names a destination that this journal does not know"
        case .returned(let name, 1): "destination \(name) is named again: it goes on where it stood, and is owed 1 record"
        case .returned(let name, let owed):
            "destination \(name) is named again: it goes on where it stood, and is owed \(owed) records"
        case .left(let name, 1):
            """
            destination \(name) is no longer named: 1 record it was owed is no longer kept for it, and leaves when the budget wants it. \
            Named again, it goes on where it stood; under another name, write 'formerly: \(name)'
            """
        case .left(let name, let owed):
            """
            destination \(name) is no longer named: \(owed) records it was owed are no longer kept for it, and leave when the budget \
            wants it. Named again, it goes on where it stood; under another name, write 'formerly: \(name)'
            """
        }
    }

    var severity: LogSeverity {
        switch self {
        case .new, .beginsWithNext, .renamed, .returned: .notice
        case .formerNameUnknown, .left: .warning
        }
    }
}

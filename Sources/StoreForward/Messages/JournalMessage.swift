import SensorCore

/// What a journal says to its receivers about itself.
enum JournalMessage: CatalogueMessage {
    /// - Parameter times: from the first start to the last end, where known.
    case dropped(records: UInt64, times: (first: WallClockTime, last: WallClockTime)?, budgetBytes: Int64)
    case goesOnUnderNewEpoch(previous: JournalEpoch)
    case unreadable(records: UInt64)
    case unexplained(numbers: UInt64)
    case missed(records: UInt64, destination: String)
    /// - Parameter settlers: destinations that had acknowledged what the numbers replace.
    case forOthers(numbers: ClosedRange<UInt64>, settlers: [String])

    var coded: CodedMessage {
        switch self {
        case .dropped(let records, let times, let budgetBytes):
            CodedMessage(
                "budget_full",
                [
                    "records": .whole(records), "from": times.map { .text($0.first.rfc3339) }, "to": times.map { .text($0.last.rfc3339) },
                    "budget_bytes": .whole(budgetBytes),
                ])
        case .goesOnUnderNewEpoch(let previous): CodedMessage("new_epoch", ["previous_epoch": .text(previous.text)])
        case .unreadable(let records): CodedMessage("records_unreadable", ["records": .whole(records)])
        case .unexplained(let numbers): CodedMessage("numbers_unexplained", ["numbers": .whole(numbers)])
        case .missed(let records, let destination):
            CodedMessage("destination_came_late", ["records": .whole(records), "destination": .text(destination)])
        case .forOthers(let numbers, let settlers):
            CodedMessage(
                "replacements_for_others",
                ["first": .whole(numbers.lowerBound), "last": .whole(numbers.upperBound), "destinations": .text(settlers)])
        }
    }

    var sentence: Sentence {
        switch self {
        case .dropped(let records, let times?, let budgetBytes):
            """
            \(records) records (\(times.first.rfc3339) to \(times.last.rfc3339)) were deleted before every destination had \
            acknowledged them: the journal's budget of \(budgetBytes) bytes is full, and they could not be joined any more
            """
        case .dropped(let records, nil, let budgetBytes):
            """
            \(records) records were deleted before every destination had acknowledged them: the journal's budget of \
            \(budgetBytes) bytes is full, and they could not be joined any more
            """
        case .goesOnUnderNewEpoch(let previous):
            """
            this journal is an older copy of itself, or what was sound in a damaged one: it goes on under a new epoch, and records \
            that epoch \(previous.text) had numbered further are not in it
            """
        case .unreadable(let records):
            "\(records) records can no longer be read: the journal's file was damaged, and is set aside with what is left of them"
        case .unexplained(let numbers):
            """
            \(numbers) numbers: records that summed them, or told of them, may be among those that can no longer be read. What is \
            known of them stands; the others will not come
            """
        case .missed(let records, let destination):
            """
            \(records) records were no longer kept when destination \(destination) was named; some may be summed in others that \
            follow
            """
        case .forOthers(let numbers, let settlers):
            """
            records \(numbers.lowerBound) to \(numbers.upperBound) replace older ones for destinations that have not acknowledged \
            those; \(settlers.joined(separator: ", ")) had
            """
        }
    }
}

import SensorCore

/// A destination as an opening of the journal names it.
public struct JournalDestination: Hashable, Sendable {
    /// What a destination begins with that the journal does not know.
    public enum Beginning: String, Hashable, Sendable, CaseIterable {
        /// The oldest record kept.
        case oldest
        /// The next record.
        case next
    }

    public var name: String
    /// Its name before, whose settled numbers it takes over; nil for none.
    public var formerly: String?
    public var beginning: Beginning

    public init(_ name: String, formerly: String? = nil, beginning: Beginning = .oldest) {
        self.name = name
        self.formerly = formerly
        self.beginning = beginning
    }
}

extension JournalDestination: ExpressibleByStringLiteral {
    public init(stringLiteral name: String) { self.init(name) }
}

/// What became of a destination's place in the journal when it was opened, where that is not simply to go on.
public enum DestinationChange: Hashable, Sendable {
    /// Not known before: it is owed all records kept, so many.
    case new(name: String, owed: UInt64)
    /// Not known before: it begins with the next record, and is not given those kept, so many.
    case beginsWithNext(name: String, passedOver: UInt64)
    /// It goes on where the other name stood, and is owed so many.
    case renamed(name: String, from: String, owed: UInt64)
    /// It was to go on where this other name stood, which the journal does not know.
    case formerNameUnknown(name: String, formerly: String)
    /// Known from before, and not named when the journal was last open; it is owed so many.
    case returned(name: String, owed: UInt64)
    /// Named when the journal was last open, and no longer: so many that it is owed are no longer kept for it.
    case left(name: String, owed: UInt64)
}

extension JournalStanding {
    /// Gives the destinations their places.
    mutating func admit(_ destinations: [JournalDestination]) -> [DestinationChange] {
        // A journal that never had a record has nothing to say.
        guard lastSequence > 0 || !named.isEmpty else { return [] }
        var changes: [DestinationChange] = []
        let names = Set(destinations.map(\.name))
        var taken: Set<String> = []
        for destination in destinations where !knows(destination.name) {
            let name = destination.name
            if let formerly = destination.formerly {
                if knows(formerly), !names.contains(formerly), taken.insert(formerly).inserted {
                    acknowledged[name] = acknowledged.removeValue(forKey: formerly)
                    changes.append(.renamed(name: name, from: formerly, owed: owed(to: name)))
                    continue
                }
                changes.append(.formerNameUnknown(name: name, formerly: formerly))
            }
            if destination.beginning == .next {
                let passedOver = owed(to: name)
                acknowledged[name] = lastSequence > 0 ? everything : nil
                changes.append(.beginsWithNext(name: name, passedOver: passedOver))
            } else {
                changes.append(.new(name: name, owed: owed(to: name)))
            }
        }
        // A journal from before names were noted can't tell who was away.
        guard !named.isEmpty else { return changes }
        for destination in destinations where acknowledged[destination.name] != nil && !named.contains(destination.name) {
            let isSaid = changes.contains {
                switch $0 {
                case .renamed(let name, _, _), .beginsWithNext(let name, _): name == destination.name
                default: false
                }
            }
            if !isSaid { changes.append(.returned(name: destination.name, owed: owed(to: destination.name))) }
        }
        for name in named.sorted() where !names.contains(name) && !taken.contains(name) {
            changes.append(.left(name: name, owed: owed(to: name)))
        }
        return changes
    }

    private func knows(_ name: String) -> Bool { named.contains(name) || acknowledged[name] != nil }

    /// Kept records that it is owed.
    private func owed(to name: String) -> UInt64 {
        lastSequence == 0 ? 0 : settled(name).missing(in: 1...lastSequence).total
    }
}

/// Which way somebody passed, by the order of the channel's inputs. The configuration gives the ways their names.
public enum PassageDirection: UInt8, BitwiseCopyable, Hashable, Sendable, CaseIterable {
    /// From the first input to the second.
    case forward
    /// From the second input to the first.
    case backward
}

/// What passed, as far as a detector can honestly tell.
public enum RoadUserClass: UInt8, BitwiseCopyable, Hashable, Sendable, CaseIterable {
    case pedestrian
    /// Bicycles and what has the same axles and length: cargo bikes, scooters, motorcycles on a cycle path.
    case bike
    case car
    case van
    case lorry
    /// Motor traffic of an unknown kind.
    case motor
    /// Something passed; what it was the signal does not say.
    case unclassified

    /// As it is published.
    public var name: String {
        switch self {
        case .pedestrian: "pedestrian"
        case .bike: "bike"
        case .car: "car"
        case .van: "van"
        case .lorry: "lorry"
        case .motor: "motor"
        case .unclassified: "unclassified"
        }
    }
}

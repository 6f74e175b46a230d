public import SensorCore

/// All a node is told about its place and work: validated, complete with defaults, immutable.
///
/// Made only by `load` and `parse`. Paths in it that the file gives relative are relative to the file's folder.
public struct NodeConfiguration: Hashable, Sendable {
    /// The node's id: 1 to 63 of a-z, 0-9 and '-'.
    public let node: String
    public let board: BoardDescription
    /// Length of the measuring interval, 1 s to 1 h, a divisor of one hour.
    public let interval: TimeSpan
    /// Longer intervals that traffic is published of besides, each a multiple of `interval`.
    public let sums: [TimeSpan]
    public let site: SiteConfiguration?
    /// In the order of the file; names are unique.
    public let channels: [ChannelConfiguration]
    /// In the order of the file; names are unique.
    public let sensors: [SensorConfiguration]
    public let journal: JournalConfiguration
    /// In the order of the file; names are unique. Empty for a node that publishes nothing.
    public let destinations: [DestinationConfiguration]
    /// What holds because the file does not say otherwise, in the order of reading.
    public let assumed: [AssumedValue]
    /// What can't do what it is there for, in order of position: `check` refuses it. A node that has long been running with it goes
    /// on, since it counts with it what it can.
    public let doubts: [ConfigurationFault]
}

/// What the program knows beyond the file and checks the file against.
public struct ConfigurationContext: Sendable {
    /// The climate parts there are drivers for.
    public var parts: [PartDescription]
    /// What the edge source of this build can do.
    public var edges: EdgeCapabilities
    /// The formats that records can be published in; the first is the default.
    public var formats: [FormatDescription]
    /// Folders with board files, searched in this order.
    public var boardFolders: [String]

    public init(
        parts: [PartDescription], edges: EdgeCapabilities, formats: [FormatDescription], boardFolders: [String]
    ) {
        self.formats = formats
        self.parts = parts
        self.edges = edges
        self.boardFolders = boardFolders
    }
}

/// Where the node stands.
public struct SiteConfiguration: Hashable, Sendable {
    /// For people: "Main Street 2, north side".
    public let name: String?
    public let position: GeographicPosition?
    /// Metres above sea level, -500 to 9000, resolution 1 mm.
    public let heightMetres: Double?
}

/// WGS 84, in decimal degrees.
public struct GeographicPosition: Hashable, Sendable {
    /// -90 to 90, north is positive.
    public let latitude: Double
    /// -180 to 180, east is positive.
    public let longitude: Double
}

public struct JournalConfiguration: Hashable, Sendable {
    public let path: String
    /// What the journal may take on disk, 1 MB to 1 TB.
    public let budgetBytes: Int64
    /// How long records are gathered before they are committed together, 700 ms to 1 h. The longer, the less the card
    /// wears; a power cut loses what was gathered, and nothing is published before it is committed.
    public let commitInterval: TimeSpan

    /// What belongs to one measuring interval comes together in this time.
    package static let shortestCommitInterval = TimeSpan.milliseconds(700)
}

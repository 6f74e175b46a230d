public import SensorCore

/// The formats there are. A new one is a folder here and a line in `all`.
public enum RecordFormats {
    struct Entry {
        var description: FormatDescription
        var make: @Sendable (FormatPlace) -> any RecordFormat
    }

    static let all: [Entry] = [
        Entry(description: FormatDescription(name: "native", hasReceipts: true)) {
            NativeFormat(node: $0.node.id, baseTopic: $0.baseTopic, receiptTopic: $0.receiptTopic, site: $0.node.site)
        },
        Entry(description: FormatDescription(name: "senml", hasReceipts: false)) {
            SenMLFormat(node: $0.node, baseTopic: $0.baseTopic)
        },
    ]

    /// The first is the default.
    public static var descriptions: [FormatDescription] { all.map(\.description) }

    /// nil for a name that is none.
    public static func format(_ name: String, at place: FormatPlace) -> (any RecordFormat)? {
        all.first { $0.description.name == name }?.make(place)
    }
}

/// What a format is made for.
public struct FormatPlace: Hashable, Sendable {
    public var node: NodeDescription
    /// What all addresses of the node begin with, without a slash at the end.
    public var baseTopic: String
    /// Where receivers confirm what they have stored; nil when they are not asked.
    public var receiptTopic: String?

    public init(node: NodeDescription, baseTopic: String, receiptTopic: String? = nil) {
        self.node = node
        self.baseTopic = baseTopic
        self.receiptTopic = receiptTopic
    }
}

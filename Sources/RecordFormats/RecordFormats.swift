public import SensorCore

/// The formats there are, by the name that a configuration has for them.
public enum RecordFormatName: String, Hashable, Sendable, CaseIterable {
    case native
    case senml

    /// Whether receivers can confirm what they have stored.
    public var hasReceipts: Bool { self == .native }

    /// - Parameters:
    ///   - baseTopic: what all addresses of the node begin with, without a slash at the end.
    ///   - receiptTopic: where receivers confirm; of a format that has receipts.
    public func format(of node: NodeDescription, baseTopic: String, receiptTopic: String? = nil) -> any RecordFormat {
        switch self {
        case .native: NativeFormat(node: node.id, baseTopic: baseTopic, receiptTopic: receiptTopic)
        case .senml: SenMLFormat(node: node, baseTopic: baseTopic)
        }
    }
}

import JSONText

/// What a node itself says that its journal numbered: then it is known where an account begins and ends.
public struct AuditTruth: Hashable, Sendable {
    public var node: String
    public var epoch: String
    public var numbers: ClosedRange<UInt64>

    public init(node: String, epoch: String, numbers: ClosedRange<UInt64>) {
        self.node = node
        self.epoch = epoch
        self.numbers = numbers
    }
}

extension AuditTruth {
    /// From what `reallabor-node status --json` prints; nil for anything else.
    public static func read(status: [UInt8]) -> [AuditTruth]? {
        let value: JSONValue
        do throws(JSONFault) { value = try JSONReader.read(status) } catch { return nil }
        guard case .string(let node)? = value["node"]?.content, case .array(let epochs)? = value["journal"]?["epochs"]?.content else {
            return nil
        }
        var truths: [AuditTruth] = []
        for item in epochs {
            guard case .string(let epoch)? = item["epoch"]?.content, let first = item["first"]?.whole, let last = item["last"]?.whole,
                first >= 1, first <= last
            else { return nil }
            truths.append(AuditTruth(node: node, epoch: epoch, numbers: first...last))
        }
        return truths.isEmpty ? nil : truths
    }
}

extension JSONValue {
    fileprivate subscript(key: String) -> JSONValue? {
        guard case .object(let members) = content else { return nil }
        return members.first { $0.key == key }?.value
    }

    fileprivate var whole: UInt64? {
        guard case .number(let text) = content else { return nil }
        return UInt64(text)
    }
}

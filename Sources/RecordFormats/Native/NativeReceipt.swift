import JSONText
public import SensorCore

extension NativeFormat {
    /// `{"epoch": "5d1f0c3a9be24471", "stored_through": 4711}`: everything up to that number, and nothing of it is missing.
    /// With two lanes a receiver holds numbers beyond gaps, too: `"stored": [[1, 20], [4000, 4711]]`.
    public static func receipt(from payload: [UInt8]) -> DeliveryReceipt? {
        let value: JSONValue
        do throws(JSONFault) { value = try JSONReader.read(payload) } catch { return nil }
        guard case .object(let members) = value.content else { return nil }
        var epoch: JournalEpoch?
        var stored: [ClosedRange<UInt64>] = []
        for (key, value) in members {
            switch key {
            case "epoch":
                guard case .string(let text) = value.content, text.utf8.count == 16, let number = UInt64(text, radix: 16) else {
                    return nil
                }
                epoch = JournalEpoch(rawValue: number)
            case "stored_through":
                guard let last = value.sequence else { return nil }
                stored.append(1...last)
            case "stored":
                guard case .array(let items) = value.content else { return nil }
                for item in items {
                    guard case .array(let ends) = item.content, ends.count == 2, let first = ends[0].sequence,
                        let last = ends[1].sequence, first <= last
                    else { return nil }
                    stored.append(first...last)
                }
            default: break
            }
        }
        guard let epoch, !stored.isEmpty else { return nil }
        return DeliveryReceipt(epoch: epoch, stored: stored)
    }
}

extension JSONValue {
    /// A number from 1.
    fileprivate var sequence: UInt64? {
        guard case .number(let text) = content, let number = UInt64(text), number > 0 else { return nil }
        return number
    }
}

import SensorCore

extension CalibrationEntry {
    /// The entry as the YAML text of its file. Every text stands in double quotes, so that none is taken for syntax.
    public var fileText: String {
        var lines = ["id: \(id)", "node: \(Self.quote(node))", "sensor: \(Self.quote(sensor))", "part: \(Self.quote(part))"]
        if let serial { lines.append("serial: \(Self.quote(serial))") }
        lines.append("quantity: \(quantity.rawValue)")
        lines.append("when: \(performedAt.rfc3339)")
        lines.append("by: \(Self.quote(by))")
        if let place { lines.append("where: \(Self.quote(place))") }
        lines.append("reference: \(Self.quote(reference))")
        if let expiresAt { lines.append("expires: \(expiresAt.rfc3339)") }
        switch change {
        case .correct(.linear(let line)):
            lines.append("offset: \(line.offset)")
            lines.append("gain: \(line.gain)")
        case .correct(.piecewise(let line)):
            lines.append("points:")
            for point in line.points { lines.append("  - {raw: \(point.raw), reference: \(point.reference)}") }
        case .backTo(let id): lines.append("revert: \(id)")
        case .factory: lines.append("revert: factory")
        }
        // Last, because it must be there: a file that was cut short lacks it, whatever points it still holds.
        lines.append("unit: \(Self.quote(quantity.unit))")
        return lines.joined(separator: "\n") + "\n"
    }

    /// YAML 1.1, 5.7: in double quotes only '"' and '\' have a meaning; what is not printable is escaped.
    private static func quote(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x22, 0x5C:
                quoted += "\\"
                quoted.unicodeScalars.append(scalar)
            case 0x20...0x7E: quoted.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
            }
        }
        return quoted + "\""
    }
}

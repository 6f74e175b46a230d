extension String {
    /// With control characters written out as `\\u{1b}`: in a name or a message that somebody else chose they would move a terminal's
    /// cursor, or begin a line of the log that nobody wrote. Controls are C0, DEL, C1, and those that turn the direction of writing.
    public func withoutControls(keeping kept: String = "") -> String {
        guard unicodeScalars.contains(where: { $0.isControl && !kept.unicodeScalars.contains($0) }) else { return self }
        var text = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            if scalar.isControl, !kept.unicodeScalars.contains(scalar) {
                text.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            } else {
                text.append(scalar)
            }
        }
        return String(text)
    }
}

extension Unicode.Scalar {
    fileprivate var isControl: Bool {
        switch value {
        case 0..<0x20, 0x7F..<0xA0, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}

/// A channel's filter as numbers, for whoever has `CountQuality.filter`.
///
/// That text is what is stored, since it stands in every record and the journal packs it to a few bytes. It is written by one
/// rule (`PulseFilter.text`), and read by it here. Times are in ms.
public struct FilterSettings: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case none
        case stable(rise: Double, fall: Double)
        case lockout(time: Double)
        case kernel(period: Double)
    }

    public var kind: Kind
    /// Pulses shorter than this do not exist; nil where none are too short.
    public var glitchesBelow: Double?

    public init(_ kind: Kind, glitchesBelow: Double? = nil) {
        self.kind = kind
        self.glitchesBelow = glitchesBelow
    }

    /// nil for a text of another form.
    public init?(_ text: String) {
        var words = text.split(separator: " ", omittingEmptySubsequences: false)[...]
        /// "8 ms", with a comma where more follows.
        func time() -> Double? {
            guard words.count >= 2, let value = Double(words[words.startIndex]), value.isFinite, value >= 0,
                ["ms", "ms,"].contains(words[words.startIndex + 1])
            else { return nil }
            words.removeFirst(2)
            return value
        }
        switch words.popFirst() {
        case "none", "none,": kind = .none
        case "stable":
            guard words.popFirst() == "rise", let rise = time(), words.popFirst() == "fall", let fall = time() else { return nil }
            kind = .stable(rise: rise, fall: fall)
        case "lockout":
            guard let lockout = time() else { return nil }
            kind = .lockout(time: lockout)
        case "kernel":
            guard let period = time() else { return nil }
            kind = .kernel(period: period)
        default: return nil
        }
        if words.isEmpty { return }
        guard words.popFirst() == "glitches", words.popFirst() == "below", let glitches = time(), words.isEmpty else { return nil }
        glitchesBelow = glitches
    }
}

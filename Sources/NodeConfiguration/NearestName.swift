public import SensorCore

/// The one of `candidates` that was probably meant, if any is near.
///
/// Near is: equal but for case and `_` for `-`; or one begins with the other; or at most one edit per three characters.
public func nearest(to name: String, among candidates: [String]) -> String? {
    let wanted = folded(name)
    guard !wanted.isEmpty, wanted.count <= 64 else { return nil }
    var best: (candidate: String, distance: Int)?
    for candidate in candidates {
        let other = folded(candidate)
        var distance = editDistance(wanted, other)
        let shorter = min(wanted.count, other.count)
        if shorter >= 3, wanted.starts(with: other) || other.starts(with: wanted) { distance = min(distance, 1) }
        let allowed = max(1, (max(wanted.count, other.count) + 1) / 3)
        if distance <= allowed, shorter > 1 || distance == 0, distance < best?.distance ?? .max {
            best = (candidate, distance)
        }
    }
    return best?.candidate
}

/// "did you mean 'x'?", or all there are.
///
/// - Parameter plural: what they are, "parts"; stands in front of a colon.
public func suggestion(for name: String, among candidates: [String], called plural: Sentence) -> Sentence {
    if let near = nearest(to: name, among: candidates) { return "did you mean '\(near)'?" }
    if candidates.isEmpty { return "there are no \(plural)" }
    return "\(plural): \(candidates.joined(separator: ", "))"
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other
/// (optimal string alignment). "hots" and "host" are 1 apart.
func editDistance(_ a: [Character], _ b: [Character]) -> Int {
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for i in a.indices {
        var row = [i + 1]
        for j in b.indices {
            var least = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { least = min(least, beforeLast[j - 1] + 1) }
            row.append(least)
        }
        (beforeLast, last) = (last, row)
    }
    return last[b.count]
}

private func folded(_ name: String) -> [Character] {
    name.lowercased().map { $0 == "_" ? "-" : $0 }
}

/// Text from a file as a message shows it: in quotes, on one line, at most 40 characters.
func quoted(_ text: String) -> String {
    var shown = ""
    for scalar in text.unicodeScalars.prefix(40) {
        shown += scalar.properties.generalCategory == .control ? scalar.escaped(asASCII: true) : String(scalar)
    }
    return text.unicodeScalars.count > 40 ? "'\(shown)…'" : "'\(shown)'"
}

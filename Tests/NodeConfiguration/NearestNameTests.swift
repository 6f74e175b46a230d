import Testing

@testable import NodeConfiguration

@Suite struct NearestNames {
    /// By hand; "kitten"/"sitting" is Levenshtein's usual example, "ca"/"abc" the one that tells optimal string
    /// alignment (3) from the unrestricted distance (2).
    @Test(
        "Distances",
        arguments: [
            ("", "", 0), ("", "abc", 3), ("abc", "", 3), ("host", "hots", 1), ("kitten", "sitting", 3), ("ca", "abc", 3),
            ("same", "same", 0),
        ])
    func distances(_ a: String, _ b: String, _ distance: Int) {
        #expect(editDistance(Array(a), Array(b)) == distance)
        #expect(editDistance(Array(b), Array(a)) == distance)
    }

    @Test(
        "Nearest keys",
        arguments: [
            ("prot", "port"), ("PORT", "port"), ("client_id", "client-id"), ("clientid", "client-id"), ("password", "password-file"),
            ("keep-alive", "keepalive"), ("colour", nil), ("", nil), ("x", nil), (String(repeating: "port", count: 1000), nil),
        ] as [(String, String?)])
    func nearestKeys(_ name: String, _ expected: String?) {
        #expect(nearest(to: name, among: ["port", "topic", "client-id", "password-file", "keepalive"]) == expected)
    }

    @Test("Text from a file is shown on one short line") func textFromAFileIsShownOnOneShortLine() {
        #expect(quoted("a\nb\u{1B}") == #"'a\nb\u{1B}'"#)
        #expect(quoted(String(repeating: "x", count: 100)) == "'" + String(repeating: "x", count: 40) + "…'")
    }
}

package import SensorCore

/// The msgids of `Translations/*.pot`, which Deploy/messages.py writes: one a line.
package struct SentenceCatalogue {
    package private(set) var templates: Set<String> = []

    /// - Parameter targets: "SensorCore", "NodeConfiguration".
    package init(_ targets: String...) {
        let repository = #filePath.dropLast("Tests/Support/SentenceCatalogue.swift".count)
        for target in targets {
            for line in text(ofFile: "\(repository)Translations/\(target).pot").split(separator: "\n") where line.hasPrefix("msgid \"") {
                templates.insert(Self.unescaped(line.dropFirst("msgid \"".count).dropLast()))
            }
        }
        templates.remove("")
    }

    private static func unescaped(_ text: Substring) -> String {
        var (plain, isEscaped) = ("", false)
        for character in text {
            switch (isEscaped, character) {
            case (false, "\\"): isEscaped = true
            case (true, "n"): (plain, isEscaped) = (plain + "\n", false)
            case (true, "t"): (plain, isEscaped) = (plain + "\t", false)
            default: (plain, isEscaped) = (plain + String(character), false)
            }
        }
        return plain
    }

    /// Of the sentence and those within it: templates with words that no catalogue has.
    package func missing(of sentence: Sentence) -> [String] {
        let within = sentence.values.flatMap { value -> [String] in
            if case .sentence(let inner) = value { missing(of: inner) } else { [] }
        }
        let words = (1...max(1, sentence.values.count)).reduce(sentence.template) { words, place in
            words.split(separator: "%\(place)$s", omittingEmptySubsequences: false).joined(separator: " ")
        }
        return !words.contains(where: \.isLetter) || templates.contains(sentence.template) ? within : within + [sentence.template]
    }

    /// A language for tests: each template that is known in «», its places from the last to the first and nothing else.
    package func backwards(_ template: String) -> String? {
        guard templates.contains(template) else { return nil }
        let places = (1...99).filter { template.contains("%\($0)$s") }
        return "«" + places.reversed().map { "%\($0)$s" }.joined(separator: "|") + "»"
    }
}

/// A language that sentences for people are written in. English is the language of the templates themselves.
public enum Language: String, Hashable, Sendable, CaseIterable {
    case english = "en"
}

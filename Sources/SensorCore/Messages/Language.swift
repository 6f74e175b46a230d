/// A language that sentences for people are written in. Each catalogue of messages has a template for each.
public enum Language: String, Hashable, Sendable, CaseIterable {
    case english = "en"
}

import SensorCore

extension YAMLSyntaxError {
    /// Where the person has to look: a line without its colon is only noticed behind it.
    var place: SourcePosition {
        if let context, problem == "could not find expected ':'" { return context.position }
        return position
    }

    /// libyaml says what its grammar missed; this adds what a person usually did.
    func advice(endOfFile: SourcePosition) -> Sentence {
        guard let context else { return "not valid YAML: \(problem); \(usualCause)" }
        let endsTooEarly = position >= endOfFile && (context.words.contains("flow") || context.words.contains("quoted"))
        let cause: Sentence = endsTooEarly ? "the file ends too early: a closing bracket or quote is missing" : usualCause
        guard context.position != place else { return "not valid YAML: \(problem); \(cause)" }
        return "not valid YAML: \(problem) (\(context.words) that begins at \(context.position)); \(cause)"
    }

    private var usualCause: Sentence {
        switch problem {
        case let problem where problem.contains("tab character"):
            "indent with spaces"
        case "found character that cannot start any token":
            "indent with spaces, not tabs, and put quotes around text that begins with @, ` or %"
        case "mapping values are not allowed in this context":
            "check the indentation of this line and the one before, and put quotes around text that contains ': '"
        case "could not find expected ':'":
            "a key needs a colon and a space behind it, as in 'port: 1883'"
        case "did not find expected key", "did not find expected '-' indicator",
            "block sequence entries are not allowed in this context":
            "check the indentation: entries that belong together begin in the same column"
        case "did not find expected ',' or '}'", "did not find expected ',' or ']'":
            "separate entries by commas and close every bracket"
        case "did not find expected <document start>":
            "check the indentation of this line"
        case "found unknown escape character":
            "a backslash inside \"…\" begins an escape; use '…' instead"
        case "found unexpected end of stream", "found unexpected document indicator":
            "a closing quote or bracket is missing"
        default:
            "check the line and the one before it"
        }
    }
}

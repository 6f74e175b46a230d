import SensorCore

/// A sentence between the two processes: its template and what stands in its places, so that it becomes text where a person reads it.
///
/// On the wire: the template, the number of values (UInt8), and for each a byte for its kind and the value.
private enum ValueKind: UInt8 {
    case text = 0
    case number, sentence
}

extension Sentence {
    /// Sentences within sentences. Ours have four at most.
    fileprivate static let deepest = 8
    fileprivate static let mostValues = 255

    fileprivate func fits(depth: Int) -> Bool {
        depth > 0 && values.count <= Self.mostValues
            && values.allSatisfy { if case .sentence(let inner) = $0 { inner.fits(depth: depth - 1) } else { true } }
    }
}

extension FrameWriter {
    /// One that is deeper or wider than what is read goes as English text.
    mutating func sentence(_ sentence: Sentence) {
        write(sentence.fits(depth: Sentence.deepest) ? sentence : Sentence(verbatim: sentence.text(in: .english)))
    }

    private mutating func write(_ sentence: Sentence) {
        text(sentence.template)
        number(UInt8(clamping: sentence.values.count))
        for value in sentence.values {
            switch value {
            case .text(let words):
                number(ValueKind.text.rawValue)
                text(words)
            case .number(let count):
                number(ValueKind.number.rawValue)
                number(count)
            case .sentence(let inner):
                number(ValueKind.sentence.rawValue)
                write(inner)
            }
        }
    }
}

extension FrameReader {
    /// A sentence that a person is shown: each piece of it is a `line`, and so is the whole, in English.
    mutating func sentence() -> Sentence {
        let sentence = sentence(depth: Sentence.deepest)
        let text = sentence.text(in: .english)
        return text.utf8.count > Self.longestLine ? Sentence(verbatim: Self.line(text)) : sentence
    }

    private mutating func sentence(depth: Int) -> Sentence {
        let template = line()
        var values: [Sentence.Value] = []
        for _ in 0..<number(UInt8.self) where !isBroken { values.append(value(depth: depth)) }
        return Sentence(template: template, values: values)
    }

    private mutating func value(depth: Int) -> Sentence.Value {
        switch known(ValueKind(rawValue: number()), or: .number) {
        case .text: return .text(line())
        case .number: return .number(number())
        case .sentence:
            guard depth > 1 else {
                _ = known(UInt8?.none, or: 0)
                return .text("")
            }
            return .sentence(sentence(depth: depth - 1))
        }
    }
}

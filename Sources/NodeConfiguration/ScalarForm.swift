import SensorCore

/// Why a text is not the value it should be, and what to write instead.
struct ScalarFault: Error {
    var said: Sentence
    init(_ said: Sentence) { self.said = said }
}

/// How the text of a single value is read.
struct ScalarForm<Value> {
    let read: (String) throws(ScalarFault) -> Value
}

extension ScalarForm where Value == String {
    /// One line without control characters, 1 to 1000 bytes.
    static var text: Self {
        Self { text throws(ScalarFault) in
            try checkText(text)
            return text
        }
    }

    /// 1 to 63 of a-z, 0-9 and '-', not beginning with '-': fit for topics, host names and file names.
    static var name: Self {
        Self { text throws(ScalarFault) in
            let scalars = Array(text.unicodeScalars)
            let isFit = scalars.allSatisfy { ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "-" }
            guard (1...63).contains(scalars.count), isFit, scalars.first != "-" else {
                throw ScalarFault(
                    """
                    \(quoted(text)) is not a name; write 1 to 63 of a-z, 0-9 and '-', beginning with a letter or digit, \
                    for example main-street-2
                    """)
            }
            return text
        }
    }
}

/// One line without control characters, 1 to 1000 bytes.
func checkText(_ text: String) throws(ScalarFault) {
    guard !text.isEmpty else { throw ScalarFault("an empty text; write a value or remove the key") }
    guard text.utf8.count <= 1000 else { throw ScalarFault("a text of more than 1000 bytes; shorten it") }
    guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
        throw ScalarFault("\(quoted(text)) has a line break or control character in it; write it on one line")
    }
}

extension ScalarForm where Value == Int {
    /// A whole decimal number.
    static func integer(in range: ClosedRange<Int>, example: Sentence) -> Self {
        Self { text throws(ScalarFault) in
            let advice: Sentence =
                range.count == 1
                ? "write \(range.lowerBound)"
                : "write a whole number from \(range.lowerBound) to \(range.upperBound), for example \(example)"
            let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
            guard !digits.isEmpty, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
                throw ScalarFault("\(quoted(text)) is not a whole number; \(advice)")
            }
            guard let number = Int(text), range.contains(number) else {
                throw ScalarFault("\(quoted(text)) is out of range; \(advice)")
            }
            return number
        }
    }
}

extension ScalarForm where Value == Double {
    /// A decimal number with a point, without a unit.
    static func number(in range: ClosedRange<Double>, meaning: Sentence, example: String) -> Self {
        Self { text throws(ScalarFault) in
            let advice: Sentence = "write \(meaning), for example \(example)"
            if text.contains(",") { throw ScalarFault("\(quoted(text)) has a comma; decimals have a point, so \(advice)") }
            let allowed = text.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "+-.eE".utf8.contains(byte)
            }
            guard allowed, let number = Double(text) else {
                throw ScalarFault("\(quoted(text)) is not a number; \(advice)")
            }
            guard range.contains(number) else { throw ScalarFault("\(quoted(text)) is out of range; \(advice)") }
            return number
        }
    }
}

extension ScalarForm where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of a few words.
    static func oneOf(called plural: Sentence) -> Self {
        Self { text throws(ScalarFault) in
            guard let value = Value(rawValue: text) else {
                let words = Value.allCases.map(\.rawValue)
                throw ScalarFault("\(quoted(text)) is not known; \(suggestion(for: text, among: words, called: plural))")
            }
            return value
        }
    }
}

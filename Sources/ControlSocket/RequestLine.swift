import SensorCore

/// A request line taken apart and checked against the verbs there are.
struct RequestLine: Equatable {
    var request: ControlRequest
    /// Bytes that are to follow.
    var payloadLength: Int

    /// - Parameter line: without its line feed.
    init(_ line: some Sequence<UInt8>, verbs: [ControlVerb]) throws(ControlRefusal) {
        let bytes = Array(line)
        guard bytes.allSatisfy({ (0x20...0x7E).contains($0) || $0 >= 0x80 }), let text = String(validating: bytes, as: UTF8.self)
        else { throw ControlRefusal("not_text", "the request is not one line of UTF-8 text") }
        var words = text.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
        guard let greeting = words.first, greeting == ControlProtocol.greeting else {
            let protocolName = shown(words.first ?? "")
            throw ControlRefusal(
                "unknown_protocol", ["protocol": .text(protocolName), "known": .text(ControlProtocol.greeting)],
                "unknown protocol '\(protocolName)': this node speaks \(ControlProtocol.greeting)")
        }
        words.removeFirst()
        guard let name = words.first, let verb = verbs.first(where: { $0.name == name }) else {
            let known = verbs.map(\.form).joined(separator: ", ")
            let request = shown(words.first ?? "")
            throw ControlRefusal(
                "unknown_request", ["request": .text(request), "known": .text(verbs.map(\.name))],
                "unknown request '\(request)': there are \(known)")
        }
        words.removeFirst()
        payloadLength = 0
        guard words.count == verb.argumentCount + (verb.takesPayload ? 1 : 0) else {
            throw ControlRefusal(
                "wrong_argument_count", ["request": .text(name), "count": .whole(words.count), "form": .text(verb.form)],
                "\(name) has \(words.count) arguments: write \(verb.form)")
        }
        if verb.takesPayload, let length = words.popLast() {
            guard let count = Int(length), (0...ControlProtocol.payloadLimit).contains(count) else {
                let length = shown(length)
                throw ControlRefusal(
                    "wrong_payload_length", ["length": .text(length), "limit": .whole(ControlProtocol.payloadLimit)],
                    "payload length '\(length)': write a whole number of bytes, at most \(ControlProtocol.payloadLimit)")
            }
            payloadLength = count
        }
        request = ControlRequest(verb: name, arguments: words)
    }
}

/// A client's own word in an answer: at most 40 characters.
private func shown(_ word: String) -> String { word.count > 40 ? "\(word.prefix(40))…" : word }

import SensorCore

extension CodedMessage {
    func write(to writer: inout FieldWriter) {
        writer.write(1, code)
        for argument in arguments { writer.write(2) { argument.write(to: &$0) } }
    }

    init(_ field: FieldReader.Field) throws(RecordCodecError) {
        var reader = try field.part()
        var code: String?
        var arguments: [Argument] = []
        while let field = try reader.next() {
            switch field.tag {
            case 1: code = try field.text()
            case 2: if let argument = try Argument.known(field) { arguments.append(argument) }
            default: field.passOver()
            }
        }
        self.init(code: try reader.required(code, "code of a message"), arguments: arguments)
    }
}

extension CodedMessage.Argument {
    func write(to writer: inout FieldWriter) {
        writer.write(1, name)
        switch value {
        case .number(let number): writer.write(2, signed: number)
        case .text(let text): writer.write(3, text)
        }
    }

    /// nil for a value of a kind that only a newer program knows.
    static func known(_ field: FieldReader.Field) throws(RecordCodecError) -> Self? {
        var reader = try field.part()
        var name: String?
        var value: CodedMessage.Value?
        while let field = try reader.next() {
            switch field.tag {
            case 1: name = try field.text()
            case 2: value = .number(try field.signed())
            case 3: value = .text(try field.text())
            default: field.passOver()
            }
        }
        let known = try reader.required(name, "name of an argument")
        if value == nil, reader.holdsUnknown { return nil }
        return Self(name: known, value: try reader.required(value, "value of an argument"))
    }
}

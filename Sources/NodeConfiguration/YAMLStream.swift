import CYAML

/// What libyaml saw, copied out of its events.
enum YAMLEvent {
    case documentStart
    case documentEnd
    case streamEnd
    case scalar(String, isPlain: Bool)
    case sequenceStart
    case sequenceEnd
    case mappingStart
    case mappingEnd
    case alias
}

/// An event with its place and what is attached to it.
struct MarkedYAMLEvent {
    var event: YAMLEvent
    var position: SourcePosition
    /// `&name` or `*name`.
    var anchor: String?
    /// `!!str`, `!custom`, resolved.
    var tag: String?
}

/// Text that is not YAML, in libyaml's words.
struct YAMLSyntaxError: Error {
    var problem: String
    var position: SourcePosition
    /// What was being read and where it began: "while parsing a flow mapping".
    var context: (words: String, position: SourcePosition)?
}

/// libyaml's parser over bytes that stay where they are.
struct YAMLStream: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>

    /// `bytes` must outlive the stream. nil when there is no memory for a parser.
    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        parser = .allocate(capacity: 1)
        guard yaml_parser_initialize(parser) == 1 else {
            parser.deallocate()
            return nil
        }
        yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    mutating func next() throws(YAMLSyntaxError) -> MarkedYAMLEvent {
        var event = yaml_event_t()
        while true {
            guard yaml_parser_parse(parser, &event) == 1 else { throw syntaxError() }
            defer { yaml_event_delete(&event) }
            if event.type == YAML_STREAM_START_EVENT { continue }
            return Self.copy(event)
        }
    }

    private static func copy(_ event: yaml_event_t) -> MarkedYAMLEvent {
        var copy = MarkedYAMLEvent(event: .streamEnd, position: SourcePosition(event.start_mark))
        switch event.type {
        case YAML_DOCUMENT_START_EVENT:
            copy.event = .documentStart
        case YAML_DOCUMENT_END_EVENT:
            copy.event = .documentEnd
        case YAML_ALIAS_EVENT:
            copy.event = .alias
            copy.anchor = text(event.data.alias.anchor)
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let value = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            copy.event = .scalar(
                String(decoding: value, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
            copy.anchor = text(scalar.anchor)
            copy.tag = text(scalar.tag)
        case YAML_SEQUENCE_START_EVENT:
            copy.event = .sequenceStart
            copy.anchor = text(event.data.sequence_start.anchor)
            copy.tag = text(event.data.sequence_start.tag)
        case YAML_SEQUENCE_END_EVENT:
            copy.event = .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            copy.event = .mappingStart
            copy.anchor = text(event.data.mapping_start.anchor)
            copy.tag = text(event.data.mapping_start.tag)
        case YAML_MAPPING_END_EVENT:
            copy.event = .mappingEnd
        default:
            break
        }
        return copy
    }

    private static func text(_ characters: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        characters.map { String(cString: $0) }
    }

    private func syntaxError() -> YAMLSyntaxError {
        let state = parser.pointee
        var error = YAMLSyntaxError(
            problem: state.problem.map { String(cString: $0) } ?? "out of memory",
            position: SourcePosition(state.problem_mark))
        if let context = state.context {
            error.context = (String(cString: context), SourcePosition(state.context_mark))
        }
        return error
    }
}

extension SourcePosition {
    /// libyaml counts lines and columns from 0.
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(line: mark.line + 1, column: mark.column + 1)
    }
}

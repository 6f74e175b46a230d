import JSONText
import SensorCore

/// Beside each text for people: what it says as data.
extension JSONWriter {
    /// `null` for what comes from before there were codes.
    mutating func message(_ message: CodedMessage?, _ codeName: String, _ argumentsName: String) {
        field(codeName, message?.code)
        guard let message else { return nullField(argumentsName) }
        objectField(argumentsName) { json in
            for argument in message.arguments {
                switch argument.value {
                case .number(let number): json.field(argument.name, number)
                case .text(let text): json.field(argument.name, text)
                }
            }
        }
    }

    /// `null` for a filter that is not known by its text.
    mutating func filterSettings(_ text: String) {
        guard let settings = FilterSettings(text) else { return nullField("filter_settings") }
        objectField("filter_settings") { json in
            switch settings.kind {
            case .none: json.field("kind", "none")
            case .stable(let rise, let fall):
                json.field("kind", "stable")
                json.field("rise_ms", rise)
                json.field("fall_ms", fall)
            case .lockout(let time):
                json.field("kind", "lockout")
                json.field("time_ms", time)
            case .kernel(let period):
                json.field("kind", "kernel")
                json.field("period_ms", period)
            }
            json.field("glitches_below_ms", settings.glitchesBelow)
        }
    }
}

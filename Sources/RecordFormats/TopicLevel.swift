extension String {
    /// The name as one level of an MQTT topic: `/`, the wildcards `+` and `#` (MQTT 5.0 §4.7.1), control characters and
    /// `%` itself become `%` and two hexadecimal digits, so that different names stay different. So do a space and `.`, `*`,
    /// `>` and `$`, which other protocols behind a broker take for something of their own: NATS hangs up at a space, RabbitMQ
    /// begins a new level at a dot. "Tor 1/Nord" becomes "Tor%201%2FNord".
    var topicLevel: String {
        var level = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "/", "+", "#", "%", " ", ".", "*", ">", "$", "\u{0}"..<"\u{20}", "\u{7F}":
                let digits = String(scalar.value, radix: 16, uppercase: true)
                level += "%" + (digits.count < 2 ? "0" : "") + digits
            default: level.unicodeScalars.append(scalar)
            }
        }
        return level
    }
}

public import PulsePipeline
public import SensorCore

/// Why a filter in one word can't be read, and what to write.
public struct FilterShorthandFault: Error, Hashable, Sendable, SentenceConvertible {
    public var sentence: Sentence
}

extension PulseFilter {
    /// A filter in one word, as a person types it to try it: `stable=8ms`, `stable=1ms/6ms` (rise, fall), `lockout=20ms`,
    /// `none`, each also with `+glitch=250us`. The limits are those of a configuration.
    public init(shorthand text: String) throws(FilterShorthandFault) {
        let parts = text.split(separator: "+", omittingEmptySubsequences: false)
        var glitch: TimeSpan?
        if parts.count == 2 {
            let (name, value) = Self.halves(parts[1])
            guard name == "glitch", let value else { throw Self.fault(text, "after + stands glitch=TIME") }
            glitch = try Self.time(value, in: .microseconds(1)...(.seconds(1)), of: text)
        }
        guard parts.count <= 2 else { throw Self.fault(text, "one + at most, before glitch=TIME") }
        let kind = try Self.kind(parts[0], of: text)
        if let glitch, let shortest = kind.shortestTime, glitch >= shortest {
            throw Self.fault(text, "the glitch time is not shorter than the filter's own, which leaves that nothing to do")
        }
        self.init(kind, glitchTime: glitch ?? .zero)
    }

    private static func kind(_ part: Substring, of text: String) throws(FilterShorthandFault) -> Kind {
        let span = TimeSpan.microseconds(1)...(.seconds(10))
        let (name, value) = halves(part)
        switch (name, value) {
        case ("none", nil): return .none
        case ("lockout", let value?): return .lockout(try time(value, in: span, of: text))
        case ("stable", let value?):
            let times = value.split(separator: "/", omittingEmptySubsequences: false)
            guard times.count <= 2 else { throw fault(text, "stable has one time, or two: stable=RISE/FALL") }
            let rise = try time(times[0], in: span, of: text)
            return .stable(rise: rise, fall: times.count == 2 ? try time(times[1], in: span, of: text) : rise)
        case ("kernel", _):
            throw fault(text, "a trace holds what came after the kernel's filter; compare 'stable' or 'lockout'")
        default: throw fault(text, "write stable=8ms, stable=1ms/6ms, lockout=20ms or none")
        }
    }

    private static func halves(_ part: Substring) -> (name: Substring, value: Substring?) {
        guard let sign = part.firstIndex(of: "=") else { return (part, nil) }
        return (part[..<sign], part[part.index(after: sign)...])
    }

    private static func time(
        _ value: Substring, in range: ClosedRange<TimeSpan>, of text: String
    ) throws(FilterShorthandFault) -> TimeSpan {
        do throws(ScalarFault) {
            return try ScalarForm<TimeSpan>.time(in: range).read(String(value))
        } catch {
            throw fault(text, error.said)
        }
    }

    private static func fault(_ text: String, _ advice: Sentence) -> FilterShorthandFault {
        FilterShorthandFault(sentence: "filter \(quoted(text)): \(advice)")
    }
}

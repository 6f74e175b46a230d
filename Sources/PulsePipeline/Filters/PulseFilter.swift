public import SensorCore

/// What stands between an input's edges and the detector: how long a level must be held to be believed.
public struct PulseFilter: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// Every edge counts.
        case none
        /// A level is accepted once it was held for its time; 1 µs to 10 s.
        case stable(rise: TimeSpan, fall: TimeSpan)
        /// A level is accepted at once, then the line is not looked at for this long: nothing is late, but a spike counts.
        case lockout(TimeSpan)
        /// Debounced by the kernel before events are made.
        case kernel(period: TimeSpan)
    }

    public var kind: Kind
    /// Pulses shorter than this do not exist for what follows, not even as a restart of the time of stability; zero is off.
    public var glitchTime: TimeSpan

    public init(_ kind: Kind, glitchTime: TimeSpan = .zero) {
        self.kind = kind
        self.glitchTime = glitchTime
    }

    public static func stable(rise: TimeSpan, fall: TimeSpan) -> PulseFilter { PulseFilter(.stable(rise: rise, fall: fall)) }
    public static func kernel(period: TimeSpan) -> PulseFilter { PulseFilter(.kernel(period: period)) }
    public static func lockout(_ time: TimeSpan) -> PulseFilter { PulseFilter(.lockout(time)) }
    public static let none = PulseFilter(.none)

    /// How long an active level must be held; zero where that is not asked.
    public var riseTime: TimeSpan {
        if case .stable(let rise, _) = kind { rise } else { .zero }
    }
    public var fallTime: TimeSpan {
        if case .stable(_, let fall) = kind { fall } else { .zero }
    }

    /// Pulses that follow each other faster can't pass, however they are shaped: each level is to be held for its time.
    package var shortestPeriod: TimeSpan {
        let kept: TimeSpan =
            switch kind {
            case .none: .zero
            case .stable(let rise, let fall): rise + fall
            case .lockout(let time): time
            case .kernel(let period): period * 2
            }
        return max(kept, glitchTime * 2)
    }

    /// As it is published with every count: "stable rise 8 ms, fall 8 ms", "lockout 20 ms, glitches below 0.1 ms", "none".
    public var text: String {
        let name =
            switch kind {
            case .none: "none"
            case .stable(let rise, let fall) where rise == .zero && fall == .zero: "none"
            case .stable(let rise, let fall): "stable rise \(rise.milliseconds), fall \(fall.milliseconds)"
            case .lockout(let time): "lockout \(time.milliseconds)"
            case .kernel(let period): "kernel \(period.milliseconds)"
            }
        return glitchTime == .zero ? name : "\(name), glitches below \(glitchTime.milliseconds)"
    }
}

extension TimeSpan {
    /// In milliseconds with as many digits as it needs: "8 ms", "0.25 ms".
    var milliseconds: String {
        let value = Double(nanoseconds) / 1e6
        return value == value.rounded() ? "\(Int64(value)) ms" : "\(value) ms"
    }
}

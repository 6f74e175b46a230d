import PulsePipeline
import SensorCore

extension PulseFilter {
    private enum KindName: String, CaseIterable {
        case stable
        case lockout
        case kernel
        case none

        var keys: [String] {
            switch self {
            case .stable: ["time", "rise", "fall", "glitch"]
            case .lockout: ["time", "glitch"]
            case .kernel: ["time"]
            case .none: ["glitch"]
            }
        }
    }

    static func read(
        _ node: YAMLNode, of channel: Sentence, edges: EdgeCapabilities, faults: FaultCollector
    ) -> PulseFilter? {
        let name = node.peek("kind").flatMap(KindName.init(rawValue:))
        let title: Sentence = name.map { "debounce of kind \($0.rawValue) of \(channel)" } ?? "debounce of \(channel)"
        guard
            let reader = MappingReader(
                node, title: title, keys: ["kind"] + (name ?? .stable).keys, example: "{kind: stable, time: 8ms}",
                faults: faults)
        else { return nil }
        let kind = kind(reader, edges: edges, faults: faults)
        guard reader.has("glitch") else { return kind.map { PulseFilter($0) } }
        let glitch = reader.optional("glitch", as: .time(in: .microseconds(1)...(.seconds(1))))
        guard let kind, let glitch else { return nil }
        if let position = reader.node("glitch")?.position, let shortest = kind.shortestTime, glitch >= shortest {
            faults.add(
                at: position,
                """
                a glitch filter of \(glitch.milliseconds) before a debouncer of \(shortest.milliseconds) leaves that nothing to \
                do; write a shorter 'glitch' or leave it out
                """)
            return nil
        }
        return PulseFilter(kind, glitchTime: glitch)
    }

    private static func kind(_ reader: MappingReader, edges: EdgeCapabilities, faults: FaultCollector) -> Kind? {
        let span = ScalarForm.time(in: .microseconds(1)...(.seconds(10)))
        switch reader.required("kind", as: ScalarForm<KindName>.oneOf(called: "kinds"), example: "kind: stable") {
        case nil:
            for key in ["time", "rise", "fall"] { _ = reader.optional(key, as: span) }
            return nil
        case KindName.none?:
            return Kind.none
        case .lockout?:
            return reader.required("time", as: span, example: "time: 20ms").map { .lockout($0) }
        case .kernel?:
            let time = reader.required("time", as: span, example: "time: 5ms")
            guard edges.hasKernelDebounce else {
                faults.add(
                    at: reader.node("kind")?.position ?? reader.position,
                    "\(edges.backend) cannot debounce in the kernel; write 'kind: stable' with the same time")
                return nil
            }
            return time.map { .kernel(period: $0) }
        case .stable?:
            if reader.has("rise") || reader.has("fall") {
                if let time = reader.node("time") {
                    faults.add(at: time.position, "write either 'time' for both edges or 'rise' and 'fall', not both")
                }
                let rise = reader.required("rise", as: span, example: "rise: 8ms")
                let fall = reader.required("fall", as: span, example: "fall: 20ms")
                guard let rise, let fall else { return nil }
                return .stable(rise: rise, fall: fall)
            }
            return reader.required("time", as: span, example: "time: 8ms").map { .stable(rise: $0, fall: $0) }
        }
    }
}

extension PulseFilter.Kind {
    /// What a glitch must be shorter than; nil where there is no such time.
    var shortestTime: TimeSpan? {
        switch self {
        case .none, .kernel: nil
        case .stable(let rise, let fall): min(rise, fall)
        case .lockout(let time): time
        }
    }
}

extension TimeSpan {
    fileprivate var milliseconds: String { MeasuredForm.time.text(nanoseconds) }
}

import ArgumentParser
import SensorCore

enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
}

/// "30s", "10m", "2h": 1 s to 7 days.
struct RecordingTime: ExpressibleByArgument {
    var span: TimeSpan

    init?(argument: String) {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600]
        guard let unit = argument.last.flatMap({ units[$0] }), let count = Int64(argument.dropLast()),
            (1...604_800 / unit).contains(count)
        else { return nil }
        span = .seconds(count * unit)
    }
}

/// "90" or "90s", "10m", "2h": a second to a year.
struct SimulatedTime: ExpressibleByArgument {
    var span: TimeSpan

    init?(argument: String) {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
        let unit = argument.last.flatMap { units[$0] }
        guard let number = Double(unit == nil ? argument[...] : argument.dropLast()), case let seconds = number * (unit ?? 1),
            (1...31_536_000).contains(seconds)
        else { return nil }
        span = TimeSpan(nanoseconds: Int64(seconds * 1e9))
    }
}

/// HOST, HOST:PORT or [IPV6]:PORT.
struct BrokerArgument: ExpressibleByArgument {
    var host: String
    var port: UInt16?

    init?(argument: String) {
        if argument.hasPrefix("["), let end = argument.lastIndex(of: "]") {
            host = String(argument[argument.index(after: argument.startIndex)..<end])
            let rest = argument[argument.index(after: end)...]
            if !rest.isEmpty {
                guard rest.hasPrefix(":"), let number = UInt16(rest.dropFirst()) else { return nil }
                port = number
            }
            return
        }
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
        host = argument
        if parts.count == 2 {
            guard let number = UInt16(parts[1]), number > 0 else { return nil }
            host = String(parts[0])
            port = number
        }
        if host.isEmpty { return nil }
    }
}

/// "1-4711".
struct NumberRangeArgument: ExpressibleByArgument {
    var numbers: ClosedRange<UInt64>

    init?(argument: String) {
        let ends = argument.split(separator: "-").map { UInt64($0) }
        guard ends.count == 2, let first = ends[0], let last = ends[1], first >= 1, first <= last else { return nil }
        numbers = first...last
    }
}

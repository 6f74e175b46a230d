package import NodeConfiguration
package import PulsePipeline
package import SensorCore

/// A counting channel as the node loop knows it.
package struct CountedInput {
    package var name: String
    package var detector: DetectorKind
    package var directions: DirectionNames
    package var settings: ChannelSettings
    package var meaning: CountMeaning?
    /// One per role of the detector.
    package var wiring: [InputWiring]

    package init(
        name: String, detector: DetectorKind, directions: DirectionNames = DirectionNames(), settings: ChannelSettings,
        meaning: CountMeaning? = nil, wiring: [InputWiring] = [InputWiring(role: "input", pin: nil, isActiveLow: false)]
    ) {
        self.name = name
        self.detector = detector
        self.directions = directions
        self.settings = settings
        self.meaning = meaning
        self.wiring = wiring
    }
}

package struct InputWiring {
    package var role: String
    /// The header pin, "J8-11"; nil for an input that is simulated.
    package var pin: String?
    package var isActiveLow: Bool

    package init(role: String, pin: String?, isActiveLow: Bool) {
        self.role = role
        self.pin = pin
        self.isActiveLow = isActiveLow
    }
}

/// Turns finished intervals of the counting thread into records, and keeps the totals that never fall.
struct CountRecords {
    private let inputs: [CountedInput]
    private(set) var totals: [String: UInt64]
    /// One per input.
    private var flows: [IntervalFlows]

    /// `totals`: as the journal has them.
    init(inputs: [CountedInput], totals: [String: UInt64]) {
        self.inputs = inputs
        self.totals = totals
        flows = inputs.map { _ in IntervalFlows() }
    }

    mutating func take(_ detail: ChannelPassage) { flows[detail.channel].take(detail) }

    /// The journal could only be opened now, and counts from `earlier` on.
    mutating func continueFrom(_ earlier: [String: UInt64]) { totals.merge(earlier, uniquingKeysWith: +) }

    var channels: Int { inputs.count }
    /// By all channels of now, since the journal began.
    var counted: UInt64 { inputs.reduce(0) { $0 + totals[$1.name, default: 0] } }

    mutating func interval(_ closed: ClosedCount) -> TrafficInterval {
        let input = inputs[closed.channel]
        let total = totals[input.name, default: 0] + closed.tally.passages
        totals[input.name] = total
        let observed = max(.zero, closed.span.length - closed.tally.unobserved)
        let isObserved = observed > .zero
        let isWatched = closed.tally.unobserved == .zero && closed.tally.overflows == 0 && input.settings.givesDetails
        let summary = flows[closed.channel].close(
            through: closed.number, end: closed.end, count: closed.tally.passages, wasObserved: isWatched)
        var interval = TrafficInterval(
            span: closed.span, channel: input.name, detector: input.detector, observed: observed,
            flows: isObserved ? summary.trafficFlows(total: closed.tally.passages, directions: input.directions) : nil,
            headways: isWatched ? summary.headwaySums(directions: input.directions) : nil,
            occupied: closed.tally.occupied(observed: observed, input.settings), total: total,
            quality: CountQuality(
                edges: closed.tally.edges, lostEdges: closed.tally.lostEdges, overflows: closed.tally.overflows,
                rejectedGlitches: closed.tally.rejectedGlitches, filter: input.settings.filter.text,
                uncertain: closed.tally.uncertain, rejectedPassages: closed.tally.rejectedPassages,
                confidence: isObserved ? closed.tally.confidence : nil))
        if closed.faultCode != 0 {
            let message = NodeMessage.inputsUnreadable(
                channel: input.name, pins: input.wiring.compactMap(\.pin), errno: closed.faultCode > 0 ? closed.faultCode : nil)
            interval.fault = message.text(in: .english)
            interval.faultMessage = message.coded
        }
        if isObserved { interval.measured = input.meaning?.amount(of: closed.tally.passages, gust: closed.gust) }
        return interval
    }
}

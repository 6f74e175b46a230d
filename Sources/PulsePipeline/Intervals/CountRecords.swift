package import SensorCore

/// A channel as its records tell of it.
package struct RecordedChannel: Sendable {
    package var name: String
    package var settings: ChannelSettings
    /// Of the header, by input; empty for inputs that have none.
    package var pins: [String]

    package init(name: String, settings: ChannelSettings, pins: [String] = []) {
        self.name = name
        self.settings = settings
        self.pins = pins
    }
}

/// Turns finished intervals of the counting thread into records, and keeps the totals that never fall.
package struct CountRecords {
    private let channels: [RecordedChannel]
    package private(set) var totals: [String: UInt64]
    /// One per channel.
    private var flows: [IntervalFlows]

    /// `totals`: as the journal has them.
    package init(_ channels: [RecordedChannel], totals: [String: UInt64]) {
        self.channels = channels
        self.totals = totals
        flows = channels.map { _ in IntervalFlows() }
    }

    package mutating func take(_ detail: ChannelPassage) { flows[detail.channel].take(detail) }

    /// The journal could only be opened now, and counts from `earlier` on.
    package mutating func continueFrom(_ earlier: [String: UInt64]) { totals.merge(earlier, uniquingKeysWith: +) }

    /// By all channels of now, since the journal began.
    package var counted: UInt64 { channels.reduce(0) { $0 + totals[$1.name, default: 0] } }

    package mutating func interval(_ closed: ClosedCount) -> TrafficInterval {
        let channel = channels[closed.channel]
        let (name, settings) = (channel.name, channel.settings)
        let total = totals[name, default: 0] + closed.tally.passages
        totals[name] = total
        let observed = max(.zero, closed.span.length - closed.tally.unobserved)
        let isObserved = observed > .zero
        let isWatched = closed.tally.unobserved == .zero && closed.tally.overflows == 0 && settings.givesDetails
        let summary = flows[closed.channel].close(
            through: closed.number, end: closed.end, count: closed.tally.passages, wasObserved: isWatched)
        var interval = TrafficInterval(
            span: closed.span, channel: name, detector: settings.kind, observed: observed,
            flows: isObserved ? summary.trafficFlows(total: closed.tally.passages, directions: settings.directions) : nil,
            headways: isWatched ? summary.headwaySums(directions: settings.directions) : nil,
            occupied: closed.tally.occupied(observed: observed, settings), total: total,
            quality: CountQuality(
                counters: closed.tally.counters, filter: settings.filter.text,
                confidence: isObserved ? closed.tally.confidence : nil))
        if let message = message(on: closed, channel) {
            interval.fault = message.text(in: .english)
            interval.faultMessage = message.coded
        }
        if isObserved { interval.measured = settings.meaning?.amount(of: closed.tally.passages, gust: closed.gust) }
        return interval
    }

    private func message(on closed: ClosedCount, _ channel: RecordedChannel) -> CountingMessage? {
        if closed.faultCode != 0 {
            return .inputsUnreadable(channel: channel.name, pins: channel.pins, errno: closed.faultCode > 0 ? closed.faultCode : nil)
        }
        let roles = channel.settings.kind.inputRoles
        if let silent = roles.indices.first(where: { closed.tally.silentInputs & (1 << UInt8($0)) != 0 }) {
            return .inputSilent(
                channel: channel.name, input: roles[silent], pin: channel.pins.indices.contains(silent) ? channel.pins[silent] : nil)
        }
        if closed.tally.implausible > 0, let most = channel.settings.mostPerSecond {
            return .rateImplausible(channel: channel.name, rejected: closed.tally.implausible, most: most)
        }
        // A closed magnet that trembles once is no reason to change a filter.
        if closed.tally.shortPulses > closed.tally.passages / 10 {
            return .pulsesTooShort(channel: channel.name, pulses: closed.tally.shortPulses, filter: channel.settings.filter.text)
        }
        return nil
    }
}

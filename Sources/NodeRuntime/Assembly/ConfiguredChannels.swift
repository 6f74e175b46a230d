package import NodeConfiguration
package import PulsePipeline
import SensorCore

extension PulseFilter {
    package init(_ debounce: DebounceConfiguration) {
        let kind: Kind =
            switch debounce.kind {
            case .none: .none
            case .stable(let rise, let fall): .stable(rise: rise, fall: fall)
            case .lockout(let time): .lockout(time)
            case .kernel(let period): .kernel(period: period)
            }
        self.init(kind, glitchTime: debounce.glitch ?? .zero)
    }
}

extension ChannelSettings {
    package init(_ channel: ChannelConfiguration) {
        let detector: Detector =
            switch channel.detector {
            case .contact: .contact
            case .presence(let hold, let stall): .presence(hold: hold, stallLimit: stall)
            case .beamPair(let spacing, let detectionLength, let stall):
                .beamPair(
                    BeamGeometry(spacing: spacing, detectionLength: detectionLength, stallLimit: stall.seconds))
            case .axlePair(let spacing, let limits):
                .axlePair(
                    AxleGeometry(
                        spacing: spacing, limits: WheelbaseLimits(bike: limits.bike, car: limits.car, van: limits.van)))
            case .doppler(let place, let leads):
                .doppler(
                    RadarSetup(
                        carrier: place.carrier, lanes: place.lanes, height: place.height, azimuth: place.azimuth,
                        quadrature: leads.map { $0 == .first ? .firstLeads : .secondLeads }))
            }
        let measuresGust = if case .contact(.wind) = channel.detector { true } else { false }
        self.init(detector: detector, filter: PulseFilter(channel.debounce), measuresGust: measuresGust, mostPerSecond: channel.mostPerSecond)
    }
}

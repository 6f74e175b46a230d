import HardwareMocks
import PulsePipeline
import SensorCore

/// A street and the channel that is to count it.
struct AccuracyScenario {
    var name: String
    var sensor: SimulatedStreet.Sensor
    var demand: StreetDemand
    var physics: SensorPhysics
    var settings: ChannelSettings
    var duration = TimeSpan.seconds(3600)

    func street(seed: UInt64) -> SimulatedStreet {
        SimulatedStreet(
            sensor, demand: demand, physics: physics, from: MonotonicInstant(nanoseconds: 0), duration: duration, seed: seed)
    }

    func count(_ street: SimulatedStreet) -> [Passage] {
        StreetRun.count(street.edges, settings: settings, until: MonotonicInstant(nanoseconds: 0) + duration + .seconds(60))
    }

    static let all: [AccuracyScenario] = [cyclePath, schoolGate, mainRoad, stormyRoad]

    private static let beams = ChannelSettings(
        detector: .beamPair(BeamGeometry(spacing: 0.5)),
        filter: PulseFilter.stable(rise: .milliseconds(1), fall: .milliseconds(1)))
    private static let tubes = ChannelSettings(
        detector: .axlePair(AxleGeometry(spacing: 1)),
        filter: PulseFilter.stable(rise: .milliseconds(1), fall: .milliseconds(6)))

    static let cyclePath: AccuracyScenario = {
        var demand = StreetDemand()
        demand.bikes = 300
        demand.pedestrians = 60
        demand.forwardShare = 0.7
        demand.platoonShare = 0.25
        demand.turnBacks = 4
        return AccuracyScenario(
            name: "cycle-path", sensor: .beams(spacing: 0.5), demand: demand, physics: .lightBarrier, settings: beams)
    }()

    static let schoolGate: AccuracyScenario = {
        var demand = StreetDemand()
        demand.bikes = 150
        demand.pedestrians = 300
        demand.forwardShare = 0.9
        demand.platoonShare = 0.4
        demand.turnBacks = 10
        return AccuracyScenario(
            name: "school-gate", sensor: .beams(spacing: 0.5), demand: demand, physics: .lightBarrier, settings: beams)
    }()

    static let mainRoad: AccuracyScenario = {
        var demand = StreetDemand()
        demand.cars = 420
        demand.vans = 60
        demand.lorries = 30
        demand.bikes = 40
        demand.platoonShare = 0.35
        return AccuracyScenario(
            name: "main-road", sensor: .tubes(spacing: 1), demand: demand, physics: .airSwitch, settings: tubes)
    }()

    /// Water in the tubes and lightning on the wires.
    static let stormyRoad: AccuracyScenario = {
        var storm = mainRoad
        storm.name = "storm"
        storm.demand.cars = 250
        storm.physics.spikesPerHour = 20_000
        // Spikes are shorter than a tube's pulse, and follow each other too fast for a debouncer that waits for rest.
        storm.settings.filter = PulseFilter(.lockout(.milliseconds(8)), glitchTime: .microseconds(250))
        storm.physics.echoShare = 0.6
        storm.physics.jitter = 0.0003
        return storm
    }()
}

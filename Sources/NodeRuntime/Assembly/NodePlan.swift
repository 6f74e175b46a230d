package import Calibration
package import ClimateDrivers
package import SensorCore

/// What a node is to do, whatever it runs on: real lines and buses or simulated ones.
package struct NodePlan {
    package var node: String
    package var site: SiteDescription?
    package var interval: TimeSpan
    /// Longer intervals that traffic is summed to.
    package var sums: [TimeSpan] = []
    package var inputs: [CountedInput]
    package var buses: [BusPlan]
    /// How long records are gathered before they are committed.
    package var commitInterval = RecordGatherer.shortestPatience

    package init(
        node: String, site: SiteDescription? = nil, interval: TimeSpan, sums: [TimeSpan] = [], inputs: [CountedInput], buses: [BusPlan],
        commitInterval: TimeSpan = RecordGatherer.shortestPatience
    ) {
        self.node = node
        self.site = site
        self.interval = interval
        self.sums = sums
        self.inputs = inputs
        self.buses = buses
        self.commitInterval = commitInterval
    }
}

/// The sensors of one bus, read by one thread.
package struct BusPlan {
    /// As the board file names it: "i2c-1".
    package var name: String
    /// "/dev/i2c-1".
    package var device: String
    /// Data and clock, as far as the board file names them: "J8-3", "J8-5".
    package var pins: [String] = []
    package var sensors: [SensorPlan]

    package init(name: String, device: String, pins: [String] = [], sensors: [SensorPlan]) {
        self.name = name
        self.device = device
        self.pins = pins
        self.sensors = sensors
    }
}

package struct SensorPlan {
    package var name: String
    package var part: String
    package var address: I2CAddress
    /// nil for one on the bus itself.
    package var multiplexer: MultiplexerPort?
    /// The part's options by name.
    package var options: [String: PartOption.Value] = [:]
    package var derived = DerivedQuantities([])
    /// The sensors that know the air's pressure and humidity, for parts that must know them.
    package var pressureFrom: String?
    package var humidityFrom: String?
    package var period: TimeSpan
    package var corrections: [CalibrationRecord]

    package init(
        name: String, part: String, address: I2CAddress, multiplexer: MultiplexerPort? = nil, options: [String: PartOption.Value] = [:],
        derived: DerivedQuantities = DerivedQuantities([]), pressureFrom: String? = nil, humidityFrom: String? = nil,
        period: TimeSpan, corrections: [CalibrationRecord]
    ) {
        self.name = name
        self.part = part
        self.address = address
        self.multiplexer = multiplexer
        self.options = options
        self.derived = derived
        self.pressureFrom = pressureFrom
        self.humidityFrom = humidityFrom
        self.period = period
        self.corrections = corrections
    }
}

import Calibration
import ClimateDrivers
import PulsePipeline
import SensorCore

/// What a node is to do, whatever it runs on: real lines and buses or simulated ones.
struct NodePlan {
    var node: String
    var interval: TimeSpan
    /// Longer intervals that traffic is summed to.
    var sums: [TimeSpan] = []
    var inputs: [CountedInput]
    var buses: [BusPlan]
    /// How long records are gathered before they are committed.
    var commitInterval = RecordGatherer.shortestPatience
}

/// The sensors of one bus, read by one thread.
struct BusPlan {
    /// As the board file names it: "i2c-1".
    var name: String
    /// "/dev/i2c-1".
    var device: String
    /// Data and clock, as far as the board file names them: "J8-3", "J8-5".
    var pins: [String] = []
    var sensors: [SensorPlan]
}

struct SensorPlan {
    var name: String
    var part: String
    var address: I2CAddress
    /// nil for one on the bus itself.
    var multiplexer: MultiplexerPort?
    /// The part's options by name.
    var options: [String: PartOption.Value] = [:]
    var derived = DerivedQuantities([])
    /// The sensors that know the air's pressure and humidity, for parts that must know them.
    var pressureFrom: String?
    var humidityFrom: String?
    var period: TimeSpan
    var corrections: [CalibrationRecord]
}

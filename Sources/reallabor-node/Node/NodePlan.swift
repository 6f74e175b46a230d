import Calibration
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
    var sensors: [SensorPlan]
}

struct SensorPlan {
    var name: String
    var part: String
    var address: I2CAddress
    var period: TimeSpan
    var corrections: [CalibrationRecord]
}

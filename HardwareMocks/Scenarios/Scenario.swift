public import JSONText
public import SensorCore

/// Why a scenario cannot be played, and where in its text.
public struct ScenarioError: Error, Hashable, Sendable, SentenceConvertible {
    public var place: TextPlace
    public var message: Sentence

    /// "LINE:COLUMN: message"; the caller puts the file's name before it.
    public var sentence: Sentence { "\(place): \(message)" }
}

/// What happens at a simulated street: who passes, what the weather is, what breaks. A JSON object:
///
/// - `about`: for people;
/// - `seed`: whole number; the same seed gives the same street;
/// - `start`: UTC of the first moment in seconds since 1970, for runs in simulated time;
/// - `duration_s`: how long it goes on;
/// - `traffic`: a list of {`channel`: its name or "*" for every other one, `spikes_per_hour`, for a contact
///   `closures_per_hour`, for others `pedestrians_per_hour`, `bikes_per_hour`, `cars_per_hour`, `vans_per_hour`,
///   `lorries_per_hour`, `turn_backs_per_hour`, `forward_share`};
/// - `climate`: {`temperature`, `humidity`, `pressure`}, each {`mean`, `swing`, `period_s`}: a sine around the mean;
/// - `faults`: a list of {`sensor`, `from_s`, `to_s`}: the sensor is unplugged in between.
public struct Scenario: Hashable, Sendable {
    public struct Traffic: Hashable, Sendable {
        public var channel: String
        public var closuresPerHour: Double
        public var spikesPerHour: Double
        public var street: StreetDemand
    }

    /// `mean + swing × sin(2π t / period)`.
    public struct Wave: Hashable, Sendable {
        public var mean: Double
        public var swing: Double
        public var period: TimeSpan
    }

    /// A sensor without power between two moments, counted from the start.
    public struct Unplugging: Hashable, Sendable {
        public var sensor: String
        public var from: TimeSpan
        public var to: TimeSpan
    }

    public var about: String
    public var seed: UInt64
    public var start: WallClockTime
    public var duration: TimeSpan
    public var traffic: [Traffic]
    public var temperature: Wave
    public var humidity: Wave
    public var pressure: Wave
    public var unpluggings: [Unplugging]

    /// Those that come with the program, by name.
    public static let builtIn: [(name: String, text: [UInt8])] = [
        ("school-gate", PackageResources.school_gate_json),
        ("quiet-night", PackageResources.quiet_night_json),
        ("cycle-path", PackageResources.cycle_path_json),
        ("main-road", PackageResources.main_road_json),
        ("storm", PackageResources.storm_json),
    ]

    /// `json` is the file's content, UTF-8. Throws on the first fault of its syntax or structure.
    public init(json: [UInt8]) throws(ScenarioError) {
        let root: JSONValue
        do throws(JSONFault) {
            root = try JSONReader.read(json)
        } catch {
            throw ScenarioError(place: error.place, message: error.message)
        }
        let fields = try ScenarioFields(
            root, known: ["about", "seed", "start", "duration_s", "traffic", "climate", "faults"])
        about = try fields.text("about") ?? ""
        seed = UInt64(try fields.number("seed", 0...9e15) ?? 1)
        start = WallClockTime(secondsSince1970: Int64(try fields.number("start", 268_435_456...9e9) ?? 1_767_225_600))
        duration = try fields.seconds("duration_s", 1...31_536_000)
        traffic = []
        for item in try fields.list("traffic") {
            let entry = try ScenarioFields(item, known: ["channel", "closures_per_hour", "spikes_per_hour"] + StreetDemand.fields)
            traffic.append(
                Traffic(
                    channel: try entry.requiredText("channel"),
                    closuresPerHour: try entry.number("closures_per_hour", 0...20_000) ?? 0,
                    spikesPerHour: try entry.number("spikes_per_hour", 0...20_000) ?? 0,
                    street: try StreetDemand(entry)))
        }
        let climate = try fields.object("climate", known: ["temperature", "humidity", "pressure"])
        temperature = try Wave(climate, "temperature", -40...85, usual: 15)
        humidity = try Wave(climate, "humidity", 0...100, usual: 60)
        pressure = try Wave(climate, "pressure", 30_000...110_000, usual: 100_000)
        unpluggings = []
        for item in try fields.list("faults") {
            let entry = try ScenarioFields(item, known: ["sensor", "from_s", "to_s"])
            unpluggings.append(
                Unplugging(
                    sensor: try entry.requiredText("sensor"), from: try entry.seconds("from_s", 0...31_536_000),
                    to: try entry.seconds("to_s", 0...31_536_000)))
        }
    }

    /// Who passes a channel that is no contact: its own entry, else the one for "*", else nobody.
    public func street(for channel: String) -> (demand: StreetDemand, spikesPerHour: Double) {
        let entry = traffic.first { $0.channel == channel } ?? traffic.first { $0.channel == "*" }
        return (entry?.street ?? StreetDemand(), entry?.spikesPerHour ?? 0)
    }

    /// What passes a channel: its own entry, else the one for "*", else nothing.
    public func demand(for channel: String) -> ContactTraffic.Demand {
        let entry = traffic.first { $0.channel == channel } ?? traffic.first { $0.channel == "*" }
        return ContactTraffic.Demand(
            closuresPerHour: entry?.closuresPerHour ?? 0, spikesPerHour: entry?.spikesPerHour ?? 0)
    }
}

extension StreetDemand {
    fileprivate static let fields = [
        "pedestrians_per_hour", "bikes_per_hour", "cars_per_hour", "vans_per_hour", "lorries_per_hour", "turn_backs_per_hour",
        "forward_share",
    ]

    fileprivate init(_ entry: ScenarioFields) throws(ScenarioError) {
        self.init()
        pedestrians = try entry.number("pedestrians_per_hour", 0...3000) ?? 0
        bikes = try entry.number("bikes_per_hour", 0...3000) ?? 0
        cars = try entry.number("cars_per_hour", 0...3000) ?? 0
        vans = try entry.number("vans_per_hour", 0...3000) ?? 0
        lorries = try entry.number("lorries_per_hour", 0...3000) ?? 0
        turnBacks = try entry.number("turn_backs_per_hour", 0...600) ?? 0
        forwardShare = try entry.number("forward_share", 0...1) ?? 0.5
    }
}

extension Scenario.Wave {
    /// The value at a time since the start.
    public func value(at time: TimeSpan) -> Double {
        mean + swing * sine(2 * .pi * time.seconds / period.seconds)
    }

    /// A wave whose crests leave `range` is refused: the emulated parts have limits too.
    fileprivate init(
        _ climate: ScenarioFields?, _ name: String, _ range: ClosedRange<Double>, usual: Double
    ) throws(ScenarioError) {
        var wave = Self(mean: usual, swing: 0, period: .seconds(86_400))
        if let fields = try climate?.object(name, known: ["mean", "swing", "period_s"]) {
            wave.mean = try fields.number("mean", range) ?? usual
            wave.swing = try fields.number("swing", 0...(range.upperBound - range.lowerBound)) ?? 0
            wave.period = try fields.seconds("period_s", 1...31_536_000, usual: wave.period)
            guard range.contains(wave.mean - wave.swing), range.contains(wave.mean + wave.swing) else {
                throw ScenarioError(
                    place: fields.place, message: "\(name) leaves \(range.lowerBound) to \(range.upperBound)")
            }
        }
        self = wave
    }
}

public import SensorCore

/// When a quantity is quiet enough to be compared with a reference.
public struct StabilityLimits: Hashable, Sendable {
    public var fewestReadings: Int
    /// How long the readings must reach back.
    public var window: TimeSpan
    /// Sample standard deviation about the drift line, in the quantity's unit.
    public var largestDeviation: Double
    /// Slope of the line through the readings times the window, in the quantity's unit.
    public var largestDrift: Double

    public init(fewestReadings: Int, window: TimeSpan, largestDeviation: Double, largestDrift: Double) {
        self.fewestReadings = fewestReadings
        self.window = window
        self.largestDeviation = largestDeviation
        self.largestDrift = largestDrift
    }

    /// Over five minutes at most this drift, and this scatter: temperature 0.1 Cel, humidity 0.5 %RH, pressure 20 Pa. Our
    /// choice: a display of one decimal, as field references have, does not show less. nil for quantities nobody has set
    /// limits for.
    public static func usual(for quantity: Quantity) -> StabilityLimits? {
        let limit: Double? =
            switch quantity {
            case .temperature: 0.1
            case .humidity: 0.5
            case .pressure: 20
            default: nil
            }
        return limit.map {
            StabilityLimits(fewestReadings: 20, window: .seconds(300), largestDeviation: $0, largestDrift: $0)
        }
    }
}

/// Watches raw readings until they stand still.
///
/// Line by least squares over the window; the deviation is that of the residuals, n − 2, so that drift and scatter
/// are judged apart.
public struct StabilityWatch: Sendable {
    public enum State: Hashable, Sendable {
        /// The readings do not reach back far enough, or are too few.
        case gathering(count: Int)
        case drifting(drift: Double)
        case noisy(deviation: Double)
        /// `uncertainty` is the mean's standard uncertainty (GUM 4.2.3): deviation / √n.
        case stable(mean: Double, uncertainty: Double)
        /// Not stable in time. The drift over the window is nil when too little came in.
        case givenUp(drift: Double?)
    }

    public let limits: StabilityLimits
    public private(set) var state = State.gathering(count: 0)
    private let deadline: MonotonicInstant
    private var readings: [(instant: MonotonicInstant, value: Double)] = []
    private var lastDrift: Double?

    /// More readings than this in one window are thinned by leaving the oldest: memory stays bounded.
    private static let largestCount = 4096

    public init(_ limits: StabilityLimits, until deadline: MonotonicInstant) {
        self.limits = limits
        self.deadline = deadline
    }

    /// Takes a raw reading. Nothing changes once it is stable or given up.
    public mutating func add(_ raw: Double, at instant: MonotonicInstant) {
        guard !isOver, raw.isFinite else { return }
        readings.append((instant, raw))
        let oldest = instant - limits.window
        // One at or before the window's beginning stays: it shows that the readings reach back that far.
        while readings.count > 2, readings[1].instant <= oldest || readings.count > Self.largestCount {
            readings.removeFirst()
        }
        judge()
        check(instant)
    }

    /// A reading failed: what comes after it begins anew, since a part that starts again also warms up again.
    public mutating func fail(at instant: MonotonicInstant) {
        guard !isOver else { return }
        readings.removeAll()
        state = .gathering(count: 0)
        check(instant)
    }

    /// To be called also when no reading comes.
    public mutating func check(_ now: MonotonicInstant) {
        guard !isOver, now >= deadline else { return }
        state = .givenUp(drift: lastDrift)
    }

    private var isOver: Bool {
        switch state {
        case .stable, .givenUp: true
        default: false
        }
    }

    private mutating func judge() {
        guard let first = readings.first, let last = readings.last, readings.count >= max(3, limits.fewestReadings),
            last.instant - first.instant >= limits.window
        else {
            state = .gathering(count: readings.count)
            return
        }
        let count = Double(readings.count)
        let times = readings.map { Double(($0.instant - first.instant).nanoseconds) / 1e9 }
        let meanTime = times.reduce(0, +) / count
        let mean = readings.reduce(0) { $0 + ($1.value - first.value) } / count + first.value
        let spread = times.reduce(0) { $0 + ($1 - meanTime) * ($1 - meanTime) }
        let common = zip(times, readings).reduce(0) { $0 + ($1.0 - meanTime) * ($1.1.value - mean) }
        let slope = spread > 0 ? common / spread : 0
        let residuals = zip(times, readings).reduce(0.0) {
            let residual = $1.1.value - mean - slope * ($1.0 - meanTime)
            return $0 + residual * residual
        }
        let deviation = (residuals / (count - 2)).squareRoot()
        let drift = slope * Double(limits.window.nanoseconds) / 1e9
        lastDrift = drift
        if drift.magnitude > limits.largestDrift {
            state = .drifting(drift: drift)
        } else if deviation > limits.largestDeviation {
            state = .noisy(deviation: deviation)
        } else {
            state = .stable(mean: mean, uncertainty: deviation / count.squareRoot())
        }
    }
}

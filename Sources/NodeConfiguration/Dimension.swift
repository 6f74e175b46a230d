import SensorCore

/// What a number with a unit measures. A dimension is no word to be put into a sentence: languages bend it.
enum Dimension {
    case time, size, length, rain, resistance, speed, rate, frequency, angle

    func advice(_ example: Sentence) -> Sentence {
        switch self {
        case .time: "write a time with its unit, for example \(example)"
        case .size: "write a size with its unit, for example \(example)"
        case .length: "write a length with its unit, for example \(example)"
        case .rain: "write a depth of rain with its unit, for example \(example)"
        case .resistance: "write a resistance with its unit, for example \(example)"
        case .speed: "write a speed with its unit, for example \(example)"
        case .rate: "write a rate with its unit, for example \(example)"
        case .frequency: "write a frequency with its unit, for example \(example)"
        case .angle: "write an angle with its unit, for example \(example)"
        }
    }

    func isNone(_ text: String, _ advice: Sentence) -> Sentence {
        switch self {
        case .time: "\(text) is not a time; \(advice)"
        case .size: "\(text) is not a size; \(advice)"
        case .length: "\(text) is not a length; \(advice)"
        case .rain: "\(text) is not a depth of rain; \(advice)"
        case .resistance: "\(text) is not a resistance; \(advice)"
        case .speed: "\(text) is not a speed; \(advice)"
        case .rate: "\(text) is not a rate; \(advice)"
        case .frequency: "\(text) is not a frequency; \(advice)"
        case .angle: "\(text) is not an angle; \(advice)"
        }
    }

    func hasNoUnit(_ symbol: String, _ symbols: String, _ advice: Sentence) -> Sentence {
        switch self {
        case .time: "\(symbol) is not a unit of time (\(symbols)); \(advice)"
        case .size: "\(symbol) is not a unit of size (\(symbols)); \(advice)"
        case .length: "\(symbol) is not a unit of length (\(symbols)); \(advice)"
        case .rain: "\(symbol) is not a unit of rain (\(symbols)); \(advice)"
        case .resistance: "\(symbol) is not a unit of resistance (\(symbols)); \(advice)"
        case .speed: "\(symbol) is not a unit of speed (\(symbols)); \(advice)"
        case .rate: "\(symbol) is not a unit of rate (\(symbols)); \(advice)"
        case .frequency: "\(symbol) is not a unit of frequency (\(symbols)); \(advice)"
        case .angle: "\(symbol) is not a unit of angle (\(symbols)); \(advice)"
        }
    }
}

/// What one count of a contact stands for where it is no road user.
public enum CountMeaning: Hashable, Sendable {
    /// A tip of a rain gauge's bucket, in mm of rain.
    case rain(perCount: Double)
    /// A turn of a cup anemometer, in m of wind run: the speed in m/s that makes one count per second.
    case wind(perCount: Double)

    /// More counts than this per second, over 10 s, are not believed: rain of 40 mm a minute (the most ever reported are 38.1 mm in 1 min,
    /// Barot, Guadeloupe, 1970, and 31.2 mm, Unionville, 1956, which is the WMO's record), and wind of 114 m/s (the WMO's record is a gust of
    /// 113.2 m/s, Barrow Island, 1996). World Meteorological Organization, World Weather & Climate Extremes Archive.
    public var mostPerSecond: Double {
        switch self {
        case .rain(let perCount): 40 / 60 / perCount
        case .wind(let perCount): 114 / perCount
        }
    }

    /// Counts per second at the end of what an instrument is asked to measure; nil where that bounds no pulse. Wind of 75 m/s: WMO-No. 8,
    /// volume I, chapter 1, annex 1.A.
    public var perSecondAtRangeEnd: Double? {
        if case .wind(let perCount) = self { Self.windRange / perCount } else { nil }
    }

    /// In m/s.
    public static let windRange = 75.0

    /// - Parameters:
    ///   - count: all of the interval.
    ///   - gust: the most counts per second over 3 s; nil when not known.
    public func amount(of count: UInt64, gust: Double?) -> CountedAmount {
        switch self {
        case .rain(let perCount): .rain(millimetres: Double(count) * perCount)
        case .wind(let perCount): .wind(run: Double(count) * perCount, gust: gust.map { $0 * perCount })
        }
    }
}

/// What the counts of an interval add up to.
public enum CountedAmount: Hashable, Sendable {
    case rain(millimetres: Double)
    /// - Parameters:
    ///   - run: in m; over the observed seconds it is the mean speed.
    ///   - gust: the highest mean over 3 s in m/s, of the windows that end in the interval; nil when not known.
    case wind(run: Double, gust: Double?)

    /// Of an interval and the one after it; nil when they do not measure the same.
    static func joined(_ one: CountedAmount, _ next: CountedAmount) -> CountedAmount? {
        switch (one, next) {
        case (.rain(let one), .rain(let next)): return .rain(millimetres: one + next)
        case (.wind(let run, let gust), .wind(let more, let other)):
            // A gust that is not known may have been the strongest.
            var strongest: Double?
            if let gust, let other { strongest = max(gust, other) }
            return .wind(run: run + more, gust: strongest)
        default: return nil
        }
    }
}

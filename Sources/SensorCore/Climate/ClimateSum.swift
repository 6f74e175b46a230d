extension ClimateInterval {
    /// Whether the interval that follows this one may be joined to it without hiding anything: the same part, corrected by
    /// the same calibration records. Directions are not joined: 350 and 10 are around 0, not around 180.
    public func isJoinable(with next: ClimateInterval) -> Bool {
        guard sensor == next.sensor, part == next.part, span.isFollowed(by: next.span) else { return false }
        return next.quantities.allSatisfy { later in
            guard let earlier = quantities.first(where: { $0.quantity == later.quantity }) else { return true }
            guard earlier.statistics != nil, later.statistics != nil else { return true }
            return earlier.calibration == later.calibration && !later.quantity.isDirection
        }
    }

    /// This interval and the one that follows it, as one. Numbers of readings, extremes and errors are exact, mean and
    /// standard deviation those of all readings together.
    public func joined(with next: ClimateInterval) -> ClimateInterval {
        var sum = next
        sum.span = span.joined(with: next.span)
        sum.quantities = quantities.map { earlier in
            guard let later = next.quantities.first(where: { $0.quantity == earlier.quantity }) else { return earlier }
            return earlier.joined(with: later)
        }
        sum.quantities += next.quantities.filter { later in !quantities.contains { $0.quantity == later.quantity } }
        sum.errors = errors.joined(with: next.errors)
        return sum
    }
}

extension [ClimateInterval.ErrorCount] {
    /// Counts of both by kind, in the order of the kinds.
    fileprivate func joined(with next: Self) -> Self {
        SensorErrorKind.allCases.compactMap { kind in
            let count = (self + next).filter { $0.kind == kind }.reduce(0) { $0 + UInt64($1.count) }
            return count > 0 ? ClimateInterval.ErrorCount(kind: kind, count: UInt32(clamping: count)) : nil
        }
    }
}

extension QuantityInterval {
    fileprivate func joined(with later: QuantityInterval) -> QuantityInterval {
        var sum = later
        sum.flags = flags.union(later.flags)
        sum.withheld = withheld.joined(with: later.withheld)
        guard let statistics else { return sum }
        guard let more = later.statistics else {
            sum.statistics = statistics
            sum.rawMean = rawMean
            sum.calibration = calibration
            return sum
        }
        sum.statistics = statistics.joined(with: more)
        if let rawMean, let laterMean = later.rawMean {
            let share = Double(more.count) / (Double(statistics.count) + Double(more.count))
            sum.rawMean = rawMean + (laterMean - rawMean) * share
        } else {
            sum.rawMean = nil
        }
        return sum
    }
}

extension SampleStatistics {
    /// Of all samples of both, these the earlier ones.
    ///
    /// Sums of squared deviations add up to the whole's when the deviation of the two means is added (Chan, Golub and
    /// LeVeque 1979, "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances", eq. 2.1): exact but for
    /// rounding, and without the cancellation of sums of squares. {1, 2, 3} and {6}: mean 3, deviations 2 + 0 + 12 = 14,
    /// so the standard deviation is √(14/3) = 2.160.
    public func joined(with later: SampleStatistics) -> SampleStatistics {
        let (n, m) = (Double(count), Double(later.count))
        let step = later.mean - mean
        let squares = squaredDeviations + later.squaredDeviations + step * step * n * m / (n + m)
        return SampleStatistics(
            count: UInt32(clamping: UInt64(count) + UInt64(later.count)), mean: mean + step * m / (n + m),
            minimum: Swift.min(minimum, later.minimum), maximum: Swift.max(maximum, later.maximum), last: later.last,
            standardDeviation: (squares / (n + m - 1)).squareRoot())
    }

    private var squaredDeviations: Double {
        guard let standardDeviation else { return 0 }
        return standardDeviation * standardDeviation * (Double(count) - 1)
    }
}

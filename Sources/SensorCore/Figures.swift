extension Double {
    /// For people to read; what is published has the places of its part, see `written`.
    package func rounded(toPlaces places: Int) -> Double {
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        return (self * scale).rounded() / scale
    }
}

extension UnsignedInteger where Self: FixedWidthInteger {
    /// Adds up to the largest number there is: what a journal or a peer holds may be anything, and must not end the program.
    @inlinable
    public mutating func addSaturating(_ other: Self) {
        let (sum, overflow) = addingReportingOverflow(other)
        self = overflow ? .max : sum
    }
}

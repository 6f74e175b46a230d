import SensorCore

/// Two pneumatic tubes across a road, and how axles make vehicles.
public struct AxleGeometry: Hashable, Sendable {
    /// From the first tube to the second along the road, in m; above 0.
    public var spacing: Double
    /// In m/s: slower and faster passages are not looked for.
    public var slowest: Double
    public var fastest: Double
    public var limits: WheelbaseLimits

    public init(spacing: Double, slowest: Double = 1, fastest: Double = 55, limits: WheelbaseLimits = WheelbaseLimits()) {
        self.spacing = spacing
        self.slowest = slowest
        self.fastest = fastest
        self.limits = limits
    }

    /// From the first tube to the second, in s.
    var shortestShift: Double { spacing / fastest }
    var longestShift: Double { spacing / slowest }

    /// A tube stays pressed for longer only when somebody stands on it, or water is in it, in s.
    static let stallLimit = 15.0
    /// The pressure wave comes back from a tube's end within this, in s (FHWA Traffic Monitoring Guide 2022, on air tubes;
    /// 10 to 60 ms on usual lengths).
    static let longestEcho = 0.07
}

/// Classes of vehicles with two axles by their wheelbase in m, and with more by the first of them.
///
/// The defaults are the spacings of FHWA's Scheme F (Traffic Monitoring Guide, appendix on vehicle types): motorcycles up
/// to 1.83 m (6 ft), passenger cars to 3.08 m (10.1 ft), vans and pickups to 3.96 m (13 ft), above them lorries with two axles.
public struct WheelbaseLimits: Hashable, Sendable {
    /// Up to this a bicycle.
    public var bike: Double
    /// Up to this a car.
    public var car: Double
    /// Up to this a van; above it, or with three axles behind a first wheelbase above `car`, a lorry.
    public var van: Double

    public init(bike: Double = 1.83, car: Double = 3.08, van: Double = 3.96) {
        self.bike = bike
        self.car = car
        self.van = van
    }
}

/// What vehicles look like as axles: the distances in m that exist, and how usual each is.
struct AxlePattern {
    let limits: WheelbaseLimits

    /// Axles closer than this are an echo or one axle seen twice.
    static let closest = 0.7
    /// Between the axles of one vehicle: a semitrailer's long gap.
    static let longestGap = 9.0
    static let mostAxles = 8

    /// What it costs to take the axles from `first` to `last` for one vehicle; infinity when there is none like it.
    /// - Parameter at: positions in m, ascending.
    @inline(__always)
    func cost(_ first: Int, _ last: Int, speed: Double, at positions: (Int) -> Double) -> Double {
        if first == last { return 5 }
        let base = positions(first + 1) - positions(first)
        if last == first + 1 { return twoAxles(base) + (base < limits.bike && speed > 12 ? 3 : 0) }
        let count = last - first + 1
        guard count <= Self.mostAxles, base > limits.bike else { return .infinity }
        var cost = 0.6
        for axle in first + 1..<last {
            let gap = positions(axle + 1) - positions(axle)
            if gap < 0.9 || gap > Self.longestGap { return .infinity }
            if base < 2.9 {
                // A car with a trailer: one axle behind, or two close together.
                let isTandem = axle > first + 1 && gap < 1.6
                if count > 4 || !(isTandem || (axle == first + 1 && gap >= 2.2 && gap <= 5.5)) { return .infinity }
                cost += 0.6
            } else if gap >= 1.9, gap < 2.4 {
                cost += 0.6
            } else if gap > 7 {
                cost += 0.5
            }
        }
        return base > 7 ? cost + 2 : cost
    }

    /// What it costs that one vehicle ends and another begins: nobody follows closer than a third of a second, or 3 m
    /// from axle to axle.
    @inline(__always)
    func separationCost(gap: Double, speed: Double) -> Double {
        if gap < 3 { return 5 }
        let time = gap / speed
        return time < 0.35 ? 5 : time < 0.6 ? 1.5 : 0.3
    }

    private func twoAxles(_ base: Double) -> Double {
        switch base {
        case ..<Self.closest: .infinity
        case ..<0.9: 1
        case ..<1.45: 0
        case ..<1.83: 0.4
        case ..<2.1: 1
        case ..<4.6: 0
        case ..<6.5: 0.4
        case ..<7.2: 1.5
        default: .infinity
        }
    }

    func roadUser(axles: Int, base: Double?) -> RoadUserClass {
        guard let base else { return .unclassified }
        if axles == 2 {
            return base <= limits.bike ? .bike : base <= limits.car ? .car : base <= limits.van ? .van : .lorry
        }
        // Behind a car's or a van's wheelbase comes a trailer with one axle or a tandem; a lorry's own begin longer.
        return base <= limits.car ? .car : .lorry
    }
}

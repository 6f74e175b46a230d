package import SensorCore

/// What drives over tubes: axles, and a speed that may change on the way.
package struct TubeVehicle {
    package let name: String
    package let isForward: Bool
    /// In m behind the first.
    package let axles: [Double]
    let lightAxles: Set<Int>
    /// When the first axle is at the first tube, in s.
    package var arrival: Double
    package var speed: Double
    package var acceleration: Double
    /// Where its first axle stands still, in m behind the first tube, and for how many s.
    package var stop: (place: Double, pause: Double)?
    /// Usual town driving towards and from a stop, in m/s² (assumption).
    private static let braking = 2.5
    private static let starting = 1.3

    package init(_ name: String, seed: UInt64, acceleration: Double) {
        var random = SeededGenerator(seed: seed)
        var moving = SeededGenerator(seed: seed)
        let kind = FleetParameters.vehicles.first { $0.name == name } ?? FleetParameters.vehicles[0]
        self.init(kind, true, at: 0, &random, &moving)
        self.acceleration = acceleration
    }

    init(
        _ kind: FleetParameters.Vehicle, _ isForward: Bool, at arrival: Double, _ random: inout SeededGenerator,
        _ moving: inout SeededGenerator
    ) {
        name = kind.name
        self.isForward = isForward
        self.arrival = arrival
        var axles = [0.0]
        for spacing in kind.spacings { axles.append(axles[axles.count - 1] + spacing.draw(&random)) }
        self.axles = axles
        lightAxles = kind.lightAxles
        let isWheeled = kind.name.hasPrefix("bike")
        let isHeavy = kind.name.hasPrefix("lorry") || kind.name.hasPrefix("artic") || kind.name.hasPrefix("bus")
        let rider = CycleParameters.ownSpeed(&random)
        let driver = (isHeavy ? FleetParameters.heavySpeed : FleetParameters.speed).draw(&random)
        speed = isWheeled ? rider : driver
        let change =
            isWheeled ? FleetParameters.cyclingAcceleration : isHeavy ? FleetParameters.heavyAcceleration : FleetParameters.acceleration
        // Whoever brakes is not yet slow when the last axle is over.
        let slowest = 0.7 * speed
        let way = axles[axles.count - 1] + 2 * TubeParameters.spacing
        acceleration = max(change.draw(&moving), (slowest * slowest - speed * speed) / (2 * way))
    }

    /// From the first axle to the last.
    package var length: Double { axles[axles.count - 1] }

    package var roadUser: RoadUserClass {
        switch name {
        case "bike", "bike-trailer", "motorcycle": .bike
        case "car", "car-trailer", "car-tandem": .car
        case "van": .van
        default: .lorry
        }
    }

    /// nil for who stood.
    package var speedInTheMiddle: Double? { stop == nil ? passes((length + TubeParameters.spacing) / 2).speed : nil }

    /// When, in s, and how fast the first axle has come so far behind the first tube.
    package func passes(_ way: Double) -> (time: Double, speed: Double) {
        guard let stop else {
            let now = max(0.01, speed * speed + 2 * acceleration * way).squareRoot()
            return (arrival + 2 * way / (speed + now), now)
        }
        // It came to the first tube while braking.
        let before = (2 * Self.braking * stop.place).squareRoot() / Self.braking
        if way < stop.place {
            let now = (2 * Self.braking * (stop.place - way)).squareRoot()
            return (arrival + before - now / Self.braking, now)
        }
        let now = (2 * Self.starting * (way - stop.place)).squareRoot()
        return (arrival + before + stop.pause + now / Self.starting, now)
    }
}

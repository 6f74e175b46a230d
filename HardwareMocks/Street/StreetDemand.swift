import SensorCore

/// Who passes a sensor, and how.
public struct StreetDemand: Hashable, Sendable {
    /// Per hour and both ways.
    public var pedestrians = 0.0
    public var bikes = 0.0
    public var cars = 0.0
    public var vans = 0.0
    public var lorries = 0.0
    /// Share of those who go from the first sensor to the second.
    public var forwardShare = 0.5
    /// Share of those who follow the one before as close as they dare.
    public var platoonShare = 0.3
    /// People who come, look and go back, per hour.
    public var turnBacks = 0.0
    /// Share of pedestrians with somebody at their side.
    public var abreastShare = 0.0

    public init() {}

    /// Without motor traffic.
    public var onPaths: StreetDemand {
        var demand = self
        demand.cars = 0
        demand.vans = 0
        demand.lorries = 0
        return demand
    }

    /// Without people on foot.
    public var onWheels: StreetDemand {
        var demand = self
        demand.pedestrians = 0
        demand.turnBacks = 0
        return demand
    }

    var perHour: Double { pedestrians + bikes + cars + vans + lorries }
}

/// Draws who comes when: Cowan's M3 headways (Transportation Research 9, 1975), platoons with exponential gaps between them;
/// nobody drives through the one before.
struct StreetArrivals {
    private let demand: StreetDemand
    private let maker = RoadUserMaker()
    /// From the first sensor to the last, in m: on it nobody overtakes.
    private let reach: Double

    init(_ demand: StreetDemand, reach: Double) {
        self.demand = demand
        self.reach = reach
    }

    /// Everybody within `duration` seconds, by arrival.
    func make(duration: Double, _ random: inout SeededGenerator) -> [RoadUser] {
        var all: [RoadUser] = []
        for direction in PassageDirection.allCases {
            let share = direction == .forward ? demand.forwardShare : 1 - demand.forwardShare
            let rate = demand.perHour * share / 3600
            guard rate > 1e-9 else { continue }
            all += lane(direction, meanHeadway: 1 / rate, duration, &random)
        }
        all += turnBacks(duration, &random)
        return all.sorted { $0.arrival < $1.arrival }
    }

    private func lane(
        _ direction: PassageDirection, meanHeadway: Double, _ duration: Double, _ random: inout SeededGenerator
    ) -> [RoadUser] {
        var lane: [RoadUser] = []
        var time = random.exponential(meanHeadway)
        while time < duration {
            var user = draw(&random)
            user.direction = direction
            user.arrival = time
            if let leader = lane.last { settle(&user, behind: leader, &random) }
            guard user.arrival < duration else { break }
            lane.append(user)
            if user.roadUser == .pedestrian, random.uniform(0, 1) < demand.abreastShare {
                var friend = maker.pedestrian(&random)
                friend.direction = direction
                friend.speed = user.speed
                friend.arrival = user.arrival + random.uniform(0, 0.35) / user.speed
                lane.append(friend)
            }
            let isFollowed = random.uniform(0, 1) < demand.platoonShare
            time = user.arrival + (isFollowed ? 0 : random.exponential(meanHeadway))
        }
        return lane
    }

    private func draw(_ random: inout SeededGenerator) -> RoadUser {
        var rest = random.uniform(0, demand.perHour)
        for (rate, roadUser) in [
            (demand.pedestrians, RoadUserClass.pedestrian), (demand.bikes, .bike), (demand.cars, .car), (demand.vans, .van),
            (demand.lorries, .lorry),
        ] {
            if rest < rate {
                switch roadUser {
                case .pedestrian: return maker.pedestrian(&random)
                case .bike: return maker.bike(&random)
                default: return maker.motor(roadUser, &random)
                }
            }
            rest -= rate
        }
        return maker.pedestrian(&random)
    }

    /// Keeps the distance that is kept on streets: 0.4 m on foot, 1 to 3 m on bicycles, 1.2 s and 3 m in cars.
    private func settle(_ user: inout RoadUser, behind leader: RoadUser, _ random: inout SeededGenerator) {
        if user.arrival - leader.arrival < 4, user.roadUser == leader.roadUser {
            user.speed = leader.speed * random.normal(1, 0.02, within: 0.95...1.05)
        }
        let gap: Double
        switch user.roadUser {
        case .pedestrian: gap = 0.4 + random.exponential(0.5)
        case .bike: gap = 1 + random.exponential(2)
        default: gap = 4.5 + user.speed * (0.5 + random.exponential(0.6))
        }
        // The leader is out of the reach, and the gap behind it closed, before the follower is through.
        let cleared = leader.arrival + (leader.length + reach) / leader.speed
        let earliest = max(
            leader.arrival + (leader.length + gap) / min(user.speed, leader.speed), cleared + gap / user.speed - reach / user.speed)
        user.arrival = max(user.arrival, earliest)
    }

    private func turnBacks(_ duration: Double, _ random: inout SeededGenerator) -> [RoadUser] {
        guard demand.turnBacks > 1e-9 else { return [] }
        var people: [RoadUser] = []
        var time = random.exponential(3600 / demand.turnBacks)
        while time < duration {
            var user = maker.pedestrian(&random)
            user.direction = random.uniform(0, 1) < 0.5 ? .forward : .backward
            user.arrival = time
            user.turnsBack = true
            people.append(user)
            time += 5 + random.exponential(3600 / demand.turnBacks)
        }
        return people
    }
}

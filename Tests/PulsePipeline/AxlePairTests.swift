import SensorCore
import Testing

@testable import PulsePipeline

@Suite struct AxlePairTests {
    static func settings(spacing: Double = 1, limits: WheelbaseLimits = WheelbaseLimits()) -> ChannelSettings {
        ChannelSettings(
            detector: .axlePair(AxleGeometry(spacing: spacing, limits: limits)),
            filter: .stable(rise: .milliseconds(1), fall: .milliseconds(3)))
    }

    /// Hits of 12 ms; axles in m behind the first, at a speed in m/s.
    static func vehicle(
        _ axles: [Double], speed: Double, at time: Double, isForward: Bool = true, spacing: Double = 1
    ) -> [(Int, Double, Double)] {
        axles.flatMap { axle in
            [0, 1].map { step in
                let hit = time + (Double(step) * spacing + axle) / speed * 1000
                return (isForward ? step : 1 - step, hit, hit + 12)
            }
        }
    }

    /// Wheelbases within FHWA's Scheme F: bicycle, car, car with trailer, van, lorries, articulated lorry.
    static let vehicles: [(axles: [Double], roadUser: RoadUserClass)] = [
        ([0, 1.1], .bike), ([0, 2.3], .car), ([0, 2.95], .car), ([0, 2.6, 6], .car), ([0, 3.5], .van), ([0, 4.8], .lorry),
        ([0, 4.2, 5.5], .lorry), ([0, 3.7, 9.2, 10.5, 11.8], .lorry),
    ]

    @Test("Classes by axles and wheelbase", arguments: vehicles.indices, [true, false]) func classesByAxlesAndWheelbase(
        _ index: Int, isForward: Bool
    ) throws {
        let vehicle = Self.vehicles[index]
        for speed in vehicle.roadUser == .bike ? [3.0, 5, 8] : [8.0, 13.9, 22] {
            for spacing in [0.6, 1, 2] {
                let run = PairRun(
                    Self.settings(spacing: spacing),
                    Self.vehicle(vehicle.axles, speed: speed, at: 1000, isForward: isForward, spacing: spacing))
                #expect(run.passages.count == 1, "\(vehicle.axles) \(speed) m/s: \(run.texts)")
                let passage = try #require(run.passages.first)
                #expect(passage.roadUser == vehicle.roadUser, "\(vehicle.axles) \(speed) m/s: \(run.texts)")
                #expect(passage.direction == (isForward ? .forward : .backward))
                #expect(passage.instant == at(1000))
                #expect(abs((passage.speed ?? 0) / speed - 1) < 0.001)
                #expect(abs((passage.length ?? 0) - (vehicle.axles.last ?? 0)) < 0.01)
            }
        }
    }

    @Test("Limits are the configurations") func limitsAreTheConfigurations() {
        let run = PairRun(
            Self.settings(limits: WheelbaseLimits(bike: 1.2, car: 3.6, van: 4)), Self.vehicle([0, 3.5], speed: 12, at: 1000))
        #expect(run.passages.map(\.roadUser) == [.car])
    }

    @Test("Echoes are no axles") func echoesAreNoAxles() {
        let car = Self.vehicle([0, 2.6], speed: 13, at: 1000)
        let echoes = car.map { ($0.0, $0.1 + 38, $0.1 + 44) }
        let run = PairRun(Self.settings(), car + echoes)
        #expect(run.texts == ["forward car 46.8 km/h 2.6 m"])
        #expect(run.tally.rejectedPassages == 4)
    }

    @Test("Close behind each other") func closeBehindEachOther() {
        let cars =
            Self.vehicle([0, 2.6], speed: 13, at: 1000) + Self.vehicle([0, 2.7], speed: 13, at: 2100)
            + Self.vehicle([0, 3.4], speed: 12.8, at: 3050)
        let run = PairRun(Self.settings(), cars)
        #expect(run.passages.map(\.roadUser) == [.car, .car, .van], "\(run.texts)")
    }

    /// In ms.
    static let offsets = Array(stride(from: -300.0, through: 300, by: 20))

    /// Both lanes lie under the tubes.
    @Test("Two who meet", arguments: offsets) func twoWhoMeet(_ offset: Double) {
        let meeting =
            Self.vehicle([0, 2.6], speed: 13, at: 1000) + Self.vehicle([0, 3.4], speed: 11, at: 1000 + offset, isForward: false)
        let run = PairRun(Self.settings(), meeting)
        #expect(Set(run.passages.map(\.direction)) == [.forward, .backward], "offset \(offset) ms: \(run.texts)")
        #expect(run.passages.count == 2, "offset \(offset) ms: \(run.texts)")
    }

    /// A hit of both at once is one pulse: the other axles tell.
    @Test("A hit of two is one pulse") func aHitOfTwoIsOnePulse() {
        let car = Self.vehicle([0, 2.6], speed: 12, at: 1000)
        var marks = car + Self.vehicle([0, 2.5], speed: 14, at: 1080, isForward: false)
        // The car's first hit on the second tube and the other's first are 3 ms apart.
        marks.removeAll { $0.0 == 1 && abs($0.1 - 1080) < 1 }
        marks = marks.map { $0.0 == 1 && abs($0.1 - 1083.3) < 1 ? (1, 1080, $0.2) : $0 }
        let run = PairRun(Self.settings(), marks)
        #expect(run.passages.map(\.roadUser) == [.car, .car], "\(run.texts)")
        #expect(Set(run.passages.map(\.direction)) == [.forward, .backward])
    }

    @Test("A lone hit is nobody") func aLoneHitIsNobody() {
        let run = PairRun(Self.settings(), [(0, 1000, 1012), (1, 9000, 9012)])
        #expect(run.texts == [])
        #expect(run.tally.rejectedPassages == 2)
    }

    /// Water in a tube, or a wheel that stands on it.
    @Test("A tube that stays pressed is not observed") func aTubeThatStaysPressedIsNotObserved() {
        let run = PairRun(
            Self.settings(),
            Self.vehicle([0, 2.6], speed: 13, at: 1000) + [(1, 10_000, 40_000)]
                + Self.vehicle([0, 2.6], speed: 13, at: 50_000))
        #expect(run.passages.count == 2, "\(run.texts)")
        #expect(abs(run.tally.unobserved.seconds - 30) < 0.1)
    }
}

import PulsePipeline
import SensorCore
import Testing

/// Passes whose pulses come straight from the geometry.
@Suite struct DopplerPassTests {
    @Test(
        "Who comes is one passage with the speed of the street and not of the beam",
        arguments: [
            (12.0, 24.125e9, RoadUserClass.motor), (8.3, 24.125e9, .motor), (22.0, 24.125e9, .motor), (5.0, 24.125e9, .motor),
            (13.9, 10.525e9, .motor), (1.4, 24.125e9, .pedestrian),
        ])
    func whoComesIsOnePassageWithTheSpeedOfTheStreetAndNotOfTheBeam(_ speed: Double, _ carrier: Double, _ roadUser: RoadUserClass) throws {
        var pass = AnalyticPass(setup: RadarSetup(carrier: carrier, lanes: [4], height: 2), speed: speed, abreast: 7)
        pass.way = 1...(speed < 2 ? 8 : 30)
        let found = passages(of: pass.edges(), pass.setup)
        try #require(found.count == 1)
        #expect(found[0].direction == .forward)
        let measured = try #require(found[0].speed)
        #expect((measured / speed - 1).magnitude < 0.005, "\(measured) for \(speed)")
        #expect((found[0].instant.nanoseconds - 7_000_000_000).magnitude < 60_000_000)
        #expect(found[0].roadUser == roadUser)
        #expect(!found[0].isUncertain)
    }

    /// As fast as a car that creeps, but lost in 11 m.
    @Test("Whose tone is lost far away is a bicycle", arguments: [true, false])
    func whoseToneIsLostFarAwayIsABicycle(_ isComing: Bool) throws {
        let found = passages(of: AnalyticPass(speed: 5, isComing: isComing, way: 1...11).edges(), RadarSetup(lanes: [4], height: 2))
        try #require(found.count == 1)
        #expect(found[0].roadUser == .bike)
    }

    /// From a high pole the way to who passes is far longer than to its lane.
    @Test("The height of the module is part of the way") func theHeightOfTheModuleIsPartOfTheWay() throws {
        let pass = AnalyticPass(setup: RadarSetup(lanes: [3], height: 6), lane: 3)
        let found = passages(of: pass.edges(), pass.setup)
        try #require(found.count == 1)
        let measured = try #require(found[0].speed)
        #expect((measured / 12 - 1).magnitude < 0.005, "\(measured)")
    }

    @Test("Who goes away is told from who comes by the rising pitch", arguments: [12.0, 6.0])
    func whoGoesAwayIsToldFromWhoComesByTheRisingPitch(_ speed: Double) throws {
        let pass = AnalyticPass(speed: speed, isComing: false)
        let found = passages(of: pass.edges(), pass.setup)
        try #require(found.count == 1)
        #expect(found[0].direction == .backward)
        let measured = try #require(found[0].speed)
        #expect((measured / speed - 1).magnitude < 0.005)
    }

    @Test("Half a metre beside the lanes middle costs no accuracy", arguments: [3.4, 4.6])
    func halfAMetreBesideTheLanesMiddleCostsNoAccuracy(_ lane: Double) throws {
        let pass = AnalyticPass(lane: lane)
        let found = passages(of: pass.edges(), pass.setup)
        try #require(found.count == 1)
        let measured = try #require(found[0].speed)
        #expect((measured / 12 - 1).magnitude < 0.01)
    }

    @Test("With two inputs the rotation gives the direction by the configured convention", arguments: [true, false])
    func withTwoInputsTheRotationGivesTheDirectionByTheConfiguredConvention(_ isComing: Bool) throws {
        var pass = AnalyticPass(setup: RadarSetup(lanes: [4], height: 2, quadrature: .firstLeads), isComing: isComing)
        let edges = pass.edges()
        let found = passages(of: edges, pass.setup)
        try #require(found.count == 1)
        #expect(found[0].direction == (isComing ? .forward : .backward))
        // Wired the other way round, nobody moves like that.
        pass.setup.quadrature = .secondLeads
        let wrong = passages(of: edges, pass.setup)
        #expect(!wrong.contains { $0.direction == (isComing ? .forward : .backward) })
    }

    @Test("Where the beam looks across the road no direction is given") func whereTheBeamLooksAcrossTheRoadNoDirectionIsGiven() throws {
        var pass = AnalyticPass()
        pass.setup.azimuth = 90
        let found = passages(of: pass.edges(), pass.setup)
        try #require(found.count == 1)
        #expect(found[0].direction == nil)
    }

    @Test("One and a half seconds apart are two") func oneAndAHalfSecondsApartAreTwo() {
        var edges = AnalyticPass(abreast: 5, way: 1...14).edges()
        edges += AnalyticPass(abreast: 6.5, way: 1...14).edges()
        let found = passages(of: edges, RadarSetup(lanes: [4], height: 2))
        #expect(found.count == 2)
    }

    @Test("A tone that does not change is nobody", arguments: [100.0, 1000.0])
    func aToneThatDoesNotChangeIsNobody(_ hertz: Double) {
        var edges: [EdgeEvent] = []
        for half in 0..<Int(20 * hertz) {
            edges.append(
                EdgeEvent(instant: MonotonicInstant(nanoseconds: Int64(Double(half) / 2 / hertz * 1e9)), input: 0, level: half % 2 == 0))
        }
        #expect(passages(of: edges, RadarSetup(lanes: [4], height: 2)).isEmpty)
    }

    @Test("A fifth of the pulses missing costs nobody") func aFifthOfThePulsesMissingCostsNobody() throws {
        let pass = AnalyticPass()
        var edges: [EdgeEvent] = []
        var state: UInt64 = 1
        let all = pass.edges()
        for index in stride(from: 0, to: all.count - 1, by: 2) {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            if state >> 33 < 1_717_986_918 / 2 { continue }
            edges += [all[index], all[index + 1]]
        }
        let found = passages(of: edges, pass.setup)
        try #require(found.count == 1)
        let measured = try #require(found[0].speed)
        #expect((measured / 12 - 1).magnitude < 0.01)
    }

    @Test("A quiet line is nobody") func aQuietLineIsNobody() {
        #expect(passages(of: [], RadarSetup(lanes: [4], height: 2), until: 30).isEmpty)
    }
}

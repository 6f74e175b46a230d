import SensorCore
import Testing

@testable import Calibration

@Suite struct HistoryTests {
    static func moment(_ seconds: Int64) -> WallClockTime { WallClockTime(secondsSince1970: 1_777_000_000 + seconds) }

    static func entry(
        _ id: String, at seconds: Int64, offset: Double = 1, expires: Int64? = nil, node: String = "n",
        sensor: String = "s", part: String = "sht40", quantity: Quantity = .temperature,
        change: CalibrationEntry.Change? = nil
    ) -> CalibrationEntry {
        CalibrationEntry(
            id: id, node: node, sensor: sensor, part: part, quantity: quantity, performedAt: moment(seconds), by: "M",
            reference: "R", expiresAt: expires.map(moment),
            change: change ?? .correct(.linear(LinearCorrection(offset: offset))))
    }

    static func history(_ entries: [CalibrationEntry]) throws -> CalibrationHistory {
        let factory = try CalibrationTests.record(.temperature, offset: 9, id: "factory-base")
        return CalibrationHistory(
            entries, node: "n",
            sensors: [
                CalibratedSensor(name: "s", part: "sht40", quantities: [.temperature, .humidity], factory: [factory])
            ])
    }

    struct Case: Sendable {
        var name: String
        var entries: [CalibrationEntry]
        var now: Int64?
        var holds: String?
        var words: [String]
    }

    static let cases = [
        Case(name: "none", entries: [], now: 0, holds: "factory-base", words: []),
        Case(name: "one takes the base's place", entries: [entry("a", at: 0)], now: 0, holds: "a", words: ["in force"]),
        Case(
            name: "the newest, in whatever order they were read", entries: [entry("b", at: 5), entry("a", at: 0)], now: 9,
            holds: "b", words: ["superseded by b", "in force"]),
        Case(
            name: "same moment: the last id", entries: [entry("b", at: 0), entry("a", at: 0)], now: 9, holds: "b",
            words: ["superseded by b", "in force"]),
        Case(name: "before expiry", entries: [entry("a", at: 0, expires: 10)], now: 9, holds: "a", words: ["in force"]),
        Case(
            name: "at the very instant", entries: [entry("a", at: 0, expires: 10)], now: 10, holds: nil,
            words: ["expired: values go out uncorrected"]),
        Case(
            name: "an expired one does not wake its forerunner",
            entries: [entry("a", at: 0), entry("b", at: 1, expires: 10)], now: 11, holds: nil,
            words: ["superseded by b", "expired: values go out uncorrected"]),
        Case(name: "UTC unknown", entries: [entry("a", at: 0, expires: 10)], now: nil, holds: "a", words: ["in force"]),
        Case(
            name: "from the future", entries: [entry("a", at: 0), entry("b", at: 10)], now: 9, holds: "a",
            words: ["in force", "dated in the future: not applied"]),
        Case(
            name: "another sensor", entries: [entry("a", at: 0, sensor: "t")], now: 9, holds: "factory-base",
            words: ["foreign: the configuration has no sensor t"]),
        Case(
            name: "another part", entries: [entry("a", at: 0, part: "bme280")], now: 9, holds: "factory-base",
            words: ["foreign: made for a bme280, s is a sht40"]),
        Case(
            name: "another node", entries: [entry("a", at: 0, node: "m")], now: 9, holds: "factory-base",
            words: ["foreign: made for the node m, this is n"]),
        Case(
            name: "a quantity the part has not", entries: [entry("a", at: 0, quantity: .pressure)], now: 9,
            holds: "factory-base", words: ["foreign: a sht40 does not measure pressure"]),
        Case(
            name: "back", entries: [entry("a", at: 0), entry("b", at: 1), entry("c", at: 2, change: .backTo(id: "a"))], now: 9,
            holds: "a", words: ["superseded by c", "superseded by c", "in force"]),
        Case(
            name: "back to one that has expired",
            entries: [entry("a", at: 0, expires: 5), entry("c", at: 2, change: .backTo(id: "a"))], now: 5, holds: nil,
            words: ["superseded by c", "expired: values go out uncorrected"]),
        Case(
            name: "back to nothing there", entries: [entry("a", at: 0), entry("c", at: 2, change: .backTo(id: "x"))], now: 9,
            holds: "a", words: ["in force", "goes back to x, which is not there: not applied"]),
        Case(
            name: "back to a way back",
            entries: [
                entry("a", at: 0), entry("b", at: 1, change: .factory), entry("c", at: 2, change: .backTo(id: "b")),
            ], now: 9, holds: "factory-base",
            words: ["superseded by b", "in force", "goes back to b, which is not there: not applied"]),
        Case(
            name: "back to the base", entries: [entry("a", at: 0), entry("c", at: 2, change: .factory)], now: 9,
            holds: "factory-base", words: ["superseded by c", "in force"]),
    ]

    @Test("What holds", arguments: cases) func whatHolds(_ item: Case) throws {
        let history = try Self.history(item.entries)
        let utc = item.now.map(Self.moment)
        #expect(history.inForce(at: utc)["s"]?.first { $0.quantity == .temperature }?.id == item.holds, "\(item.name)")
        #expect(history.standings(at: utc).map(\.word) == item.words, "\(item.name)")
    }

    @Test("Each way back goes one further") func eachWayBackGoesOneFurther() throws {
        var entries = [Self.entry("a", at: 0), Self.entry("b", at: 1), Self.entry("c", at: 2)]
        for (index, expected) in [CalibrationEntry.Change.backTo(id: "b"), .backTo(id: "a"), .factory].enumerated() {
            let change = try Self.history(entries).wayBack(of: "s", .temperature, at: nil)
            #expect(change == expected)
            entries.append(Self.entry("r\(index)", at: 10 + Int64(index), change: change))
        }
        #expect(try Self.history(entries).wayBack(of: "s", .temperature, at: nil) == nil)
        #expect(try Self.history(entries).wayBack(of: "s", .humidity, at: nil) == nil)
    }

    /// Expected values by `numpy.interp` inside, by the end segments' lines outside.
    @Test(
        "A bent line",
        arguments: [(-10, -8), (0, 1), (2.5, 3.25), (10, 10), (15, 16), (20, 22), (25, 28)] as [(Double, Double)])
    func aBentLine(_ raw: Double, _ expected: Double) throws {
        let points = [(0.0, 1.0), (10, 10), (20, 22)].map { ReferencePair(raw: $0.0, reference: $0.1) }
        #expect(abs(try PiecewiseCorrection(points: points).corrected(raw) - expected) < 1e-12)
    }

    @Test(
        "Refuses what does not rise",
        arguments: [
            ([(0, 0)], .pointCount(1)), ([], .pointCount(0)), ([(0, 0), (.nan, 1)], .notFinite(point: 2)),
            ([(0, 0), (0, 1)], .notRising(point: 2)), ([(0, 0), (1, 1), (2, 1)], .notRising(point: 3)),
            ([(1, 1), (0, 0)], .notRising(point: 2)),
        ] as [([(Double, Double)], PiecewiseError)])
    func refusesWhatDoesNotRise(_ points: [(Double, Double)], _ error: PiecewiseError) {
        #expect(throws: error) {
            try PiecewiseCorrection(points: points.map { ReferencePair(raw: $0.0, reference: $0.1) })
        }
    }
}

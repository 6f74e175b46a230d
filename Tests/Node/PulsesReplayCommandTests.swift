import HardwareMocks
import SensorCore
import TestSupport
import Testing

/// `pulses replay` on traces whose closures are known.
@Suite(.startsProcesses) struct PulsesReplayCommandTests {
    struct Output: Decodable {
        struct Passage: Decodable {
            var t: Double
            var direction: String?
            var `class`: String?
            var speed_kmh: Double?
            var uncertain: Bool?
        }
        struct Quality: Decodable {
            var observed_seconds: Double
            var edges: UInt64
            var lost_edges: UInt64
            var overflows: UInt64
            var rejected_glitches: UInt64
            var confidence: Double?
        }
        struct Interval: Decodable {
            var start: Double
            var end: Double
            var count: UInt64
            var rejected_glitches: UInt64
            var confidence: Double?
        }
        var channel: String
        var detector: String
        var filter: String
        var count: UInt64
        var passages: [Passage]
        var intervals: [Interval]
        var quality: Quality
    }

    /// Bouncing closures and spikes, and when each closure began.
    struct Train {
        var edges: [EdgeEvent] = []
        var closures: [MonotonicInstant] = []

        init(seconds: Int64, seed: UInt64) {
            let end = MonotonicInstant(nanoseconds: seconds * 1_000_000_000)
            var traffic = ContactTraffic(
                .init(closuresPerHour: 3000, spikesPerHour: 600), from: MonotonicInstant(nanoseconds: 0), until: end,
                seed: seed)
            var closed: UInt64 = 0
            while traffic.nextInstant() != nil {
                // A burst is made as a whole, so the number rises with its first edge.
                let isClosure = traffic.closures > closed
                closed = traffic.closures
                if let edge = traffic.next() {
                    edges.append(edge)
                    if isClosure { closures.append(edge.instant) }
                }
            }
        }

        func csv(line: String, isInverted: Bool = false, hasHeader: Bool = true) -> String {
            (hasHeader ? "timestamp_ns,line,level\n" : "")
                + edges.map { "\($0.instant.nanoseconds),\(line),\($0.level != isInverted ? 1 : 0)\n" }.joined()
        }

        /// As an analyser writes it: from its own start on, in its own unit.
        func vcd(name: String, isInverted: Bool = false) -> String {
            """
            $timescale 1 ns $end
            $scope module logic $end
            $var wire 1 ! \(name) $end
            $var wire 1 " OTHER $end
            $upscope $end
            $enddefinitions $end
            #0
            \(isInverted ? 1 : 0)! 1"

            """ + edges.map { "#\($0.instant.nanoseconds) \($0.level != isInverted ? 1 : 0)!\n" }.joined()
        }
    }

    static func replay(
        _ name: String, _ trace: String, channel: String, interval: String = "60s", format: String = "json"
    ) throws -> ProgramRun {
        let folder = ScratchFolder()
        let run = try node(
            "pulses", "replay", "--config", folder.write("node.yaml", configurationText(interval: interval)), "--channel",
            channel, folder.write(name, trace), "--format", format)
        _ = run.exitCode()
        return run
    }

    static let train = Train(seconds: 600, seed: 20_261_123)

    /// `gate` is active low: closed pulls the wire to 0. `path` is active high.
    @Test(
        "Counts every closure",
        arguments: [
            ("a.csv", "gate", "input", true), ("a.csv", "gate", "J8-11", false), ("a.csv", "path", "J8-13", true),
            ("a.vcd", "gate", "J8-11", false), ("a.vcd", "path", "input", false),
        ])
    func countsEveryClosure(_ name: String, channel: String, line: String, hasHeader: Bool) throws {
        let isInverted = channel == "gate"
        let beginsAtFirstEdge = name == "a.csv"
        let trace =
            beginsAtFirstEdge
            ? Self.train.csv(line: line, isInverted: isInverted, hasHeader: hasHeader)
            : Self.train.vcd(name: line, isInverted: isInverted)
        let run = try Self.replay(name, trace, channel: channel)
        #expect(run.exitCode() == 0, "\(run.errors)")
        let output: Output = try run.json()
        let train = Self.train
        #expect(train.closures.count > 300)
        #expect(output.channel == channel)
        #expect(output.detector == "contact")
        #expect(output.filter == (channel == "gate" ? "stable rise 8 ms, fall 8 ms" : "stable rise 8 ms, fall 12 ms"))
        #expect(output.count == UInt64(train.closures.count))
        #expect(output.passages.count == train.closures.count)
        let zero = beginsAtFirstEdge ? try #require(train.edges.first).instant : MonotonicInstant(nanoseconds: 0)
        // Where a closing bounces, its first edge counts.
        for (passage, closure) in zip(output.passages, train.closures) {
            #expect(abs(passage.t - (closure - zero).seconds) < 1e-6)
        }
        #expect(output.intervals.reduce(0) { $0 + $1.count } == output.count)
        for interval in output.intervals {
            let inside = output.passages.filter { interval.start <= $0.t && $0.t < interval.end }.count
            #expect(interval.count == UInt64(inside))
        }
        for (index, interval) in output.intervals.enumerated() {
            #expect(interval.start == Double(index) * 60)
            if index + 1 < output.intervals.count { #expect(interval.end == Double(index + 1) * 60) }
        }
        #expect(output.quality.edges == UInt64(train.edges.count))
        #expect(output.quality.lost_edges == 0)
        #expect(output.quality.overflows == 0)
        #expect(output.quality.confidence == 1)
        #expect(output.quality.rejected_glitches > 50)
        #expect(output.quality.rejected_glitches == output.intervals.reduce(0) { $0 + $1.rejected_glitches })
        #expect(abs(output.quality.observed_seconds - (try #require(output.intervals.last).end)) < 1e-9)
    }

    /// A level given twice is an edge that was lost.
    @Test("Lost edges lower the confidence") func lostEdgesLowerTheConfidence() throws {
        var rows = "timestamp_ns,line,level\n"
        for second in 1...10 {
            rows += "\(second)000000000,input,1\n"
            if second != 5 { rows += "\(second)500000000,input,0\n" }
        }
        let output: Output = try Self.replay("a.csv", rows, channel: "path").json()
        #expect(output.quality.lost_edges == 1)
        #expect(output.quality.edges == 19)
        #expect(output.quality.confidence == 0.95)
    }

    /// A wire that never rests is not judged: nothing is stated of that time.
    @Test("Chatter is unobserved") func chatterIsUnobserved() throws {
        let rows = (0..<20_000).map { "\($0)000000,input,\(($0 + 1) % 2)\n" }.joined()
        let output: Output = try Self.replay("a.csv", rows, channel: "path", interval: "5s").json()
        #expect(output.count == 0)
        #expect(output.quality.observed_seconds < 0.1)
        #expect(output.intervals.prefix(3).allSatisfy { $0.confidence == nil })
    }

    @Test(
        "A damaged trace is said with its place",
        arguments: [
            ("a.csv", "timestamp_ns,line,level\n10,input,1\n5,input,0\n", "3:1"),
            ("a.csv", "1,input,2\n", "1:9"), ("a.csv", "1,door,1\n", "1:3"), ("a.csv", "1|input|1\n", "1:1"),
            ("a.csv", "1,input\n", "1:"), ("a.csv", "-1,input,1\n", "1:1"),
            ("a.csv", "99999999999999999999,input,1\n", "1:1"),
            ("a.vcd", "$timescale 1 ns $end\n$var wire 1 ! input $end\n", "3:1"),
            ("a.vcd", "$timescale 1 us $end $var wire 1 ! input $end $enddefinitions $end\n#5 1!\n#4 0!\n", "3:1"),
            ("a.vcd", "timestamp_ns,line,level\n", "1:1"),
        ])
    func aDamagedTraceIsSaidWithItsPlace(_ name: String, trace: String, place: String) throws {
        let run = try Self.replay(name, trace, channel: "gate")
        #expect(run.exitCode() == 65, "\(run.output)\(run.errors)")
        #expect(run.output == "")
        #expect(run.errors.contains("\(name):\(place)"), "\(run.errors)")
    }

    @Test("A time stamp far away is refused soon") func aTimeStampFarAwayIsRefusedSoon() throws {
        let run = try Self.replay("a.csv", "0,input,1\n9000000000000000000,input,0\n", channel: "gate", interval: "1s")
        #expect(run.exitCode() == 65)
        #expect(run.errors.contains("9000000000000000000"), "\(run.errors)")
    }

    @Test("An unknown format is named") func anUnknownFormatIsNamed() throws {
        let run = try Self.replay("a.txt", "0,input,1\n", channel: "gate")
        #expect(run.exitCode() == 65)
        #expect(run.errors.contains(".vcd or .csv"), "\(run.errors)")
    }

    @Test("An unknown channel is 78") func anUnknownChannelIs78() throws {
        let run = try Self.replay("a.csv", "0,input,1\n", channel: "door")
        #expect(run.exitCode() == 78)
        #expect(run.errors.contains("'door'") && run.errors.contains("gate, path"), "\(run.errors)")
    }

    /// Who a presence sensor saw has no direction, class or speed: there are no fields for them.
    @Test("A presence sensors passages are more than their moment") func aPresenceSensorsPassagesAreMoreThanTheirMoment() throws {
        let folder = ScratchFolder()
        let configuration = configurationText().replacing("detector: contact", with: "hold: 2s\n    detector: presence", maxReplacements: 1)
        let trace = (1...3).map { "\($0)0000000000,input,0\n\($0)1000000000,input,1\n" }.joined()
        let run = try node(
            "pulses", "replay", "--config", folder.write("node.yaml", configuration), "--channel", "gate",
            folder.write("a.csv", "1000000000,input,1\n" + trace), "--format", "json")
        #expect(run.exitCode() == 0, "\(run.errors)")
        let output: Output = try run.json()
        #expect(output.detector == "presence")
        #expect(output.passages.map(\.t) == [9, 19, 29])
        #expect(output.passages.allSatisfy { $0.uncertain == false && $0.direction == nil && $0.speed_kmh == nil })
        #expect(!run.output.contains(#""speed_kmh""#))
    }

    @Test("A person reads counts") func aPersonReadsCounts() throws {
        let run = try Self.replay("a.csv", Self.train.csv(line: "input"), channel: "path", format: "text")
        #expect(run.exitCode() == 0)
        #expect(run.output.contains("\(Self.train.closures.count) counted in all, from \(Self.train.edges.count) edges"), "\(run.output)")
    }
}

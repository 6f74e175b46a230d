import Glibc
import PlainChannels
import PulsePipeline
import SensorCore

/// Channels in Swift beside the same state machines in plain C, in turns, over the same edges.
enum PlainComparison {
    struct Result {
        var swift: Double
        var c: Double
        var ratio: Double { swift / c }
    }

    enum Disagreement: Error { case counts(swift: UInt64, c: UInt64), speeds(swift: Double, c: Double) }

    static func contact(_ bench: BenchedChannel, rounds: Int = 15) throws -> Result {
        let edges = bench.edges.map(plain_edge.init)
        let filter = bench.settings.filter
        func run() -> UInt64 {
            var channel = plain_contact()
            plain_contact_begin(&channel, filter.riseTime.nanoseconds, filter.fallTime.nanoseconds)
            inBatches(edges) {
                plain_contact_ingest(&channel, $0, $1, .max, $2)
            } finally: {
                plain_contact_advance(&channel, $0, $1)
            }
            return channel.tally.passages
        }
        let counted = (bench.run().passages, run())
        guard counted.0 == counted.1 else { throw Disagreement.counts(swift: counted.0, c: counted.1) }
        return alternate(rounds, { _ = bench.run() }, { _ = run() })
    }

    static func beams(_ bench: BenchedChannel, spacing: Double, rounds: Int = 15) throws -> Result {
        let edges = bench.edges.map(plain_edge.init)
        let time = bench.settings.filter.riseTime.nanoseconds
        func run(_ each: (plain_passage) -> Void = { _ in }) -> plain_tally {
            var channel = plain_beams()
            plain_beams_begin(&channel, spacing, time)
            inBatches(edges, each) {
                plain_beams_ingest(&channel, $0, $1, .max, $2)
            } finally: {
                plain_beams_advance(&channel, $0, $1)
            }
            return channel.tally
        }
        var speeds = (swift: 0.0, c: 0.0)
        let counted = (bench.run { speeds.swift += $0.speed ?? 0 }.passages, run { speeds.c += $0.speed }.passages)
        guard counted.0 == counted.1 else { throw Disagreement.counts(swift: counted.0, c: counted.1) }
        guard (speeds.swift - speeds.c).magnitude < 1e-9 * speeds.c else {
            throw Disagreement.speeds(swift: speeds.swift, c: speeds.c)
        }
        return alternate(rounds, { _ = bench.run() }, { _ = run() })
    }

    /// Whether these edges are one passage that is read without a search.
    static func isPlain(_ edges: [EdgeEvent], spacing: Double, time: TimeSpan) -> Bool {
        var channel = plain_beams()
        plain_beams_begin(&channel, spacing, time.nanoseconds)
        let joined = BenchedStreets.joined([edges], edges: 1).map(plain_edge.init)
        inBatches(joined) {
            plain_beams_ingest(&channel, $0, $1, .max, $2)
        } finally: {
            plain_beams_advance(&channel, $0, $1)
        }
        return channel.not_plain == 0 && channel.tally.passages == 1
    }

    private static func inBatches(
        _ edges: [plain_edge], _ each: (plain_passage) -> Void = { _ in },
        _ ingest: (UnsafePointer<plain_edge>, Int32, UnsafeMutablePointer<plain_passages>) -> Int32,
        finally advance: (Int64, UnsafeMutablePointer<plain_passages>) -> Void
    ) {
        let room = UnsafeMutablePointer<plain_passage>.allocate(capacity: 8192)
        defer { room.deallocate() }
        var passages = plain_passages(at: room, capacity: 8192, count: 0, overflow: 0)
        func takeAll() {
            for place in 0..<Int(passages.count) { each(room[place]) }
            passages.count = 0
        }
        edges.withUnsafeBufferPointer { all in
            guard let base = all.baseAddress else { return }
            var taken = 0
            while taken < all.count {
                taken += Int(ingest(base + taken, Int32(min(BenchedChannel.batch, all.count - taken)), &passages))
                takeAll()
            }
        }
        advance((edges.last?.instant ?? 0) + 60_000_000_000, &passages)
        takeAll()
    }

    private static func alternate(_ rounds: Int, _ swift: () -> Void, _ c: () -> Void) -> Result {
        var result = Result(swift: .infinity, c: .infinity)
        for _ in 0..<rounds {
            result.swift = min(result.swift, timed(swift))
            result.c = min(result.c, timed(c))
        }
        return result
    }
}

extension plain_edge {
    init(_ edge: EdgeEvent) {
        self.init(instant: edge.instant.nanoseconds, sequence: edge.lineSequence, input: edge.input, level: edge.level)
    }
}

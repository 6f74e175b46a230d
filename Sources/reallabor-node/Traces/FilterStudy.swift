import EdgeAnalysis
import PulsePipeline
import SensorCore

/// What many filter times make of a channel's inputs, and whether two of them are in quadrature.
final class FilterStudy: EdgeConsumer {
    private let inputs: Int
    private var sweeps: [FilterSweep] = []
    private var lead: QuadratureLead?
    private(set) var edges: UInt64 = 0
    private(set) var length = TimeSpan.zero

    init(inputs: Int) { self.inputs = inputs }

    /// Of all inputs together.
    var sweep: FilterSweep { sweeps.dropFirst().reduce(sweeps.first ?? FilterSweep(level: false), +) }
    /// nil for a channel of one input.
    var quadrature: QuadratureLead? { lead }

    func advice(present: PulseFilter) -> FilterAdvice { FilterAdvice(sweep, present: present) }

    func begin(levels: UInt8) {
        sweeps = (0..<inputs).map { FilterSweep(level: levels & (1 << UInt8($0)) != 0) }
        if inputs == 2 { lead = QuadratureLead(levels: levels) }
    }

    func take(_ edges: UnsafeBufferPointer<EdgeEvent>) {
        self.edges += UInt64(edges.count)
        for edge in edges {
            sweeps[Int(edge.input)].take(edge)
            lead?.take(edge)
        }
    }

    func finish(at end: MonotonicInstant) {
        for index in sweeps.indices { sweeps[index].finish() }
        lead?.finish()
        length = end - MonotonicInstant(nanoseconds: 0)
    }
}

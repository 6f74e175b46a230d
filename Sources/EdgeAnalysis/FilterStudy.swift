package import PulsePipeline
package import SensorCore

/// What many filter times make of a channel's inputs, and whether two of them are in quadrature.
package final class FilterStudy: EdgeConsumer {
    private let inputs: Int
    private var sweeps: [FilterSweep] = []
    private var lead: QuadratureLead?
    package private(set) var edges: UInt64 = 0
    package private(set) var length = TimeSpan.zero

    package init(inputs: Int) { self.inputs = inputs }

    /// Of all inputs together.
    package var sweep: FilterSweep { sweeps.dropFirst().reduce(sweeps.first ?? FilterSweep(level: false), +) }
    /// Of two inputs the one that hardly moves while the other does; nil where none is like that.
    package var silentInput: Int? {
        guard sweeps.count == 2 else { return nil }
        let pulses = sweeps.map(\.pulses)
        return (0...1).first { pulses[1 - $0] >= FilterAdvice.fewestPulses && pulses[$0] <= pulses[1 - $0] / 10 }
    }
    /// nil for a channel of one input.
    package var quadrature: QuadratureLead? { lead }

    package func advice(present: PulseFilter) -> FilterAdvice { FilterAdvice(sweep, present: present) }

    package func begin(levels: UInt8) {
        sweeps = (0..<inputs).map { FilterSweep(level: levels & (1 << UInt8($0)) != 0) }
        if inputs == 2 { lead = QuadratureLead(levels: levels) }
    }

    package func take(_ edges: UnsafeBufferPointer<EdgeEvent>) {
        self.edges += UInt64(edges.count)
        for edge in edges {
            sweeps[Int(edge.input)].take(edge)
            lead?.take(edge)
        }
    }

    package func finish(at end: MonotonicInstant) {
        for index in sweeps.indices { sweeps[index].finish() }
        lead?.finish()
        length = end - MonotonicInstant(nanoseconds: 0)
    }
}

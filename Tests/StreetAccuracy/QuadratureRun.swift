import EdgeAnalysis
import HardwareMocks
import PulsePipeline
import SensorCore

/// What `pulses suggest` says of a quadrature's convention after so many minutes of a street, on modules wired one way and the other.
enum QuadratureRun {
    private static let minutes = [2, 3, 5, 10] as [Int64]

    /// False when a wrong convention was proposed.
    static func report(seeds: UInt64, first: UInt64) -> Bool {
        var isKept = true
        print(
            "quadrature, recordings of each length with the right, no and a wrong convention proposed; seeds \(first) to \(first + seeds - 1)"
        )
        for scenario in RadarScenario.all where scenario.name != "doppler" {
            var proposals = [(right: Int, none: Int, wrong: Int)](repeating: (0, 0, 0), count: minutes.count)
            for seed in first..<first + seeds {
                for (place, finding) in findings(scenario, seed: seed).enumerated() {
                    switch finding {
                    case .leads(let input): if input == Int(seed % 2) { proposals[place].right += 1 } else { proposals[place].wrong += 1 }
                    case .noPasses, .undecided: proposals[place].none += 1
                    }
                }
            }
            for (length, proposal) in zip(minutes, proposals) {
                print("\(scenario.name), \(length) min: right \(proposal.right), none \(proposal.none), wrong \(proposal.wrong)")
                if proposal.wrong > 0 { isKept = false }
            }
        }
        return isKept
    }

    /// The second input leads on odd seeds.
    private static func findings(_ scenario: RadarScenario, seed: UInt64) -> [QuadratureLead.Finding] {
        var physics = scenario.physics
        physics.hasQuadrature = true
        physics.secondLeads = seed % 2 == 1
        let begin = MonotonicInstant(nanoseconds: 0)
        var ends = minutes.map { begin + .seconds(60 * $0) }
        var street = RadarStreet(
            physics, demand: scenario.demand, from: begin, duration: .seconds(60 * (minutes.last ?? 1)), seed: seed)
        var lead = QuadratureLead(levels: 0)
        var findings: [QuadratureLead.Finding] = []
        func finding() -> QuadratureLead.Finding {
            var ended = lead
            ended.finish()
            return ended.finding
        }
        while let edge = street.next() {
            while let end = ends.first, edge.instant >= end {
                findings.append(finding())
                ends.removeFirst()
            }
            lead.take(edge)
        }
        while findings.count < minutes.count { findings.append(finding()) }
        return findings
    }
}

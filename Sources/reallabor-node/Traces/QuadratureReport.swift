import EdgeAnalysis
import JSONText
import NodeConfiguration
import PulsePipeline
import SensorCore

/// Which input of a quadrature leads when something approaches, for a person who has to believe it.
struct QuadratureReport {
    private let advice: QuadratureAdvice
    private let inputs: [InputConfiguration]

    init(_ lead: QuadratureLead, for channel: ChannelConfiguration) {
        var configured: RadarSetup.Quadrature?
        if case .doppler(let setup) = channel.settings.detector { configured = setup.quadrature }
        advice = QuadratureAdvice(lead, configured: configured)
        inputs = channel.inputs
    }

    private var lead: QuadratureLead { advice.lead }
    private var configured: RadarSetup.Quadrature? { advice.configured }

    /// Empty where nothing looks like two inputs in quadrature and none was asked for.
    var lines: [Sentence] {
        switch lead.finding {
        case .noPasses:
            guard configured != nil else { return [] }
            return [
                """
                Quadrature: no pass shows on both inputs. Record at least \(QuadratureLead.fewestPasses) vehicles, one after another; where \
                they are in the trace, look at the wiring of both inputs.
                """
            ]
        case .undecided:
            return [
                """
                Quadrature: which input leads when something approaches does not show (\(lead.firstLeads) passes for \
                \(inputs[0].label), \(lead.secondLeads) for \(inputs[1].label), \(lead.unclear) without a clear rise or \
                fall of the tone).
                """
            ]
        case .leads(let index):
            let input = inputs[index]
            var lines: [Sentence] = [
                """
                Quadrature: the \(input.role) input (\(input.label)) leads when something approaches, by \
                \(max(lead.firstLeads, lead.secondLeads)) of \(lead.firstLeads + lead.secondLeads) passes: their tone falls while it \
                leads or rises while it lags. So many say it of at least \(((advice.confidence ?? 0) * 100).rounded(toPlaces: 0)) % of all passes (95 %).
                """
            ]
            guard let configured, let leading = advice.leading else { return lines }
            if leading == configured {
                lines.append("That is what is configured: keep it.")
            } else {
                lines += ["Proposed instead of approach-leads: \(configured.rawValue):", "  approach-leads: \(leading.rawValue)"]
            }
            return lines
        }
    }

    func write(to object: inout JSONWriter) {
        object.field("leads_when_approaching", advice.leading?.rawValue)
        object.field("first", lead.firstLeads)
        object.field("second", lead.secondLeads)
        object.field("unclear", lead.unclear)
        guard let confidence = advice.confidence else { return }
        object.field("confidence", confidence.rounded(toPlaces: 3))
        if let configured { object.field("configured", configured.rawValue) }
    }
}

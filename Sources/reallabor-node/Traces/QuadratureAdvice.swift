import EdgeAnalysis
import JSONText
import NodeConfiguration

/// Which input of a quadrature leads when something approaches, as the passes of a trace show it, for a person who has to
/// believe it.
struct QuadratureAdvice {
    private let lead: QuadratureLead
    private let inputs: [InputConfiguration]
    /// nil for a channel that is no radar's.
    private let configured: ApproachLead?

    init(_ lead: QuadratureLead, for channel: ChannelConfiguration) {
        self.lead = lead
        inputs = channel.inputs
        if case .doppler(_, let leads) = channel.detector { configured = leads } else { configured = nil }
    }

    private var leading: ApproachLead? {
        guard case .leads(let index) = lead.finding else { return nil }
        return index == 0 ? .first : .second
    }

    /// Of all passes that such a trace is a sample of, at least this share says the same: the lower end of Wilson's 95 %
    /// interval (JASA 22, 1927).
    private var confidence: Double {
        let number = Double(lead.firstLeads + lead.secondLeads)
        let share = Double(max(lead.firstLeads, lead.secondLeads)) / number
        let z = 1.96 * 1.96 / number
        return (share + z / 2 - 1.96 * (share * (1 - share) / number + z / number / 4).squareRoot()) / (1 + z)
    }

    /// Empty where nothing looks like two inputs in quadrature and none was asked for.
    var lines: [String] {
        switch lead.finding {
        case .noPasses:
            guard configured != nil else { return [] }
            return [
                "Quadrature: no pass shows on both inputs. Record at least \(QuadratureLead.fewestPasses) vehicles, one after another; where "
                    + "they are in the trace, look at the wiring of both inputs."
            ]
        case .undecided:
            return [
                "Quadrature: which input leads when something approaches does not show (\(lead.firstLeads) passes for "
                    + "\(inputs[0].pinName), \(lead.secondLeads) for \(inputs[1].pinName), \(lead.unclear) without a clear rise or "
                    + "fall of the tone)."
            ]
        case .leads(let index):
            let input = inputs[index]
            var lines = [
                "Quadrature: the \(input.role) input (\(input.pinName)) leads when something approaches, by "
                    + "\(max(lead.firstLeads, lead.secondLeads)) of \(lead.firstLeads + lead.secondLeads) passes: their tone falls while it "
                    + "leads or rises while it lags. So many say it of at least \((confidence * 100).rounded(toPlaces: 0)) % of all passes (95 %)."
            ]
            guard let configured, let leading else { return lines }
            if leading == configured {
                lines.append("That is what is configured: keep it.")
            } else {
                lines += ["Proposed instead of approach-leads: \(configured.rawValue):", "  approach-leads: \(leading.rawValue)"]
            }
            return lines
        }
    }

    func write(to object: inout JSONWriter) {
        if let leading { object.field("leads_when_approaching", leading.rawValue) } else { object.nullField("leads_when_approaching") }
        object.field("first", lead.firstLeads)
        object.field("second", lead.secondLeads)
        object.field("unclear", lead.unclear)
        guard leading != nil else { return }
        object.field("confidence", confidence.rounded(toPlaces: 3))
        if let configured { object.field("configured", configured.rawValue) }
    }
}

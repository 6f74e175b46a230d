package import PulsePipeline

/// Which input of a quadrature leads when something approaches, as the passes of a trace show it, beside what is configured.
package struct QuadratureAdvice {
    package let lead: QuadratureLead
    /// nil for a channel that is no radar's, or has one input.
    package let configured: RadarSetup.Quadrature?

    package init(_ lead: QuadratureLead, configured: RadarSetup.Quadrature?) {
        self.lead = lead
        self.configured = configured
    }

    /// nil where the passes do not show it.
    package var leading: RadarSetup.Quadrature? {
        guard case .leads(let index) = lead.finding else { return nil }
        return index == 0 ? .firstLeads : .secondLeads
    }

    /// Of all passes that such a trace is a sample of, at least this share says the same: the lower end of Wilson's 95 %
    /// interval (JASA 22, 1927). 0 to 1; nil where nothing leads.
    package var confidence: Double? {
        guard leading != nil else { return nil }
        let number = Double(lead.firstLeads + lead.secondLeads)
        let share = Double(max(lead.firstLeads, lead.secondLeads)) / number
        let z = 1.96 * 1.96 / number
        return (share + z / 2 - 1.96 * (share * (1 - share) / number + z / number / 4).squareRoot()) / (1 + z)
    }
}

import HardwareMocks
package import SensorCore

/// The street, the weather and the faults of a simulation.
package struct ChosenScenario {
    var scenario: Scenario

    /// Those that come with the program.
    package static var builtInNames: [String] { Scenario.builtIn.map(\.name) }

    /// The text of a scenario that comes with the program; nil for another name.
    package static func builtInText(_ name: String) -> [UInt8]? { Scenario.builtIn.first { $0.name == name }?.text }

    /// Throws the first fault of the text, which begins with "LINE:COLUMN: ".
    package init(json text: [UInt8]) throws { scenario = try Scenario(json: text) }

    init(_ scenario: Scenario) { self.scenario = scenario }

    /// How long it goes on.
    package var duration: TimeSpan {
        get { scenario.duration }
        set { scenario.duration = newValue }
    }
}

import Glibc
import JSONText
import SensorCore

func sine(_ angle: Double) -> Double { sin(angle) }

/// The fields of one object of a scenario. Unknown names are refused, so that a slip of the pen does not pass for a
/// quiet street.
struct ScenarioFields {
    let place: TextPlace
    private let members: [(key: String, value: JSONValue)]

    init(_ value: JSONValue, known: [String]) throws(ScenarioError) {
        guard case .object(let members) = value.content else {
            throw ScenarioError(place: value.place, message: "\(value.kind) where an object should stand")
        }
        for (key, value) in members where !known.contains(key) {
            throw ScenarioError(
                place: value.place, message: "unknown name \"\(key)\"; known are \(known.joined(separator: ", "))")
        }
        place = value.place
        self.members = members
    }

    func text(_ name: String) throws(ScenarioError) -> String? {
        guard let value = value(name) else { return nil }
        guard case .string(let text) = value.content else { throw wrong(name, value, "a string") }
        return text
    }

    func requiredText(_ name: String) throws(ScenarioError) -> String {
        guard let text = try text(name) else { throw missing(name) }
        return text
    }

    func number(_ name: String, _ range: ClosedRange<Double>) throws(ScenarioError) -> Double? {
        guard let value = value(name) else { return nil }
        guard case .number(let text) = value.content, let number = Double(text) else {
            throw wrong(name, value, "a number")
        }
        guard range.contains(number) else {
            throw ScenarioError(
                place: value.place, message: "\"\(name)\" is to be \(range.lowerBound) to \(range.upperBound), not \(text)")
        }
        return number
    }

    func seconds(
        _ name: String, _ range: ClosedRange<Double>, usual: TimeSpan? = nil
    ) throws(ScenarioError) -> TimeSpan {
        guard let number = try number(name, range) else {
            guard let usual else { throw missing(name) }
            return usual
        }
        return TimeSpan(nanoseconds: Int64(number * 1e9))
    }

    func list(_ name: String) throws(ScenarioError) -> [JSONValue] {
        guard let value = value(name) else { return [] }
        guard case .array(let items) = value.content else { throw wrong(name, value, "a list") }
        return items
    }

    func object(_ name: String, known: [String]) throws(ScenarioError) -> ScenarioFields? {
        guard let value = value(name) else { return nil }
        return try ScenarioFields(value, known: known)
    }

    private func value(_ name: String) -> JSONValue? { members.first { $0.key == name }?.value }

    private func wrong(_ name: String, _ value: JSONValue, _ wanted: Sentence) -> ScenarioError {
        ScenarioError(place: value.place, message: "\"\(name)\" is to be \(wanted), not \(value.kind)")
    }

    private func missing(_ name: String) -> ScenarioError {
        ScenarioError(place: place, message: "\"\(name)\" is missing")
    }
}

package import Calibration
import JSONText
package import SensorCore

extension CalibrationEntry {
    /// In the words of the list: "raw + -0.3 Cel", "1.02 × raw + 0.1 Cel".
    package var changeSentence: Sentence {
        switch change {
        case .correct(.linear(let line)):
            Sentence(verbatim: Self.formula(line, quantity.unit))
        case .correct(.piecewise(let line)): "line through \(line.points.count) points"
        case .backTo(let id): "back to \(id)"
        case .factory: "back to the configuration"
        }
    }

    /// `changeSentence` in English.
    package var changeText: String { changeSentence.text(in: .english) }

    private static func formula(_ line: LinearCorrection, _ unit: String) -> String {
        let gain = line.gain == 1 ? "" : "\(line.gain.rounded(toPlaces: 6)) × "
        return "\(gain)raw \(line.offset < 0 ? "−" : "+") \(line.offset.magnitude.rounded(toPlaces: 4)) \(unit)"
    }

    func line(_ standing: CalibrationStanding) -> String {
        "\(id)\n  \(performedAt.rfc3339)  \(by)\(place.map { ", \($0)" } ?? "")  \(sensor) \(quantity.rawValue)\n"
            + "  \(changeText)  (\(reference))\(expiresAt.map { "  until \($0.rfc3339)" } ?? "")\n  \(standing.word)"
    }

    func write(_ standing: CalibrationStanding, to object: inout JSONWriter) {
        object.field("id", id)
        object.field("when", performedAt.rfc3339)
        object.field("by", by)
        object.field("where", place)
        object.field("sensor", sensor)
        object.field("part", part)
        object.field("serial", serial)
        object.field("quantity", quantity.rawValue)
        object.field("unit", quantity.unit)
        object.field("change", changeText)
        object.field("reference", reference)
        object.field("expires", expiresAt?.rfc3339)
        object.field("standing", standing.word)
    }
}

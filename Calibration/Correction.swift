/// How a raw value becomes a calibrated one.
public enum Correction: Hashable, Sendable {
    case linear(LinearCorrection)
    case piecewise(PiecewiseCorrection)

    public func corrected(_ raw: Double) -> Double {
        switch self {
        case .linear(let line): line.corrected(raw)
        case .piecewise(let line): line.corrected(raw)
        }
    }
}

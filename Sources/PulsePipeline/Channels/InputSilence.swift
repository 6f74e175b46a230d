import SensorCore

/// Tells that one of two inputs has gone silent: whoever moves the other should move it, too, and again and again it does not.
/// A beam out of line, a tube with a hole, a wire that came off.
///
/// States: *both*, while neither moves alone for long; *alone* since the first of a row of activations of one input, which count
/// as visits when they are a second apart (a bicycle breaks a beam many times); *silent* from `fewestVisits` on that
/// have taken at least the time of the longest passage. The other input's next activation ends it.
struct InputSilence: BitwiseCopyable {
    static let fewestVisits = 10
    private static let apart = TimeSpan.seconds(1)

    private let leastTime: TimeSpan
    private var mover: UInt8 = 0
    private var visits = 0
    private var since = MonotonicInstant(nanoseconds: 0)
    private var last = MonotonicInstant(nanoseconds: 0)

    /// - Parameter longestPassage: nobody takes longer from one input to the other.
    init(longestPassage: TimeSpan) { leastTime = longestPassage }

    /// Takes the next activation. Returns since when the input that now moves was silent, if it was.
    mutating func take(_ input: UInt8, at instant: MonotonicInstant) -> MonotonicInstant? {
        guard input == mover, visits > 0 else {
            let ended = silentSince
            mover = input
            visits = 1
            since = instant
            last = instant
            return ended
        }
        if instant - last >= Self.apart {
            visits += 1
            last = instant
        }
        return nil
    }

    /// Nobody saw the inputs for a while.
    mutating func forget() { visits = 0 }

    /// nil while both inputs move.
    var silentSince: MonotonicInstant? { visits >= Self.fewestVisits && last - since >= leastTime ? since : nil }

    /// The one that does not move, where one is silent.
    var silentInput: UInt8 { 1 - mover }
}

/// Filters for one octave of speeds, each with the frequencies that somebody makes who passes at a speed and a distance:
/// f = 2 · v · f0 / c · cos θ, with cos θ = x / √(x² + d²) at x m before or behind the module.
struct PassBank: Sendable {
    private struct Track: Sendable {
        var speed: Double
        var nearest: Double
        /// Its points are from here on, ascending from near to far.
        var start: Int
        var count: Int
        /// Frames from abreast to the farthest point.
        var span: Int
        /// Every fifth of its points again, on their own, from here on: whether there is anything at all.
        var glances: Range<Int> = 0..<0
    }

    private var tracks: [Track] = []
    /// Where a point's evidence lies in a band's ring before and behind the row of who is abreast, in bytes, and m along the road.
    private var before: [Int32] = []
    private var behind: [Int32] = []
    private var places: [Float] = []
    private var glancesBefore: [Int32] = []
    private var glancesBehind: [Int32] = []

    /// How far along the road somebody of this speed is looked for, in m.
    static func reach(_ speed: Double) -> Double { min(22, max(7, 2.2 * speed)) }

    init(_ setup: RadarSetup, speeds: ClosedRange<Double>, of band: EchoBand) {
        let scale = setup.turnsPerMetre
        let (binWidth, frameTime) = (band.binWidth, band.frameTime)
        let otherSide = Int32(band.isTwoSided ? band.bins : 0)
        // One bin from one speed to the next.
        let step = binWidth / scale
        var speed = speeds.lowerBound
        while speed <= speeds.upperBound {
            for nearest in Self.distances(setup) {
                var track = Track(speed: speed, nearest: nearest, start: places.count, count: 0, span: 0)
                var last = -1
                var x = 0.3
                while x <= Self.reach(speed) {
                    let frame = Int((x / speed / frameTime).rounded())
                    let actual = Double(frame) * frameTime * speed
                    let cosine = actual / (actual * actual + nearest * nearest).squareRoot()
                    let bin = Int((speed * cosine * scale / binWidth).rounded())
                    if frame != last, bin >= 3, bin < band.bins {
                        before.append(Int32(bin) - Int32(frame << band.rowShift))
                        behind.append(Int32(bin) + otherSide + Int32(frame << band.rowShift))
                        places.append(Float(actual))
                        track.count += 1
                        track.span = frame
                    }
                    last = frame
                    x += max(x < 6 ? 0.15 : 0.4, frameTime * speed)
                }
                if track.count > 8 {
                    let first = glancesBefore.count
                    for point in stride(from: track.start, to: track.start + track.count, by: 5) {
                        glancesBefore.append(before[point])
                        glancesBehind.append(behind[point])
                    }
                    track.glances = first..<glancesBefore.count
                    tracks.append(track)
                }
            }
            speed += step
        }
    }

    /// The lanes, and what lies half a metre beside their middle.
    private static func distances(_ setup: RadarSetup) -> [Double] {
        var all: [Double] = []
        for lane in setup.lanes {
            for shift in [-0.35, 0.35] {
                let nearest = setup.nearest(lane: max(0.5, lane + shift))
                if !all.contains(where: { ($0 - nearest).magnitude < 0.3 }) { all.append(nearest) }
            }
        }
        return all
    }

    /// The best pass, if any above `threshold`, of those who are abreast at `frame` (coming), or were abreast so long before
    /// that they are at the end of their way now (going).
    func best(
        _ band: EchoBand, at frame: Int, isComing: Bool, threshold: Float
    ) -> (score: Float, track: Int, abreast: Int, way: ClosedRange<Float>)? {
        var found: (score: Float, track: Int, abreast: Int, way: ClosedRange<Float>)?
        var most = Int32(threshold * EchoBand.unit)
        let ring = UnsafePointer(band.evidence)
        let mask = (band.frameMask + 1) << band.rowShift - 1
        (isComing ? before : behind).withUnsafeBufferPointer { points in
            (isComing ? glancesBefore : glancesBehind).withUnsafeBufferPointer { glances in
                for index in tracks.indices {
                    let track = tracks[index]
                    let abreast = isComing ? frame : frame - track.span
                    guard abreast - track.span > 0 else { continue }
                    let row = abreast << band.rowShift
                    // A few points tell whether the rest is worth it.
                    var hits = 0
                    for glance in track.glances where ring[(row &+ Int(glances[glance])) & mask] > 0 { hits &+= 1 }
                    if hits < 4 { continue }
                    var sum: Int32 = 0
                    var begin = track.start
                    var bestSum: Int32 = 0
                    var bestBegin = begin
                    var bestEnd = begin
                    for point in track.start..<track.start + track.count {
                        sum &+= Int32(ring[(row &+ Int(points[point])) & mask])
                        if sum <= 0 {
                            sum = 0
                            begin = point &+ 1
                        } else if sum > bestSum {
                            bestSum = sum
                            bestBegin = begin
                            bestEnd = point
                        }
                    }
                    if bestSum > most {
                        most = bestSum
                        found = (Float(bestSum) / EchoBand.unit, index, abreast, places[bestBegin]...places[bestEnd])
                    }
                }
            }
        }
        return found
    }

    func speed(_ track: Int) -> Double { tracks[track].speed }
    func nearest(_ track: Int) -> Double { tracks[track].nearest }
}

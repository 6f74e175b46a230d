/// The frequencies of one pass in the spectra of a band: f = 2 · v · f0 / c · cos θ.
struct PassTrack {
    /// In m/s.
    var speed: Double
    /// Closest to the module, in m.
    var nearest: Double
    /// In s on the clock of the tracker's samples.
    var abreast: Double
    var isComing: Bool
    let turnsPerMetre: Double

    init(_ candidate: PassCandidate, _ setup: RadarSetup) {
        (speed, nearest, abreast) = (candidate.speed, candidate.nearest, candidate.abreast)
        isComing = candidate.isComing
        turnsPerMetre = setup.turnsPerMetre
    }

    init(_ fit: PassFit, _ candidate: PassCandidate, _ setup: RadarSetup) {
        (speed, nearest, abreast) = (fit.speed, fit.nearest, fit.abreast)
        isComing = candidate.isComing
        turnsPerMetre = setup.turnsPerMetre
    }

    /// Every point whose spectra are still there, from near to far.
    private func walk(_ band: EchoBand, _ body: (_ frame: Int, _ bin: Int, _ way: Double) -> Void) {
        let reach = PassBank.reach(speed)
        var last = -1
        var x = 0.3
        while x <= reach {
            let frame = band.frame(at: isComing ? abreast - x / speed : abreast + x / speed)
            let cosine = x / (x * x + nearest * nearest).squareRoot()
            let bin = Int((speed * cosine * turnsPerMetre / band.binWidth).rounded())
            if frame != last, band.holds(frame), bin >= 3, bin < band.bins { body(frame, bin, x) }
            last = frame
            x += max(x < 6 ? 0.15 : 0.4, band.frameTime * speed)
        }
    }

    /// What the spectra say for it along its best stretch.
    func evidence(in band: EchoBand) -> (score: Float, way: ClosedRange<Double>) {
        let side = band.isTwoSided && !isComing ? band.bins : 0
        var sum: Float = 0
        var best: Float = 0
        var begin: Double?
        var way = 0.0...0.0
        walk(band) { frame, bin, place in
            sum += Float(band.evidence(frame: frame)[side + bin]) / EchoBand.unit
            if sum <= 0 {
                sum = 0
                begin = nil
                return
            }
            let from = begin ?? place
            begin = from
            if sum > best {
                best = sum
                way = from...place
            }
        }
        return (best, way)
    }

    /// The track in its neighbourhood that has most evidence.
    func refined(in band: EchoBand) -> PassTrack {
        var best = self
        var score = evidence(in: band).score
        let start = self
        var share = 1.0
        for _ in 0..<10 {
            var isBetter = false
            let bin = band.binWidth / turnsPerMetre
            for step in 0..<6 {
                var trial = best
                let sign = step % 2 == 0 ? share : -share
                switch step / 2 {
                case 0: trial.speed += sign * bin
                case 1: trial.abreast += sign * max(band.frameTime, 0.3 / best.speed)
                default: trial.nearest += sign * 0.3
                }
                guard (trial.nearest - start.nearest).magnitude < 1, (trial.speed / start.speed - 1).magnitude < 0.25, trial.nearest > 0.5
                else { continue }
                let other = trial.evidence(in: band).score
                if other > score {
                    score = other
                    best = trial
                    isBetter = true
                }
            }
            if !isBetter {
                if share < 0.6 { break }
                share = 0.5
            }
        }
        return best
    }

    /// Takes the pass out of a band's evidence, with what its tone leaves beside it.
    func erase(from band: EchoBand) {
        let reach = 1.6 * PassBank.reach(speed) + 3
        for isAhead in [true, false] {
            // Behind its back the module sees less far.
            let way = isAhead == isComing ? reach : 0.5 * reach
            let steps = Int(way / speed / band.frameTime) + 1
            for step in 0...steps {
                let x = Double(step) * band.frameTime * speed
                let frame = band.frame(at: isAhead ? abreast - x / speed : abreast + x / speed)
                guard band.holds(frame) else { continue }
                let range = (x * x + nearest * nearest).squareRoot()
                let middle = speed * x / range * turnsPerMetre / band.binWidth
                // Faster turning means a broader echo.
                let slope = speed * speed * nearest * nearest / (range * range * range) * turnsPerMetre
                let spread = 2 + slope * Double(ShortSpectrum.size) / band.rate / band.binWidth * 0.6 + 0.03 * middle
                band.erase(frame, middle - spread, middle + spread)
            }
        }
    }
}

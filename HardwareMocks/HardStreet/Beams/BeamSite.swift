import Glibc

/// Two beams as they were put up.
struct BeamSite {
    let height: Double
    let aperture: Double
    /// A beam is dark when this share of its light is gone.
    let threshold: Double
    /// Of each beam's place along the way per m beside the middle.
    private let slant: [Double]

    init(_ physics: HardPhysics, _ stream: HardStream) {
        var random = stream.generator(.site)
        height = BeamParameters.height.draw(&random)
        aperture = BeamParameters.aperture.draw(&random)
        threshold = BeamParameters.threshold.draw(&random)
        var tilting = stream.generator(.tilt)
        slant = (0..<2).map { _ in
            physics.contains(.tilt) ? tan(tilting.normal(0, BeamParameters.tilt, within: -3...3) * .pi / 180) : 0
        }
    }

    /// Along the way of somebody who passes `beside` the middle, from the first beam of their direction.
    func place(of beam: Int, isForward: Bool, beside: Double) -> Double {
        let places = (0..<2).map { Double($0) * BeamParameters.spacing + beside * slant[$0] }
        return isForward ? places[beam] : BeamParameters.spacing - places[beam]
    }
}

/// Somebody who comes to the beams.
struct BeamUser {
    enum Body {
        case walker(Walker)
        case bicycle(Bicycle)
    }

    var body: Body
    /// Pushed or led, in m before (+) and behind (-) the hip.
    var solids: [ClosedRange<Double>] = []
    var isForward: Bool
    /// When the hip, or a bicycle's front, is at the first beam of the way, in s.
    var arrival: Double
    /// Of the middle, in m.
    var beside: Double
    var isAmbiguous = false

    var speed: Double {
        switch body {
        case .walker(let walker): walker.speed
        case .bicycle(let bicycle): bicycle.speed
        }
    }

    /// When a beam is dark because of it, in s since the street's start.
    func darkness(of beam: Int, at site: BeamSite) -> [ClosedRange<Double>] {
        let place = site.place(of: beam, isForward: isForward, beside: beside)
        switch body {
        case .walker(let walker):
            let behind = max(walker.reach, -(solids.map(\.lowerBound).min() ?? 0) + 0.1)
            let ahead = max(walker.reach, (solids.map(\.upperBound).max() ?? 0) + 0.1)
            return dark(from: (place - ahead) / walker.speed, to: (place + behind) / walker.speed, step: 0.0005, site) { time in
                let hip = walker.speed * time
                var most = 0.0
                for piece in walker.sections(at: time, height: site.height) { most = max(most, overlap(place, piece, site.aperture)) }
                for solid in solids { most = max(most, overlap(place - hip, solid, site.aperture)) }
                return most
            }
        case .bicycle(let bicycle):
            let end = (place + bicycle.length + 0.06) / bicycle.speed
            return dark(from: (place - 0.06) / bicycle.speed, to: end, step: 0.0002, site) { time in
                bicycle.cover(of: place, at: time, height: site.height, width: site.aperture)
            }
        }
    }

    /// Follows the light in steps; where it crosses the threshold, the line between two of them does.
    private func dark(
        from begin: Double, to end: Double, step: Double, _ site: BeamSite, _ cover: (Double) -> Double
    ) -> [ClosedRange<Double>] {
        var spans: [ClosedRange<Double>] = []
        var entered: Double?
        var last = 0.0
        var time = begin
        while time < end {
            let now = cover(time)
            let share = now == last ? 0 : (site.threshold - last) / (now - last)
            if entered == nil, now > site.threshold {
                entered = time - step + share * step
            } else if let from = entered, now <= site.threshold {
                spans.append(arrival + from...arrival + max(from, time - step + share * step))
                entered = nil
            }
            last = now
            time += step
        }
        if let entered { spans.append(arrival + entered...arrival + max(entered, end)) }
        return spans
    }

    private func overlap(_ point: Double, _ piece: ClosedRange<Double>, _ width: Double) -> Double {
        max(0, min(piece.upperBound, point + width / 2) - max(piece.lowerBound, point - width / 2)) / width
    }
}

import Glibc

/// What moves before a radar and is nobody: drops and twigs.
struct RadarClutter {
    /// A drop that falls through the beam, or a twig that swings.
    struct Speck {
        var from: Double
        var to: Double
        /// Where it is at `from`, from the module: along the road, beside, above.
        var place: (x: Double, y: Double, z: Double)
        /// Downwards, in m/s.
        var fall = 0.0
        var swing = 0.0
        var swingRate = 0.0
        var amplitude: Double
        var phase: Double
        /// Of a gust: when it is strongest and how long it lasts, in s.
        var gust: (at: Double, length: Double)?

        func position(at time: Double) -> (x: Double, y: Double, z: Double) {
            let since = time - from
            var way = 0.0
            if let gust {
                let share = (time - gust.at) / gust.length
                let strength = share.magnitude < 0.5 ? (1 + sineOfTurns(share + 0.25)) / 2 : 0
                way = swing * strength * sineOfTurns(phase + swingRate * since)
            }
            return (place.x + way, place.y, place.z - fall * since)
        }
    }

    private let physics: HardPhysics
    private let stream: HardStream
    private let wavelength: Double
    private let dropsPerSecond: Double
    private let tree: (distance: Double, section: Double, angle: Double)
    private static let spell = 180.0

    init(_ physics: HardPhysics, _ stream: HardStream, _ site: RadarSite) {
        self.physics = physics
        self.stream = stream
        wavelength = site.wavelength
        var raining = stream.generator(.rain, slot: -1)
        dropsPerSecond = RadarParameters.dropsPerSecond.draw(&raining)
        var growing = stream.generator(.tree, slot: -1)
        tree = (
            RadarParameters.treeDistance.draw(&growing), RadarParameters.treeSection.draw(&growing),
            site.azimuth + growing.uniform(-0.5, 0.5)
        )
    }

    /// What appears in a stretch of time.
    func specks(from begin: Double, length: Double, number: Int) -> [Speck] {
        var specks: [Speck] = []
        var spells = stream.generator(.rain, slot: 1_000_000 + Int(begin / Self.spell))
        if physics.contains(.rain), spells.happens(0.4) {
            var random = stream.generator(.rain, slot: number)
            var time = begin + random.exponential(1 / dropsPerSecond)
            while time < begin + length {
                specks.append(drop(at: time, &random))
                time += random.exponential(1 / dropsPerSecond)
            }
        }
        // A gust every ten seconds or so; it comes in the stretch that holds its beginning.
        let period = 12.0
        let gust = Int((begin / period).rounded(.up))
        if physics.contains(.gusts), Double(gust) * period < begin + length {
            var random = stream.generator(.tree, slot: gust)
            let length = random.uniform(3, 6)
            for _ in 0..<5 {
                let distance = tree.distance + random.uniform(-1, 1)
                specks.append(
                    Speck(
                        from: Double(gust) * period, to: Double(gust) * period + length,
                        place: (distance * cos(tree.angle), distance * sin(tree.angle), random.uniform(-1, 1)),
                        swing: RadarParameters.twigSwing.draw(&random), swingRate: RadarParameters.twigRate.draw(&random),
                        amplitude: (tree.section / 5).squareRoot(), phase: random.uniform(0, 1),
                        gust: (Double(gust) * period + length / 2, length)))
            }
        }
        return specks
    }

    private func drop(at time: Double, _ random: inout SeededGenerator) -> Speck {
        let millimetres = RadarParameters.dropDiameter.draw(&random)
        let fall = max(0.5, 9.65 - 10.3 * exp(-0.6 * millimetres))
        // As many in each m³; nearer than 0.3 m the roof keeps it dry.
        let distance = 3 * cbrt(random.uniform(0.001, 1))
        let angle = random.uniform(-0.7, 0.7)
        let diameter = millimetres / 1000
        let section = pow(.pi, 5) * 0.93 * pow(diameter, 6) / pow(wavelength, 4)
        let height = distance * 0.4
        return Speck(
            from: time, to: time + 2 * height / fall, place: (distance * cos(angle), distance * sin(angle), height), fall: fall,
            amplitude: section.squareRoot(), phase: random.uniform(0, 1))
    }
}

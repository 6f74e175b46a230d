import Glibc

/// Somebody on foot: two legs that stand and swing, and what of them is at a height.
///
/// The hip moves evenly. A foot stands where it was put until its heel rises, and is moved one stride ahead until it is put down again; the
/// knee follows from hip, ankle and the lengths of thigh and shank. Time is in s, x in m along the way, both from the hip's being at 0.
package struct Walker: Hashable, Sendable {
    package let speed: Double
    package let height: Double
    /// Of the gait cycle.
    package let stance: Double
    /// Both steps, in m.
    package let stride: Double
    private let phase: Double
    private let lift: Double
    private let shankDepth: Double
    private let coat: Double?
    /// In place of legs: a wall of this depth.
    private let wall: Double?

    package init(speed: Double, seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        self.init(speed: speed, isRigid: false, &random)
    }

    init(speed: Double, isRigid: Bool, _ random: inout SeededGenerator) {
        self.speed = speed
        let isRunning = speed > 2.2
        height = GaitParameters.height.draw(&random)
        stance = GaitParameters.stance(at: speed)
        let reference = GaitParameters.strideReference
        stride =
            reference.length * pow(speed / reference.speed, isRunning ? 0.7 : GaitParameters.strideExponent) * height / reference.height
        phase = random.uniform(0, 1)
        lift = GaitParameters.ankleLift.draw(&random)
        shankDepth = GaitParameters.shankDepth.draw(&random)
        let depth = GaitParameters.rigidDepth.draw(&random)
        let hasCoat = random.happens(GaitParameters.coatShare)
        coat = hasCoat && !isRigid ? depth + 0.1 : nil
        wall = isRigid ? depth : nil
    }

    /// How far before and behind the hip something of it can be.
    package var reach: Double { wall.map { $0 / 2 + 0.01 } ?? max(0.5 * stride, 0.35) + 0.2 }

    /// A leg's place in the gait cycle: 0 when its foot is put down.
    package func phase(of leg: Int, at time: Double) -> Double {
        let turns = time * speed / stride + phase + 0.5 * Double(leg)
        return turns - turns.rounded(.down)
    }

    package func isStanding(_ leg: Int, at time: Double) -> Bool { phase(of: leg, at: time) < stance }

    package func ankle(of leg: Int, at time: Double) -> (x: Double, z: Double) {
        let place = phase(of: leg, at: time)
        let ground = GaitParameters.ankleHeight * height
        // Where the foot was put down: a quarter of a stride before the hip at that time.
        let put = speed * time - place * stride + 0.25 * stride
        let rises = GaitParameters.heelRise * stance
        guard place > rises else { return (put, ground) }
        let share = (place - rises) / (1 - rises)
        let lifted = lift * height * sin(.pi * pow(share, 0.65))
        return (put + stride * (1 - cos(.pi * share)) / 2, ground + lifted)
    }

    package func knee(of leg: Int, at time: Double) -> (x: Double, z: Double) { joints(of: leg, at: time).knee }

    private func joints(of leg: Int, at time: Double) -> (ankle: (x: Double, z: Double), knee: (x: Double, z: Double)) {
        let foot = ankle(of: leg, at: time)
        let hip = (x: speed * time, z: (GaitParameters.thigh + GaitParameters.shank + GaitParameters.ankleHeight) * height)
        let (thigh, shank) = (GaitParameters.thigh * height, GaitParameters.shank * height)
        let way = (x: hip.x - foot.x, z: hip.z - foot.z)
        let distance = (way.x * way.x + way.z * way.z).squareRoot()
        // The body sinks where the leg would not reach.
        let reached = min(distance, 0.999 * (thigh + shank))
        let unit = (x: way.x / distance, z: way.z / distance)
        let along = (shank * shank + reached * reached - thigh * thigh) / (2 * reached)
        let beside = max(0, shank * shank - along * along).squareRoot()
        return (foot, (foot.x + unit.x * along + unit.z * beside, foot.z + unit.z * along - unit.x * beside))
    }

    /// What is at a height, in m along the way; nil where nothing of the leg is.
    package func section(of leg: Int, at time: Double, height level: Double) -> ClosedRange<Double>? {
        let (ankle, knee) = joints(of: leg, at: time)
        let shank = GaitParameters.shank * height
        let lean = (x: (knee.x - ankle.x) / shank, z: (knee.z - ankle.z) / shank)
        if level < ankle.z {
            // The foot hangs square to the shank, toes down when the knee is ahead.
            let foot = 0.75 * GaitParameters.foot * height
            let toe = (x: ankle.x + foot * lean.z, z: ankle.z - foot * lean.x)
            guard level >= toe.z - 0.03 else { return nil }
            let fall = ankle.z - toe.z
            let share = fall > 0.01 ? min(1, (ankle.z - level) / fall) : 0
            let middle = ankle.x + share * (toe.x - ankle.x)
            return middle - 0.05...middle + 0.05
        }
        if level <= knee.z {
            let middle = ankle.x + (knee.x - ankle.x) * (level - ankle.z) / max(0.02, knee.z - ankle.z)
            let half = shankDepth / 2 / max(0.5, lean.z)
            return middle - half...middle + half
        }
        let hip = (x: speed * time, z: 0.53 * height)
        let middle = knee.x + (hip.x - knee.x) * (level - knee.z) / max(0.02, hip.z - knee.z)
        return middle - 0.6 * shankDepth...middle + 0.6 * shankDepth
    }

    /// What breaks a beam.
    func sections(at time: Double, height level: Double) -> [ClosedRange<Double>] {
        let hip = speed * time
        if let wall { return [hip - wall / 2...hip + wall / 2] }
        if let coat { return [hip - coat / 2...hip + coat / 2] }
        return [section(of: 0, at: time, height: level), section(of: 1, at: time, height: level)].compactMap(\.self)
    }
}

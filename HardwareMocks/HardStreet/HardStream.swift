/// Streams of randomness that know nothing of each other: one for each thing that is drawn, in each slot of each seed. What one
/// thing draws, or does not, leaves all others as they are.
struct HardStream {
    enum Thing: UInt64 {
        case site, slot, leader, others, load, tilt, jitter, axles, echoes, acceleration, stop, scatter, lane, limbs
        case rain, tree, drift, flicker, noise, bounce, rebound, sway
    }

    let seed: UInt64

    func generator(_ thing: Thing, slot: Int = 0) -> SeededGenerator {
        var mixed = SeededGenerator(seed: seed ^ (thing.rawValue &+ 1) &* 0xC2B2_AE3D_27D4_EB4F)
        var again = SeededGenerator(seed: mixed.next() ^ UInt64(truncatingIfNeeded: slot) &* 0x1656_67B1_9E37_79F9)
        return SeededGenerator(seed: again.next())
    }
}

extension SeededGenerator {
    mutating func happens(_ share: Double) -> Bool { uniform(0, 1) < share }

    mutating func pick<Element>(_ shares: [(Element, Double)]) -> Element {
        var rest = uniform(0, shares.reduce(0) { $0 + $1.1 })
        for (element, share) in shares {
            if rest < share { return element }
            rest -= share
        }
        return shares[shares.count - 1].0
    }
}

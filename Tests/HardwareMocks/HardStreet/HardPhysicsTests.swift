import HardwareMocks
import Testing

@Suite struct HardPhysicsTests {
    @Test("Each switch has one bit and one name") func eachSwitchHasOneBitAndOneName() {
        var all: HardPhysics = []
        for (name, physics) in HardPhysics.named {
            #expect(physics.rawValue.nonzeroBitCount == 1, "\(name)")
            #expect(all.isDisjoint(with: physics), "\(name)")
            all.formUnion(physics)
        }
        #expect(all == .all)
        #expect(Set(HardPhysics.named.map(\.name)).count == HardPhysics.named.count)
    }

    @Test("Names switch on and off") func namesSwitchOnAndOff() {
        #expect(HardPhysics(names: "all") == .all)
        #expect(HardPhysics(names: "none") == [])
        #expect(HardPhysics(names: "legs,spokes") == [.legs, .spokes])
        #expect(HardPhysics(names: "all,-legs") == HardPhysics.all.subtracting(.legs))
        #expect(HardPhysics(names: "-legs") == HardPhysics.all.subtracting(.legs))
        #expect(HardPhysics(names: "wheels") == nil)
        #expect(HardPhysics(names: "all,-wheels") == nil)
    }

    @Test("A module's range is what its data sheet says") func aModulesRangeIsWhatItsDataSheetSays() {
        // K-LC5: -118 dBc is 15 m for a person.
        var module = RadarModule.klc2
        module.sensitivity = -118
        #expect((14.5...15.5).contains(module.range))
    }
}

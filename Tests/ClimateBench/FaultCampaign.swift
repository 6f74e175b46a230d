import ClimateDrivers
import HardwareMocks
import SensorCore

/// Ten thousand faults at random transfers of all parts.
struct FaultCampaign {
    static let wanted = 10_000

    struct Result {
        var faults = 0
        /// Readings whose values are not what the part was exposed to.
        var wrong = 0
        var readings = 0
        var good = 0
        var counted: UInt32 = 0
        /// The longest time from the last fault to a good reading.
        var slowestReturn = TimeSpan.zero
        var missing: [String] = []
    }

    static func run(seed: UInt64) -> Result {
        var random = SeededGenerator(seed: seed)
        var result = Result()
        let parts = ClimateParts.all
        for part in parts { campaign(part, share: wanted / parts.count + 1, &random, &result) }
        return result
    }

    private static func campaign(
        _ part: PartDescription, share: Int, _ random: inout SeededGenerator, _ result: inout Result
    ) {
        let clock = BenchClock()
        let bus = SimulatedI2CBus(clock: clock)
        let address = part.addresses[0]
        guard let device = EmulatedParts.part(named: part.name), var reader = PartReader(part: part.name, at: address)
        else { return result.missing.append(part.name) }
        bus.plug(device, at: address)
        clock.sleep(for: .milliseconds(200))
        var reading = PartReading()
        func read() -> SensorError? {
            do throws(SensorError) {
                try reader.read(on: bus, clock: clock, into: &reading)
                return nil
            } catch {
                return error
            }
        }
        guard read() == nil else { return result.missing.append(part.name) }
        let truth = reading
        var accumulator = ClimateAccumulator(sensor: part.name, part: reader.part)
        var (faults, failed) = (0, 0)
        while faults < share {
            let rules = rules(from: bus.transferCount, &random)
            bus.faults = I2CFaultPlan(rules)
            if let error = read() {
                accumulator.add(error)
                failed += 1
            } else {
                result.good += 1
                // What is given must be the truth, and what is withheld have its reason.
                if reading.given.contains(where: { !truth.given.contains($0) })
                    || reading.given.count + reading.withheld.count != truth.given.count
                {
                    result.wrong += 1
                }
            }
            result.readings += 1
            faults += rules.count - bus.unusedFaults.count
            clock.sleep(for: max(.seconds(10), part.timing.shortestPeriod))
        }
        result.faults += faults
        let span = IntervalSpan(start: MonotonicInstant(nanoseconds: 0), end: clock.now(), utc: nil, isPartial: false)
        let counted = accumulator.close(span).errors.reduce(0) { $0 + $1.count }
        result.counted += counted
        if counted != failed { result.missing.append("\(part.name): \(failed) failed, \(counted) counted") }
        bus.faults = I2CFaultPlan()
        let over = clock.now()
        while read() != nil || !reading.withheld.isEmpty, clock.now() - over < .seconds(600) { clock.sleep(for: .seconds(1)) }
        result.slowestReturn = max(result.slowestReturn, clock.now() - over)
        if reading != truth { result.missing.append(part.name) }
    }

    /// One in five of the next transfers; never the same fault twice in a row, since two reads damaged alike look sound in a
    /// part without checksums.
    private static func rules(from start: Int, _ random: inout SeededGenerator) -> [I2CFaultPlan.Rule] {
        var previous: I2CFaultPlan.Fault?
        return (start..<start + 60).compactMap { transfer in
            let fault = Double.random(in: 0..<1, using: &random) < 0.2 ? fault(&random) : nil
            defer { previous = fault }
            guard let fault, fault != previous else { return nil }
            return I2CFaultPlan.Rule(fault, at: .transfers(transfer..<transfer + 1))
        }
    }

    private static func fault(_ random: inout SeededGenerator) -> I2CFaultPlan.Fault {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: .nack
        case 1: .stuck
        case 2: .timeout(after: .milliseconds(50))
        case 3: .corrupt(byte: Int.random(in: 0..<9, using: &random), mask: 1 << UInt8.random(in: 0..<8, using: &random))
        case 4: .short(bytes: Int.random(in: 0..<6, using: &random))
        case 5: .filled(Bool.random(using: &random) ? 0x00 : 0xFF)
        case 6: .nackByte(Int.random(in: 0..<2, using: &random))
        default: .unplugged
        }
    }
}

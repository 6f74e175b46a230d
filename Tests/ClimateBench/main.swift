import ClimateDrivers
import Glibc
import SensorCore

// What readings of climate parts cost, what twelve on one bus do, and ten thousand faults.
// Usage: ClimateBench [allocations [planted]]

let parts = ClimateParts.all.compactMap { BenchedPart($0) }
guard parts.count == ClimateParts.all.count else {
    print("of \(ClimateParts.all.count) parts only \(parts.map(\.name)) can be read")
    exit(1)
}

if CommandLine.arguments.contains("allocations") {
    _ = allocations()
    let isPlanted = CommandLine.arguments.contains("planted")
    for var part in parts {
        // The first one copies what the array still holds.
        _ = part.read()
        let before = allocations()
        for _ in 0..<1000 {
            guard part.read() else {
                print("\(part.name): a reading failed")
                exit(1)
            }
            if isPlanted { plantAllocation() }
        }
        guard let before, let after = allocations() else {
            print("no allocation counter: run it by Tests/PipelineBench/allocations.sh")
            exit(69)
        }
        print("\(part.name): \(after - before) allocations over 1000 readings")
    }
} else {
    for var part in parts { print("\(part.name): \(Int(nanosecondsPerReading(&part))) ns per reading, bus and waiting not counted") }

    let shared = SharedBus.run()
    print(
        "12 parts at 1 Hz, one hung, \(SharedBus.seconds) s: \(shared.readings) readings, \(shared.failures) failed, \(shared.late) late, "
            + "slowest \(Int((shared.worstShare * 100).rounded())) % of its deadline; \(shared.hungReadings) failures of the hung one; "
            + "\((shared.cpuShare * 1000).rounded() / 10) % of a core, emulated bus included")
    let seed = CommandLine.arguments.dropFirst().first.flatMap { UInt64($0) } ?? 20_261_125
    let campaign = FaultCampaign.run(seed: seed)
    print(
        "\(campaign.faults) faults (seed \(seed)): \(campaign.wrong) published, \(campaign.readings - campaign.good) of \(campaign.readings) "
            + "readings failed and \(campaign.counted) counted, all parts back within \(campaign.slowestReturn.seconds) s")
    let isRight =
        campaign.wrong == 0 && campaign.missing.isEmpty && campaign.slowestReturn <= .seconds(60)
        && Int(campaign.counted) == campaign.readings - campaign.good && shared.failures == 0 && shared.late == 0
    if !isRight {
        print("that is not as it must be: \(campaign.missing)")
        exit(1)
    }
}

/// The best of some rounds.
func nanosecondsPerReading(_ part: inout BenchedPart) -> Double {
    var best = Double.infinity
    for _ in 0..<5 {
        let begin = SystemTime.current
        for _ in 0..<20_000 { _ = part.read() }
        best = min(best, (SystemTime.current - begin).seconds * 1e9 / 20_000)
    }
    return best
}

extension SystemTime {
    static var current: MonotonicInstant { SystemTime().now() }
}

/// Where the compiler can't see that nobody uses it, so that it is really allocated.
nonisolated(unsafe) var planted: UnsafeMutableRawPointer?

@inline(never)
func plantAllocation() {
    planted = malloc(16)
    free(planted)
}

/// Calls of malloc, calloc and realloc so far, by the library that `allocations.sh` puts before the C library's.
func allocations() -> UInt64? {
    typealias Counter = @convention(c) () -> UInt64
    guard let symbol = dlsym(UnsafeMutableRawPointer(bitPattern: 0), "reallabor_allocations") else { return nil }
    return unsafeBitCast(symbol, to: Counter.self)()
}

import ClimateDrivers
import Glibc
import HardwareMocks
import SensorCore

/// Twelve parts on one bus, each read once a second, one of them holding the bus for 100 ms whenever it is asked; in real
/// time, step by step as the node does it.
struct SharedBus {
    static let seconds = 10

    struct Result {
        var readings = 0
        var failures = 0
        var hungReadings = 0
        /// The worst time from due to finished, of its part's deadline.
        var worstShare = 0.0
        var late = 0
        /// Of one core.
        var cpuShare = 0.0
    }

    private static let parts: [(name: String, address: Int)] = [
        ("bme280", 0x76), ("bmp280", 0x77), ("sht31", 0x44), ("sht41", 0x45), ("tmp117", 0x48), ("tmp117", 0x49), ("bh1750", 0x23),
        ("ina219", 0x40), ("ina219", 0x41), ("ds3231", 0x68), ("sht45", 0x46), ("bh1750", 0x5C),
    ]

    static func run() -> Result {
        let clock = SystemTime()
        let bus = SimulatedI2CBus(clock: clock)
        var sensors: [(reader: PartReader, due: MonotonicInstant, wake: MonotonicInstant)] = []
        for (name, place) in parts {
            guard let address = I2CAddress(place), let device = EmulatedParts.part(named: name),
                let reader = PartReader(part: name, at: address)
            else { continue }
            bus.plug(device, at: address)
            sensors.append((reader, clock.now() + .milliseconds(200), clock.now() + .milliseconds(200)))
        }
        let hung = sensors.count - 1
        bus.faults = I2CFaultPlan([
            .init(.timeout(after: .milliseconds(100)), at: .transfers(0..<1_000_000), address: sensors[hung].reader.address)
        ])
        var result = Result()
        var reading = PartReading()
        let cpuBegin = cpuSeconds()
        let begin = clock.now()
        let end = begin + .seconds(Int64(seconds))
        while clock.now() < end {
            clock.sleep(until: sensors.reduce(end) { min($0, $1.wake) })
            for index in sensors.indices where clock.now() >= sensors[index].wake && clock.now() < end {
                do throws(SensorError) {
                    if case .waiting(let moment) = try sensors[index].reader.advance(on: bus, clock: clock, into: &reading) {
                        sensors[index].wake = moment
                        continue
                    }
                    result.readings += 1
                    let timing = sensors[index].reader.part.timing
                    let share = (clock.now() - sensors[index].due).seconds / timing.deadline.seconds
                    result.worstShare = max(result.worstShare, share)
                    if share > 1 { result.late += 1 }
                } catch {
                    if index == hung { result.hungReadings += 1 } else { result.failures += 1 }
                }
                while sensors[index].due <= clock.now() { sensors[index].due = sensors[index].due + .seconds(1) }
                sensors[index].wake = sensors[index].due
            }
        }
        result.cpuShare = (cpuSeconds() - cpuBegin) / (clock.now() - begin).seconds
        return result
    }

    private static func cpuSeconds() -> Double {
        var usage = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &usage)
        return Double(usage.tv_sec) + Double(usage.tv_nsec) / 1e9
    }
}

/// CLOCK_MONOTONIC.
final class SystemTime: NodeClock {
    let bootID = BootID("bench")

    func now() -> MonotonicInstant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicInstant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
    func reading() -> ClockReading { ClockReading(instant: now(), utc: nil) }
    func sleep(until deadline: MonotonicInstant) {
        let rest = deadline - now()
        guard rest > .zero else { return }
        var time = timespec(tv_sec: Int(rest.nanoseconds / 1_000_000_000), tv_nsec: Int(rest.nanoseconds % 1_000_000_000))
        nanosleep(&time, nil)
    }
}

import PulsePipeline
import SensorCore
import Testing

/// What a filter says of itself is read back as its numbers.
@Suite struct FilterTextTests {
    @Test(
        "Is read back",
        arguments: [
            (PulseFilter.none, FilterSettings(.none)),
            (.stable(rise: .milliseconds(8), fall: .microseconds(250)), FilterSettings(.stable(rise: 8, fall: 0.25))),
            (.stable(rise: .zero, fall: .zero), FilterSettings(.none)),
            (.kernel(period: .milliseconds(3)), FilterSettings(.kernel(period: 3))),
            (.lockout(.seconds(10)), FilterSettings(.lockout(time: 10_000))),
            (
                PulseFilter(.lockout(.microseconds(1)), glitchTime: .nanoseconds(1)),
                FilterSettings(.lockout(time: 0.001), glitchesBelow: 1e-6)
            ),
            (PulseFilter(.none, glitchTime: .microseconds(100)), FilterSettings(.none, glitchesBelow: 0.1)),
        ]) func isReadBack(filter: PulseFilter, settings: FilterSettings)
    {
        #expect(FilterSettings(filter.text) == settings, "\(filter.text)")
    }
}

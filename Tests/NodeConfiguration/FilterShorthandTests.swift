import NodeConfiguration
import PulsePipeline
import SensorCore
import Testing

@Suite struct FilterShorthandTests {
    @Test(
        "A word is the filter of a configuration",
        arguments: [
            ("none", PulseFilter(.none)),
            ("stable=8ms", PulseFilter(.stable(rise: .milliseconds(8), fall: .milliseconds(8)))),
            ("stable=1ms/6ms", PulseFilter(.stable(rise: .milliseconds(1), fall: .milliseconds(6)))),
            ("lockout=0.5s", PulseFilter(.lockout(.milliseconds(500)))),
            ("lockout=8ms+glitch=250us", PulseFilter(.lockout(.milliseconds(8)), glitchTime: .microseconds(250))),
            ("none+glitch=10us", PulseFilter(.none, glitchTime: .microseconds(10))),
            ("stable=10s", PulseFilter(.stable(rise: .seconds(10), fall: .seconds(10)))),
        ])
    func aWordIsTheFilterOfAConfiguration(word: String, filter: PulseFilter) throws {
        #expect(try PulseFilter(shorthand: word) == filter)
    }

    @Test(
        "What is none says what to write",
        arguments: [
            ("", "write stable=8ms"), ("stable", "write stable=8ms"), ("stable=", "not a time"), ("stable=8", "no unit"),
            ("stable=11s", "out of range"), ("stable=1ms/2ms/3ms", "stable=RISE/FALL"), ("none=1ms", "write stable=8ms"),
            ("kernel=5ms", "after the kernel's filter"), ("lockout=1ms/2ms", "not a unit"), ("stable=1ms+glitch=1ms", "not shorter"),
            ("stable=1ms+bounce=1us", "glitch=TIME"), ("stable=1ms+glitch=1us+glitch=1us", "one + at most"),
            ("stable=0ms", "out of range"), ("stable=-1ms", "negative"), ("lockout=5ms+glitch", "glitch=TIME"),
        ])
    func whatIsNoneSaysWhatToWrite(word: String, advice: String) {
        var fault: FilterShorthandFault?
        do throws(FilterShorthandFault) { _ = try PulseFilter(shorthand: word) } catch { fault = error }
        #expect(fault?.description.contains(advice) == true, "\(fault?.description ?? "accepted")")
        #expect(fault?.description.hasPrefix("filter '\(word)'") == true, "\(fault?.description ?? "accepted")")
    }
}

import SensorCore
import Testing

@Suite struct FilterSettingsTests {
    @Test(
        "Text is read as its numbers",
        arguments: [
            ("none", FilterSettings(.none)), ("stable rise 8 ms, fall 8 ms", FilterSettings(.stable(rise: 8, fall: 8))),
            ("stable rise 0.25 ms, fall 0 ms", FilterSettings(.stable(rise: 0.25, fall: 0))),
            ("lockout 20 ms, glitches below 0.1 ms", FilterSettings(.lockout(time: 20), glitchesBelow: 0.1)),
            ("none, glitches below 1 ms", FilterSettings(.none, glitchesBelow: 1)), ("kernel 3 ms", FilterSettings(.kernel(period: 3))),
        ]) func textIsReadAsItsNumbers(text: String, settings: FilterSettings)
    {
        #expect(FilterSettings(text) == settings)
    }

    @Test(
        "Other text is not",
        arguments: [
            "", "other", "stable", "stable rise 8 ms", "stable rise 8 ms, fall", "lockout", "lockout x ms", "lockout -1 ms",
            "lockout inf ms",
            "kernel 3", "none ms", "none, glitches below", "lockout 20 ms, more", "lockout 20 ms glitches below 1 ms more",
        ]) func otherTextIsNot(text: String)
    { #expect(FilterSettings(text) == nil) }
}

import Testing

@testable import ServiceManager

@Suite struct ServiceMessageTests {
    @Test(
        "One assignment a line",
        arguments: [
            (ServiceMessage.ready(status: "3 counted"), "READY=1\nSTATUS=3 counted"), (.status("all is well"), "STATUS=all is well"),
            (.watchdog, "WATCHDOG=1"), (.busy(.seconds(60)), "WATCHDOG=1\nEXTEND_TIMEOUT_USEC=60000000"), (.stopping, "STOPPING=1"),
            // A status must not become an assignment of its own.
            (.status("refused\nWATCHDOG=1\r\nREADY=1\0"), "STATUS=refused WATCHDOG=1 READY=1 "),
            (.status(String(repeating: "ä", count: 600)), "STATUS=" + String(repeating: "ä", count: 512)),
        ])
    func oneAssignmentALine(_ message: ServiceMessage, text: String) { #expect(message.text == text) }
}

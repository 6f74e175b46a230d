import Testing
@testable import LinuxHardware

import Testing
@testable import HardwareMocks

import Testing
@testable import SensorCore

import Testing
@testable import ClimateDrivers

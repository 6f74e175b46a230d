import Testing
@testable import EdgeTraces

import Testing
@testable import NodeConfiguration

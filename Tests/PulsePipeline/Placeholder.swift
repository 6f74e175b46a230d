import Testing
@testable import PulsePipeline

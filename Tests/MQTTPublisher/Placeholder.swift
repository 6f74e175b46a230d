import Testing
@testable import MQTTPublisher

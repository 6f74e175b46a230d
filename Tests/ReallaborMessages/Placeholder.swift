import Testing
@testable import ReallaborMessages

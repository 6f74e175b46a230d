import Testing
@testable import StoreForward

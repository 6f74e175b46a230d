import Testing
@testable import reallabor_node

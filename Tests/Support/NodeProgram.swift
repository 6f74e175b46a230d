import FoundationEssentials

/// `reallabor-node` as it was built beside the tests.
package func node(_ arguments: String..., environment: [String: String] = [:], input: String = "") throws -> ProgramRun {
    try ProgramRun(programPath(), arguments, environment: environment, input: input)
}

package func programPath() throws -> String { try builtProgram("reallabor-node") }

extension ProgramRun {
    package func json<Content: Decodable>(_ type: Content.Type = Content.self) throws -> Content {
        try JSONDecoder().decode(type, from: Data(outputBytes))
    }
}

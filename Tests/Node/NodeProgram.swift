import ControlSocket
import FoundationEssentials
import TestSupport

/// Whether a node takes clients there: the socket's file is there a moment before.
func isListening(at path: String) -> Bool {
    do {
        _ = try ControlClient(path: path)
        return true
    } catch {
        return false
    }
}

/// `reallabor-node` as it was built beside the tests.
func node(_ arguments: String..., environment: [String: String] = [:], input: String = "") throws -> ProgramRun {
    try ProgramRun(programPath(), arguments, environment: environment, input: input)
}

func programPath() throws -> String { try builtProgram("reallabor-node") }

extension ProgramRun {
    func json<Content: Decodable>(_ type: Content.Type = Content.self) throws -> Content {
        try JSONDecoder().decode(type, from: Data(outputBytes))
    }
}

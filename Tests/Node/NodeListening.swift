import ControlSocket

/// Whether a node takes clients there: the socket's file is there a moment before.
func isListening(at path: String) -> Bool {
    do {
        _ = try ControlClient(path: path)
        return true
    } catch {
        return false
    }
}

import Glibc

let defaultControlPath = "/run/reallabor-node/control.sock"

/// Where a node listens: as told, or in the folder systemd made for it; nil elsewhere.
func controlPath(_ option: String?) -> String? {
    option ?? getenv("RUNTIME_DIRECTORY").map { String(cString: $0) + "/control.sock" }
}

/// The socket of the transport's service: as told, or as the node's unit says; nil elsewhere.
func transportPath(_ option: String?) -> String? {
    option ?? getenv("REALLABOR_TRANSPORT").map { String(cString: $0) }
}

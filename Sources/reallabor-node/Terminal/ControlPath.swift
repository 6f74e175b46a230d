import Glibc

let defaultControlPath = "/run/reallabor-node/control.sock"

/// Where a node listens: as told, or in the folder systemd made for it; nil elsewhere.
func controlPath(_ option: String?) -> String? {
    option ?? getenv("RUNTIME_DIRECTORY").map { String(cString: $0) + "/control.sock" }
}

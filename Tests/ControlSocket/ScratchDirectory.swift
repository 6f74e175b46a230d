import Glibc

/// A directory of its own for one test, gone with the object.
final class ScratchDirectory {
    let path: String

    init() {
        var template = Array("/tmp/control-socket-XXXXXX".utf8CString)
        path = mkdtemp(&template) == nil ? "" : template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        precondition(!path.isEmpty, "mkdtemp failed")
    }

    deinit { removeTree(path) }

    func file(_ name: String, _ content: String = "") -> String {
        let full = "\(path)/\(name)"
        let descriptor = open(full, O_CREAT | O_WRONLY | O_TRUNC, 0o644)
        precondition(descriptor >= 0, "can't create \(full)")
        let bytes = Array(content.utf8)
        precondition(write(descriptor, bytes, bytes.count) == bytes.count, "can't write \(full)")
        close(descriptor)
        return full
    }

    func folder(_ name: String) { precondition(mkdir("\(path)/\(name)", 0o755) == 0, "can't make \(name)") }

    func link(_ name: String, to target: String) {
        precondition(symlink(target, "\(path)/\(name)") == 0, "can't link \(name)")
    }
}

private func removeTree(_ path: String) {
    if let stream = opendir(path) {
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name == "." || name == ".." { continue }
            let isFolder = entry.pointee.d_type == UInt8(DT_DIR)
            if isFolder { removeTree("\(path)/\(name)") } else { unlink("\(path)/\(name)") }
        }
        closedir(stream)
    }
    rmdir(path)
}

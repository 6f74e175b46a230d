package import Testing
import Glibc
import SensorCore

/// A folder of its own for one test, removed with all that is in it when the object goes out of use.
///
/// What cannot be made or written is an issue of the test that asked for it, not the end of the whole run.
package final class ScratchFolder {
    package let path: String

    /// - Parameters:
    ///   - inMemory: in `/dev/shm` where that is there. For tests of order and content, which a sync of each write to a shared disk
    ///     would only make slow.
    ///   - isForEveryUser: may be written to by a program that gives up root, such as mosquitto.
    package init(inMemory: Bool = false, isForEveryUser: Bool = false, sourceLocation: SourceLocation = #_sourceLocation) {
        let parent = inMemory && access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        var template = Array("\(parent)/reallabor-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            Issue.record("no scratch folder in \(parent): \(systemText(errno))", sourceLocation: sourceLocation)
            path = "\(parent)/there-is-no-scratch-folder"
            return
        }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        if isForEveryUser { chmod(path, 0o777) }
    }

    deinit { removeTree(path) }

    package func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Makes or replaces a file; its whole path.
    @discardableResult
    package func write(
        _ name: String, _ content: [UInt8] = [], sourceLocation: SourceLocation = #_sourceLocation
    ) -> String {
        let descriptor = open(file(name), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0o644)
        let isWritten = descriptor >= 0 && Glibc.write(descriptor, content, content.count) == content.count
        if !isWritten { Issue.record("can't write \(file(name)): \(systemText(errno))", sourceLocation: sourceLocation) }
        if descriptor >= 0 { close(descriptor) }
        return file(name)
    }

    @discardableResult
    package func write(_ name: String, _ text: String, sourceLocation: SourceLocation = #_sourceLocation) -> String {
        write(name, Array(text.utf8), sourceLocation: sourceLocation)
    }

    package func makeFolder(_ name: String, sourceLocation: SourceLocation = #_sourceLocation) {
        guard mkdir(file(name), 0o755) != 0 else { return }
        Issue.record("can't make \(file(name)): \(systemText(errno))", sourceLocation: sourceLocation)
    }

    package func link(_ name: String, to target: String, sourceLocation: SourceLocation = #_sourceLocation) {
        guard symlink(target, file(name)) != 0 else { return }
        Issue.record("can't link \(file(name)): \(systemText(errno))", sourceLocation: sourceLocation)
    }

    /// What is in it, in order of the names.
    package var names: [String] { entries(path).map(\.name).sorted() }
}

/// Everything in a file; empty when there is none.
package func content(of path: String) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var content: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = read(descriptor, &piece, piece.count)
        guard count > 0 else { return content }
        content += piece[..<count]
    }
}

package func text(ofFile path: String) -> String { String(decoding: content(of: path), as: UTF8.self) }

private func entries(_ path: String) -> [(name: String, isFolder: Bool)] {
    guard let stream = opendir(path) else { return [] }
    defer { closedir(stream) }
    var found: [(String, Bool)] = []
    while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        if name != "." && name != ".." { found.append((name, entry.pointee.d_type == UInt8(DT_DIR))) }
    }
    return found
}

private func removeTree(_ path: String) {
    for entry in entries(path) {
        if entry.isFolder { removeTree("\(path)/\(entry.name)") } else { unlink("\(path)/\(entry.name)") }
    }
    rmdir(path)
}

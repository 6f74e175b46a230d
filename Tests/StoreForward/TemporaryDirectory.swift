import Glibc
import Testing

/// A directory of its own for one test, in memory where there is such a place: these tests are about order and
/// content, and a sync per append on a shared disk would only make them slow. Removed in `deinit`.
final class TemporaryDirectory {
    let path: String

    init(parent: String? = nil) throws {
        let parent = parent ?? (access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp")
        var template = Array("\(parent)/journal-test-XXXXXX".utf8CString)
        let made = try #require(mkdtemp(&template))
        path = String(cString: made)
    }

    deinit {
        for name in names { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    var names: [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}

enum Files {
    static func read(_ path: String) throws -> [UInt8] {
        let file = try #require(fopen(path, "rb"), "\(path)")
        defer { fclose(file) }
        var content: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&block, 1, block.count, file)
            if count == 0 { break }
            content.append(contentsOf: block[..<count])
        }
        try #require(ferror(file) == 0)
        return content
    }

    static func write(_ path: String, _ content: [UInt8]) throws {
        let file = try #require(fopen(path, "wb"), "\(path)")
        defer { fclose(file) }
        try #require(fwrite(content, 1, content.count, file) == content.count)
    }

    /// 0 when there is none.
    static func size(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }
}

import Glibc
import Testing

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

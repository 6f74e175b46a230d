import Glibc

/// The bytes of a file, at most one more than `SourceText.largestSize`, so that a reader sees that it is too large.
func readFile(_ path: String) throws(FileUnreadable) -> [UInt8] {
    func unreadable(_ code: Int32) -> FileUnreadable {
        FileUnreadable(path: path, code: code, reason: String(cString: strerror(code)))
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unreadable(errno) }
    defer { close(descriptor) }

    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while bytes.count <= SourceText.largestSize {
        let count = read(descriptor, &chunk, chunk.count)
        if count < 0 {
            if errno == EINTR { continue }
            throw unreadable(errno)
        }
        if count == 0 { break }
        bytes += chunk[..<count]
    }
    return bytes
}

/// The names in a folder without `suffix`, sorted; empty when the folder cannot be read.
func namesInFolder(_ folder: String, endingIn suffix: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name.hasSuffix(suffix), !name.hasPrefix(".") { names.append(String(name.dropLast(suffix.count))) }
    }
    return names.sorted()
}

/// A path from a file, seen from the file's own folder.
func resolve(_ path: String, besideFile file: String) -> String {
    guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
    return file[...slash] + path
}

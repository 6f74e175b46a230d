import Glibc

/// Small files that a power cut leaves whole or not there at all.
public enum DurableFile {
    /// Writes a new file: its bytes are on the medium when this returns, its name only after `syncFolder`. Throws EEXIST
    /// when there is something of that name. What could not be written whole is taken away.
    public static func create(_ path: String, _ bytes: [UInt8], mode: UInt32) throws(FileError) {
        let output = try FileOutput(creating: path, mode: mode)
        try fill(output, path, bytes)
    }

    /// Puts a file in the place of the one before, by way of `temporary` in the same folder: a power cut leaves the old one or
    /// the new one. Both bytes and name are on the medium when this returns.
    public static func replace(_ path: String, _ bytes: [UInt8], by temporary: String, mode: UInt32) throws(FileError) {
        let output = try FileOutput(replacing: temporary, mode: mode)
        try fill(output, temporary, bytes)
        guard rename(temporary, path) == 0 else {
            let code = errno
            unlink(temporary)
            throw FileError(.rename, path: temporary, code: code)
        }
        try syncFolder(of: path)
    }

    /// Returns when names that came to and went from the folder of `file` are on the medium.
    public static func syncFolder(of file: String) throws(FileError) {
        let folder = folder(of: file)
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(.flush, path: folder, code: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileError(.flush, path: folder, code: errno) }
    }

    /// The folder that a path's last name is in.
    public static func folder(of file: String) -> String {
        let parts = file.split(separator: "/", omittingEmptySubsequences: false)
        let parent = parts.dropLast().joined(separator: "/")
        return parts.count == 1 ? "." : parent.isEmpty ? "/" : parent
    }

    static func fill(_ output: FileOutput, _ path: String, _ bytes: [UInt8]) throws(FileError) {
        do throws(FileError) {
            try output.write(bytes)
            try output.sync()
        } catch {
            unlink(path)
            throw error
        }
    }
}

/// The names in a folder, sorted, without "." and "..".
public func namesInFolder(_ folder: String) throws(FileError) -> [String] {
    guard let stream = opendir(folder) else { throw FileError(path: folder, code: errno) }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
}

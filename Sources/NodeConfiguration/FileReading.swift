import HostFiles

/// The bytes of a file, at most one more than `SourceText.largestSize`, so that a reader sees that it is too large.
func readFile(_ path: String) throws(FileUnreadable) -> [UInt8] {
    do throws(FileError) {
        return try FileReader(path, accepting: .ordinaryFile, as: .text).readAll(limit: SourceText.largestSize)
    } catch {
        throw FileUnreadable(path: path, code: error.code, reason: error.reason)
    }
}

/// The names in a folder that end in `suffix`, without it, sorted; empty when the folder cannot be read.
func namesInFolder(_ folder: String, endingIn suffix: String) -> [String] {
    do throws(FileError) {
        return try namesInFolder(folder).filter { $0.hasSuffix(suffix) && !$0.hasPrefix(".") }.map { String($0.dropLast(suffix.count)) }
    } catch {
        return []
    }
}

/// A path from a file, seen from the file's own folder.
func resolve(_ path: String, besideFile file: String) -> String {
    guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
    return file[...slash] + path
}

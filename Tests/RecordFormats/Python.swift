import Glibc

struct PythonFailed: Error { var status: Int32 }

/// Runs a line of Python on `input` and returns what it prints: JSON as another implementation reads it.
func python(_ program: String, input: [UInt8]) throws -> String {
    var path = Array("/tmp/reallabor-json-XXXXXX".utf8CString)
    let descriptor = mkstemp(&path)
    guard descriptor >= 0 else { throw PythonFailed(status: errno) }
    let name = path.withUnsafeBufferPointer { String(decoding: $0.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self) }
    defer { unlink(name) }
    _ = input.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    close(descriptor)
    guard let pipe = popen("python3 -c \"\(program)\" < \(name)", "r") else { throw PythonFailed(status: errno) }
    let output = readAll(pipe)
    let status = pclose(pipe)
    guard status == 0 else { throw PythonFailed(status: status) }
    return String(decoding: output, as: UTF8.self)
}

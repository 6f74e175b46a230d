import Glibc

/// One `write` per call, so that lines of several threads do not mix.
func writeStandardError(_ text: String) { write(Array(text.utf8)[...], to: STDERR_FILENO) }
func writeStandardOutput(_ text: String) { writeStandardOutput(Array(text.utf8)[...]) }
func writeStandardOutput(_ bytes: ArraySlice<UInt8>) { write(bytes, to: STDOUT_FILENO) }

private func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) {
    var rest = bytes
    while !rest.isEmpty {
        let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        // Nobody reads any more (a closed pipe, a full disk): there is nowhere left to say so.
        if written <= 0 && errno != EINTR { return }
        rest = rest.dropFirst(max(0, written))
    }
}

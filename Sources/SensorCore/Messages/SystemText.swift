import Glibc

/// The C library's text for an `errno`: "Permission denied"; "errno 4711" for one that it does not know.
public func systemText(_ code: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { text in
        text.initialize(repeating: 0)
        // The XSI form; texts are far below 128 bytes.
        guard let start = text.baseAddress, strerror_r(code, start, text.count) == 0 else { return "errno \(code)" }
        return String(cString: start)
    }
}

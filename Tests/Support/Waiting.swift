package import Testing
import Glibc

package struct TestFailure: Error, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}

/// Waits for something that another thread or process does; false when it does not come.
package func wait(seconds: Int, until condition: () -> Bool) -> Bool {
    let deadline = secondsNow() + Double(seconds)
    repeat {
        if condition() { return true }
        usleep(2_000)
    } while secondsNow() < deadline
    return condition()
}

/// Waits until `condition` holds; fails the test when it does not within 30 s.
package func eventually(
    _ what: @autoclosure () -> String, sourceLocation: SourceLocation = #_sourceLocation, _ condition: () -> Bool
) throws {
    guard wait(seconds: 30, until: condition) else { throw TestFailure("never came: \(what()) (\(sourceLocation))") }
}

private func secondsNow() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

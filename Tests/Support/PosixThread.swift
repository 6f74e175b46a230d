import SensorCore
import Glibc

/// A thread of the system's own, since one that blocks has no place on Swift's cooperative pool.
package final class PosixThread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private var thread = pthread_t()

    package init(_ run: @escaping @Sendable () -> Void) throws {
        let body = Unmanaged.passRetained(Body(run))
        let code = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, body.toOpaque())
        guard code == 0 else {
            body.release()
            throw TestFailure("no thread: \(systemText(code))")
        }
    }

    package func join() { pthread_join(thread, nil) }
}

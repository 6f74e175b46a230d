import Glibc
import HardwareMocks

struct ThreadNotStarted: Error { var code: Int32 }

/// A thread that takes part in a manual clock while it runs.
final class ClockThread {
    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private var thread = pthread_t()

    init(_ clock: ManualClock, rank: Int = 0, _ run: @escaping @Sendable () -> Void) throws {
        let body = Body {
            clock.enter(rank: rank)
            run()
            clock.leave()
        }
        let argument = Unmanaged.passRetained(body)
        let code = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, argument.toOpaque())
        guard code == 0 else {
            argument.release()
            throw ThreadNotStarted(code: code)
        }
    }

    func join() { pthread_join(thread, nil) }
}

import Glibc
import PulsePipeline

private let queue = BoundedQueue<Int>(capacity: 16)
nonisolated(unsafe) private let cell = UnsafeMutablePointer<Int>.allocate(capacity: 1)

/// A producer that hands a number over first and writes what it stands for afterwards: what the thread sanitizer must see,
/// whoever is faster. See Tests/Threads/check.sh.
func plantRace() {
    cell.initialize(to: 0)
    var producer = pthread_t()
    let code = pthread_create(
        &producer, nil,
        { _ in
            _ = queue.push(0)
            cell.pointee = 1
            return nil
        }, nil)
    precondition(code == 0, "no thread")
    while queue.pop() == nil { sched_yield() }
    print("the cell holds \(cell.pointee)")
    pthread_join(producer, nil)
}

import Glibc
import PulsePipeline

// Two threads push into a queue that is made for one: what the thread sanitizer must see. See Deploy/check-threads.sh.
let queue = BoundedQueue<Int>(capacity: 1024)

func start(_ body: @escaping @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?) -> pthread_t {
    var thread = pthread_t()
    precondition(pthread_create(&thread, nil, body, nil) == 0, "no thread")
    return thread
}

let producers = [0, 1].map { _ in
    start { _ in
        for value in 0..<1000 { _ = queue.push(value) }
        return nil
    }
}
for producer in producers { pthread_join(producer, nil) }
print("two producers have ended")

import Synchronization

/// Hands values from ordinary threads to the node loop. Bounded: beyond `capacity` the oldest go and are counted.
final class ThreadMailbox<Element: Sendable>: Sendable {
    private struct Content {
        var elements: [Element] = []
        var lost: UInt64 = 0
    }

    private let content = Mutex(Content())
    private let capacity: Int

    init(capacity: Int) { self.capacity = capacity }

    func post(_ element: Element) {
        content.withLock {
            if $0.elements.count == capacity {
                $0.elements.removeFirst()
                $0.lost += 1
            }
            $0.elements.append(element)
        }
    }

    /// Everything posted since the last call, oldest first, and how many were lost meanwhile.
    func takeAll() -> (elements: [Element], lost: UInt64) {
        content.withLock { content in
            defer { content = Content() }
            return (content.elements, content.lost)
        }
    }
}

import Delivery
import Glibc
import HostFiles

/// The other side has closed or reset: `POLLRDHUP` (0x2000, only with _GNU_SOURCE), `POLLHUP` and `POLLERR` of poll(2).
let hangUp = Int32(0x2000 | POLLHUP | POLLERR)

/// Waits until `socket` is ready, `wake` was signalled (and clears it) or `milliseconds` have passed. Returns what poll(2)
/// says of `socket`; 0 for "nothing". A negative socket is not looked at.
func waitForInput(wake: WakeEvent, socket: Int32, alsoWrite: Bool, milliseconds: Int32) -> Int32 {
    let wanted = Int16(POLLIN) | Int16(0x2000) | (alsoWrite ? Int16(POLLOUT) : 0)
    var descriptors = (
        pollfd(fd: wake.descriptor, events: Int16(POLLIN), revents: 0), pollfd(fd: socket, events: wanted, revents: 0)
    )
    let ready = withUnsafeMutablePointer(to: &descriptors) { pair in
        pair.withMemoryRebound(to: pollfd.self, capacity: 2) { poll($0, 2, milliseconds) }
    }
    guard ready > 0 else { return 0 }
    if descriptors.0.revents != 0 { wake.clear() }
    return Int32(descriptors.1.revents)
}

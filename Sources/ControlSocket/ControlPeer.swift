import Glibc

/// Who is at the other end of a connection, as the kernel knows it.
public struct ControlPeer: Hashable, Sendable {
    /// nil where it can't be told: then it has the fewest rights.
    var user: UInt32?

    public init(user: UInt32?) { self.user = user }

    public init(of descriptor: Int32) {
        // unix(7), SO_PEERCRED: process, user and group, 32 bits each, as they were when it connected.
        var credentials: [UInt32] = [0, 0, 0]
        var length = socklen_t(12)
        user = getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0 && length == 12 ? credentials[1] : nil
    }

    /// Root, or who runs the node itself. In a user namespace (`PrivateUsers=` of the unit) all others look alike, as 65534, and so
    /// do their groups, which is why no group is asked for; a node that runs as 65534 itself believes only root.
    func mayChange(node: UInt32 = geteuid()) -> Bool {
        guard let user else { return false }
        return user == 0 || (user == node && user != 65534)
    }
}

import CTransportProcess
import Glibc

/// A way to a transport process.
public protocol TransportWay: Sendable {
    /// A process that waits for its first frame. Does not block for long.
    func open() throws(ProcessTrouble) -> TransportLink
}

/// One transport process, as the node holds it: a socket, and the process behind it where it is a child. Ended in `deinit`.
public final class TransportLink {
    let descriptor: Int32
    private var child: pid_t?

    /// Owns both from now on.
    public init(descriptor: Int32, child: Int32?) {
        self.descriptor = descriptor
        self.child = child
    }

    /// It ends by itself at the end of its socket, and is killed when it does not.
    deinit {
        close(descriptor)
        _ = reap(after: 100)
    }

    /// To be called when the socket has ended. Waits at most a tenth of a second for the child to be through; kills it then.
    func ending() -> ProcessTrouble {
        guard let status = reap(after: 100) else { return .unknown }
        let signal = status & 0x7F
        return signal == 0 ? .exit(status >> 8 & 0xFF) : .signal(signal)
    }

    /// What is no longer worth to be waited for.
    func end() {
        if let child { kill(child, SIGKILL) }
        _ = reap(after: 100)
    }

    /// The status of the child, which is killed after so many milliseconds; nil when there is none, or when it won't go: then it waits
    /// in the kernel, and goes when that lets it.
    private func reap(after milliseconds: Int) -> Int32? {
        guard let process = child else { return nil }
        var status: Int32 = 0
        for turn in 0..<(milliseconds + 1000) {
            let found = waitpid(process, &status, WNOHANG)
            if found == process || found < 0 && errno != EINTR {
                child = nil
                return found == process ? status : nil
            }
            if turn == milliseconds { kill(process, SIGKILL) }
            usleep(1000)
        }
        return nil
    }
}

/// A process of its own, made by posix_spawn: never a copy of the node, whose memory is locked.
public struct SpawnedTransport: TransportWay {
    private let program: String
    private let arguments: [String]

    /// The program that runs, also when its file was replaced or deleted: the kernel keeps it (proc(5)).
    public init() { self.init(program: "/proc/self/exe", arguments: ["reallabor-node", "transport"]) }

    /// - Parameter arguments: the name and what follows.
    public init(program: String, arguments: [String]) {
        self.program = program
        self.arguments = arguments
    }

    public func open() throws(ProcessTrouble) -> TransportLink {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw .cannotSpawn(errno: errno)
        }
        defer { close(ends[1]) }
        var process: pid_t = 0
        let code = spawn(&process, input: ends[1])
        guard code == 0 else {
            close(ends[0])
            throw .cannotSpawn(errno: code)
        }
        return TransportLink(descriptor: ends[0], child: process)
    }

    private func spawn(_ process: inout pid_t, input: Int32) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        // What dies says so on its socket; the C library's own words on standard error would stand between the node's.
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // An ordinary process whatever thread makes it, without a signal blocked or ignored, and not of the terminal's group: Ctrl-C is
        // the node's to answer.
        var parameters = sched_param(sched_priority: 0)
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setschedpolicy(&attributes, SCHED_OTHER)
        posix_spawnattr_setschedparam(&attributes, &parameters)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSCHEDULER | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for text in argv { free(text) } }
        return posix_spawn(&process, program, &actions, &attributes, &argv, environ)
    }
}

/// A process that the service manager starts for each connection to a socket, under a user of its own.
public struct TransportSocket: TransportWay {
    private let path: String

    public init(path: String) { self.path = path }

    public func open() throws(ProcessTrouble) -> TransportLink {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { throw .noSocket(path: path, errno: ENAMETOOLONG) }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        // It does not wait when nobody accepts: EAGAIN says that the queue is full (unix(7)).
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { throw .noSocket(path: path, errno: errno) }
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0 ? 0 : errno
            }
        }
        guard code == 0 else {
            close(descriptor)
            throw .noSocket(path: path, errno: code)
        }
        return TransportLink(descriptor: descriptor, child: nil)
    }
}

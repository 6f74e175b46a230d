import SensorCore
import Glibc

/// Where a child's descriptor leads.
enum ChildFile {
    case reading(String)
    case writing(String)
    case same(as: Int32)
    /// A descriptor of this process.
    case inherited(Int32)
}

/// Starts a program with the given descriptors and no other.
///
/// - Parameter environment: nil for that of the tests.
func spawn(_ arguments: [String], environment: [String: String]? = nil, files: [(Int32, ChildFile)]) throws -> pid_t {
    if Tier.isWithoutProcesses {
        throw TestFailure("starts '\(arguments[0])' in a run without processes: its suite lacks .startsProcesses")
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (descriptor, file) in files {
        switch file {
        case .reading(let path): posix_spawn_file_actions_addopen(&actions, descriptor, path, O_RDONLY, 0)
        case .writing(let path): posix_spawn_file_actions_addopen(&actions, descriptor, path, O_CREAT | O_WRONLY | O_APPEND, 0o600)
        case .same(let other), .inherited(let other): posix_spawn_file_actions_adddup2(&actions, other, descriptor)
        }
    }
    // What other tests have open in this process is none of the program's business: a socket held open keeps its connection alive.
    for descriptor in 3..<256 as Range<Int32> { posix_spawn_file_actions_addclose(&actions, descriptor) }
    // A thread of these tests may block signals, which a child would inherit.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

    var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] = (environment ?? [:]).map { strdup("\($0)=\($1)") } + [nil]
    defer { for text in argv + variables { free(text) } }
    var started: pid_t = 0
    let code =
        environment == nil
        ? posix_spawnp(&started, arguments[0], &actions, &attributes, &argv, environ)
        : posix_spawnp(&started, arguments[0], &actions, &attributes, &argv, &variables)
    guard code == 0 else { throw TestFailure("can't start \(arguments[0]): \(systemText(code))") }
    return started
}

/// Waits for the end of a child: its exit code, or 128 and the signal's number.
@discardableResult
func ended(_ process: pid_t) -> Int32 {
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    return exitCode(status)
}

func exitCode(_ status: Int32) -> Int32 { status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F }

/// A pipe that no child inherits.
func closedPipe() throws -> (reading: Int32, writing: Int32) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw TestFailure("no pipe: \(systemText(errno))") }
    // A child started between these lines closes what it inherited by itself: see `spawn`.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
}

/// Exit codes after sysexits.h, so that scripts and systemd can tell what to do.
enum ExitReason: Int32 {
    /// What was measured or counted is not what it should be.
    case mismatch = 1
    /// The data in a file is wrong.
    case dataError = 65
    /// A file that was named is not there or cannot be read.
    case noInput = 66
    /// Hardware or broker is not there.
    case unavailable = 69
    /// The node itself failed: a journal that cannot be written, a thread that cannot be made.
    case failure = 70
    /// A file could not be written: a full disk, a broken card.
    case inputOutput = 74
    /// Nobody reads standard output any more: what a shell says of a program that SIGPIPE ended.
    case closedPipe = 141
    /// The configuration is wrong.
    case badConfiguration = 78
}

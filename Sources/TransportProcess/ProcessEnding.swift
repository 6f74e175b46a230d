import Glibc
public import SensorCore

/// How a transport process ended, and what to do about it: all sentences about it are here.
public enum ProcessTrouble: Error, Hashable, Sendable {
    case signal(Int32)
    /// Its own program ended it.
    case exit(Int32)
    /// Where it is not a child of this process nobody can tell.
    case unknown
    /// It said nothing, or took nothing, for `ProcessPatience.all`.
    case hangs
    case hangsResolving
    /// It sent what no transport process sends.
    case nonsense
    /// Its frames are of another version than the node's.
    case otherVersion
    case cannotSpawn(errno: Int32)
    case noSocket(path: String, errno: Int32)

    /// What the broker answered to a message may have brought it about.
    var mayBeOverAMessage: Bool {
        switch self {
        case .signal(let number): number != SIGKILL && number != SIGTERM
        case .nonsense, .unknown: true
        case .exit, .hangs, .hangsResolving, .otherVersion, .cannotSpawn, .noSocket: false
        }
    }

    /// - Parameters:
    ///   - peer: whom it talked to: "broker a.example:8883".
    ///   - library: what it talks MQTT with: "libmosquitto 2.0.11"; nil when it has not said.
    public func sentence(peer: String, library: String?) -> Sentence {
        switch self {
        case .signal(SIGKILL):
            """
            the transport process was killed by SIGKILL while it talked to \(peer): out of memory? Look at what the kernel said (dmesg)
            """
        case .signal(SIGPROF):
            """
            the transport process calculated for \(ProcessLimits.longestTurn) s without an end while it talked to \(peer), and was \
            ended: \(Self.advice(library))
            """
        case .signal(let number):
            "the transport process was killed by \(Self.name(number)) while it talked to \(peer): \(Self.advice(library))"
        case .exit(let code):
            """
            the transport process ended with \(code) while it talked to \(peer): does 'reallabor-node transport' start on this machine?
            """
        case .unknown:
            "the transport process ended while it talked to \(peer); 'journalctl -u \"reallabor-transport@*\"' may say why"
        case .hangs:
            "the transport process said nothing for \(Int(ProcessPatience.all.seconds)) s while it talked to \(peer), and was ended"
        case .hangsResolving:
            """
            the broker's name could not be resolved in \(Int(ProcessPatience.resolverPatience.seconds) / 60) min, and the transport \
            process was ended: check the node's DNS
            """
        case .nonsense: "the transport process sent what is no message of its own, and was ended: \(Self.advice(library))"
        case .otherVersion:
            """
            the transport process is of another version of the program than the node: restart the node (systemctl restart \
            reallabor-node)
            """
        case .cannotSpawn(let code):
            "the transport process can't be started (\(systemText(code))): is /proc mounted, and is there memory left?"
        case .noSocket(let path, EACCES):
            "the transport's socket \(path) can't be used (\(systemText(EACCES))): the node's user needs the group of the socket"
        case .noSocket(let path, let code):
            "the transport's socket \(path) can't be used (\(systemText(code))): systemctl status reallabor-transport.socket"
        }
    }

    private static func advice(_ library: String?) -> Sentence {
        """
        what the broker sends is more than \(library ?? "libmosquitto") can take. Update libmosquitto1 (2.0.18 or newer), and ask \
        whoever runs the broker. Counting goes on
        """
    }

    private static func name(_ number: Int32) -> String {
        switch number {
        case SIGABRT: "SIGABRT"
        case SIGSEGV: "SIGSEGV"
        case SIGBUS: "SIGBUS"
        case SIGFPE: "SIGFPE"
        case SIGILL: "SIGILL"
        case SIGTRAP: "SIGTRAP"
        case SIGSYS: "SIGSYS"
        case SIGTERM: "SIGTERM"
        default: "signal \(number)"
        }
    }
}

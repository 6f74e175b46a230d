import ControlSocket
import Glibc
import HostFiles
import LinuxHardware
import NodeRuntime
import NodeSimulation
import SensorCore
import StoreForward

/// Ends a command: `ReallaborNode.main` prints the text and exits with the reason.
struct CommandFailure: Error {
    var reason: ExitReason
    /// Why, for a person; nil where the command's own output has said it.
    var text: Sentence?

    init(_ reason: ExitReason, _ text: Sentence? = nil) {
        self.reason = reason
        self.text = text
    }

    init(_ reason: ExitReason, _ error: any Error) { self.init(reason, Sentence(of: error)) }

    /// What an error of the libraries means for a command that has nothing to add; nil for an error of the command line.
    init?(_ error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case is ControlSocketError, is BrokerSubscription.Fault: self.init(.unavailable, error)
        case let error as JournalError: self.init(error.isOfTheMedium ? .inputOutput : .failure, error)
        case is HostError, is ThreadError, is SimulationError, is WakeEventUnavailable: self.init(.failure, error)
        case let error as FileError: self.init(error.operation == .read && error.code != EIO ? .noInput : .inputOutput, error)
        case is CredentialError: self.init(.noInput, error)
        default: return nil
        }
    }
}

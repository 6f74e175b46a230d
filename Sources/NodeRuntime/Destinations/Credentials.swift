import Glibc
import HostFiles
package import NodeConfiguration

/// A password file that cannot be read. Its content is for the transport process alone.
package struct CredentialError: Error, CustomStringConvertible {
    /// Where it was asked for: "mqtt.password-file".
    package var option: String
    /// What the system says.
    package var reason: String

    /// nil for a file that this process may read.
    package init?(option: String, file: String) {
        guard access(file, R_OK) != 0 else { return nil }
        self.option = option
        reason = "\(FileError(path: file, code: errno))"
    }

    package var description: String { "\(option): \(reason)" }
}

extension DestinationConfiguration {
    /// nil for a password file that this process may read, and for a credential, which systemd hands to the transport's service alone.
    package var unreadablePassword: CredentialError? {
        guard let file = mqtt.passwordFile, !file.hasPrefix(credentialPrefix) else { return nil }
        return CredentialError(option: isShortForm ? "mqtt.password-file" : "destination \(name): password-file", file: file)
    }
}

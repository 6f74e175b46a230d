import Glibc
import HostFiles
package import NodeConfiguration
package import SensorCore

/// A password file that cannot be read. Its content is for the transport process alone.
package struct CredentialError: Error, SentenceConvertible {
    /// Where it was asked for: "mqtt.password-file".
    package var option: Sentence
    /// What the system says.
    package var reason: Sentence

    /// nil for a file that this process may read.
    package init?(option: Sentence, file: String) {
        guard access(file, R_OK) != 0 else { return nil }
        self.option = option
        reason = FileError(path: file, code: errno).sentence
    }

    package var sentence: Sentence { "\(option): \(reason)" }
}

extension DestinationConfiguration {
    /// nil for a password file that this process may read, and for a credential, which systemd hands to the transport's service alone.
    package var unreadablePassword: CredentialError? {
        guard let file = mqtt.passwordFile, !file.hasPrefix(credentialPrefix) else { return nil }
        return CredentialError(option: isShortForm ? "mqtt.password-file" : "destination \(name): password-file", file: file)
    }
}

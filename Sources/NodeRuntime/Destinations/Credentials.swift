import Glibc
package import HostFiles
import NodeConfiguration

/// A credential that cannot be used.
package struct CredentialError: Error, CustomStringConvertible {
    /// Where it was asked for: "mqtt.password-file".
    package var option: String
    package var fault: FileError

    package init(option: String, fault: FileError) {
        self.option = option
        self.fault = fault
    }

    package var description: String { "\(option): \(fault)" }
}

/// The path as it is, or that of a credential, which systemd puts into a folder of the service's own (systemd.exec(5)).
/// Throws ENOENT with the name when there is no such folder.
func credentialPath(_ file: String) throws(FileError) -> String {
    guard file.hasPrefix(credentialPrefix) else { return file }
    guard let folder = getenv("CREDENTIALS_DIRECTORY") else { throw FileError(path: file, code: ENOENT) }
    return String(cString: folder) + "/" + file.dropFirst(credentialPrefix.count)
}

/// The content of a password file. Throws when it can't be read, is empty, or can't be a password: MQTT gives one a
/// length of 16 bits.
package func readPassword(_ file: String) throws(FileError) -> String {
    var content = try FileReader(file).readAll(limit: 65_535)
    // An editor ends the last line; the password does not.
    while let last = content.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { content.removeLast() }
    // What a unit gives the node in place of a password file that is not there.
    if content.isEmpty { throw FileError(path: file, code: ENODATA) }
    if content.count > 65_535 { throw FileError(path: file, code: EFBIG) }
    guard let text = String(validating: content, as: UTF8.self) else { throw FileError(path: file, code: EILSEQ) }
    return text
}

import Glibc
import HostFiles

/// What names one of systemd's credentials rather than a file.
private let credentialPrefix = "credential:"
/// Where a service found its credentials by their whole path, when the node itself still read them.
private let formerFolder = "/run/credentials/reallabor-node.service/"

/// The path as it is, or that of a credential, which systemd puts into a folder of the service's own (systemd.exec(5)).
/// Throws ENOENT with the name when there is no such folder.
func credentialPath(_ file: String) throws(FileError) -> String {
    let name: Substring
    if file.hasPrefix(credentialPrefix) {
        name = file.dropFirst(credentialPrefix.count)
    } else if file.hasPrefix(formerFolder), access(file, F_OK) != 0 {
        name = file.dropFirst(formerFolder.count)
    } else {
        return file
    }
    guard let folder = getenv("CREDENTIALS_DIRECTORY") else { throw FileError(path: file, code: ENOENT) }
    return String(cString: folder) + "/" + name
}

/// The content of a password file. Throws when it can't be read, is empty, or can't be a password: MQTT gives one a
/// length of 16 bits.
func readPassword(_ file: String) throws(FileError) -> String {
    var content = try FileReader(credentialPath(file), accepting: .ordinaryFile, as: .text).readAll(limit: 65_535)
    // An editor ends the last line; the password does not.
    while let last = content.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { content.removeLast() }
    // What a unit gives the node in place of a password file that is not there.
    if content.isEmpty { throw FileError(path: file, code: ENODATA) }
    if content.count > 65_535 { throw FileError(path: file, code: EFBIG) }
    guard let text = String(validating: content, as: UTF8.self) else { throw FileError(path: file, code: EILSEQ) }
    return text
}

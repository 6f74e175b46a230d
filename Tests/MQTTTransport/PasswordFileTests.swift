import Glibc
import HostFiles
import TestSupport
import Testing

@testable import MQTTTransport

@Suite(.serialized) struct PasswordFileTests {
    /// Editors end the last line; nothing else is taken away.
    @Test(
        "Password is what the file holds",
        arguments: [
            ("secret", "secret"), ("secret\n", "secret"), ("secret\r\n", "secret"), ("secret\n\n", "secret"),
            (" two words \n", " two words "), ("a\nb\n", "a\nb"), ("größe\n", "größe"),
            (String(repeating: "x", count: 65_535) + "\n", String(repeating: "x", count: 65_535)),
        ])
    func passwordIsWhatTheFileHolds(_ content: String, password: String) throws {
        let folder = ScratchFolder()
        #expect(try readPassword(folder.write("password", content)) == password)
    }

    @Test(
        "A password that cannot be one is refused",
        arguments: [nil, [], [0x0A], [0x73, 0xFF, 0x74], [UInt8](repeating: 0x78, count: 65_536)] as [[UInt8]?])
    func aPasswordThatCannotBeOneIsRefused(_ content: [UInt8]?) {
        let folder = ScratchFolder()
        if let content { folder.write("password", content) }
        do throws(FileError) {
            _ = try readPassword(folder.file("password"))
            Issue.record("the password was taken")
        } catch {
            #expect(error.path == folder.file("password"))
        }
    }

    /// systemd.exec(5), LoadCredential: a folder of the service's own. Configurations of before name that of the node's service.
    @Test("Credentials are found where systemd puts them") func credentialsAreFoundWhereSystemdPutsThem() throws {
        let folder = ScratchFolder()
        do throws(FileError) {
            _ = try readPassword("credential:mqtt-password")
            Issue.record("there are no credentials")
        } catch {
            #expect(error.path == "credential:mqtt-password" && error.code == ENOENT)
        }
        folder.write("mqtt-password", "s3cret\n")
        setenv("CREDENTIALS_DIRECTORY", folder.path, 1)
        defer { unsetenv("CREDENTIALS_DIRECTORY") }
        #expect(try readPassword("credential:mqtt-password") == "s3cret")
        #expect(try readPassword("/run/credentials/reallabor-node.service/mqtt-password") == "s3cret")
        #expect(try credentialPath("credential:ca") == folder.file("ca"))
        #expect(try credentialPath("/etc/ca") == "/etc/ca")
    }
}

import CMosquitto
import Glibc
import SensorCore

/// What is known of a TLS handshake that failed.
struct TLSFailure: Hashable {
    /// What libmosquitto or OpenSSL said first; nil when they said nothing.
    private(set) var detail: String?
    /// OpenSSL's verdict on the broker's certificate, `X509_V_…`; 0 is good, nil when it was not asked.
    private(set) var verdict: Int?

    /// - Parameter session: OpenSSL's, while it lasts.
    mutating func note(_ text: String, session: UnsafeMutableRawPointer?) {
        if detail == nil { detail = text }
        if verdict == nil, let session { verdict = reallabor_tls_verdict(session) }
    }

    /// What is wrong and what to do. Verdicts as in openssl/x509_vfy.h.
    func explanation(clock: String) -> Sentence {
        switch verdict {
        case 9:
            return "the broker's certificate is not valid yet by the node's clock, which shows \(clock): is the clock right?"
        case 10:
            return """
                the broker's certificate has expired by the node's clock, which shows \(clock): if the clock is right, whoever runs the \
                broker must renew it
                """
        case 18, 19: return "the broker's certificate is signed by itself: put it, or its authority's, into mqtt.ca-file"
        case 2, 20, 21: return "the broker's certificate is signed by an authority that is not in mqtt.ca-file: is it the right file?"
        case 3:
            return "mqtt.revocation-file has no list of the authority that signed the broker's certificate: is it the right file?"
        case 11, 12:
            return """
                the list in mqtt.revocation-file is not valid by the node's clock, which shows \(clock): fetch the authority's newest list
                """
        case 23: return "the broker's certificate was revoked: ask whoever runs the broker"
        default: break
        }
        guard let detail else {
            // With TLS 1.3 a broker may say why only after its side of the handshake, and libmosquitto does not pass it on.
            return """
                the connection was closed: does this port speak TLS, and does the broker ask for a certificate (mqtt.certificate-file), \
                or refuse the one it was shown?
                """
        }
        let reason = Self.reason(detail)
        if detail.contains("host name verification failed") {
            return "the broker's certificate is for another name: is mqtt.host right, as the certificate writes it?"
        }
        if detail.contains("wrong version number") || detail.contains("unexpected eof") || detail.contains("packet length too long") {
            return "what answers there does not speak TLS, or hung up: check mqtt.port"
        }
        if detail.contains("alert") {
            return """
                the broker refuses the node's side (\(reason)): check mqtt.certificate-file and mqtt.key-file, which may be missing, \
                expired or of another authority
                """
        }
        if detail.contains("certificate verify failed") {
            return "the broker's certificate is not accepted (\(reason)): check mqtt.ca-file, mqtt.host and the node's clock"
        }
        return "\(reason): check mqtt.port, the ca-file, certificate-file and key-file under mqtt, and the node's clock"
    }

    /// The last part of "error:0A000086:SSL routines::certificate verify failed".
    private static func reason(_ detail: String) -> String {
        detail.split(separator: ":").last.map(String.init) ?? detail
    }

    /// What the system's clock shows, right or wrong: "2026-05-01 12:00 UTC".
    static var systemClock: String {
        var now = time(nil)
        var parts = tm()
        gmtime_r(&now, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday)) \(two(parts.tm_hour)):\(two(parts.tm_min)) UTC"
    }
}

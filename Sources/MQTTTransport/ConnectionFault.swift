import CMosquitto
import Glibc
import SensorCore

/// Why there is no connection, in words for the person who must act.
struct ConnectionFault: Error, Hashable, CustomStringConvertible {
    enum Kind: Hashable {
        /// The host's name could not be resolved.
        case name
        /// No TCP connection to this address.
        case unreachable
        /// TCP works, but the broker could not be agreed with: TLS, protocol, CONNACK.
        case refused
        /// There was a connection, and it ended.
        case lost
        /// The node's own settings can't work: a file that can't be read.
        case settings
    }

    var kind: Kind
    var description: String
    /// The broker closed the connection and said nothing of why.
    var isUnexplained = false
    /// The broker named a reason that is not about any message.
    var mayBeOverAMessage = true
    /// Of a CONNACK.
    var reasonCode: Int32 = 0
    /// What `TransportFault.code` is.
    var code: UInt16 = 0

    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    /// What `getaddrinfo` said.
    static func unresolved(_ host: String, code: Int32) -> ConnectionFault {
        let reason = String(cString: gai_strerror(code))
        return ConnectionFault(
            .name, "the broker's name \(host) can't be resolved (\(reason)): check mqtt.host and the node's DNS")
    }

    /// Of each broker that was tried.
    static func several(_ faults: [String]) -> ConnectionFault {
        ConnectionFault(.unreachable, faults.isEmpty ? "there is no broker to connect to" : faults.joined(separator: "; "))
    }

    static func unreachable(_ broker: String, errno code: Int32) -> ConnectionFault {
        let advice =
            switch code {
            case ECONNREFUSED: "nothing accepts connections there: is the broker running, and is mqtt.port right?"
            case ENETUNREACH, EHOSTUNREACH, ENETDOWN: "there is no way to it: is the node's network up?"
            default: "check mqtt.host, mqtt.port, the network and the firewall"
            }
        return ConnectionFault(.unreachable, "\(broker) can't be reached (\(systemText(code))): \(advice)")
    }

    /// A CONNACK that is not 0. MQTT 3.1.1 §3.2.2.3 has 1 to 5, MQTT 5.0 §3.2.2.2 has 0x80 and above.
    ///
    /// - Parameter reference: where the broker sends its clients (§4.11).
    static func refusal(_ broker: String, code: Int32, reference: String? = nil) -> ConnectionFault {
        let text =
            switch code {
            case 4, 5, 0x86, 0x87: "refused the login: check mqtt.username and mqtt.password-file"
            case 1, 0x84: "does not speak this version of MQTT: set mqtt.protocol to 3.1.1, or back to 5"
            case 2, 0x85: "refused the client id: choose another mqtt.client-id"
            case 3, 0x88, 0x89: "is not available at the moment: the node keeps trying"
            case 0x8A: "has banned this node: ask whoever runs the broker"
            case 0x8C: "wants another way to log in than user and password: ask whoever runs the broker"
            case 0x90, 0x99, 0x95, 0x9A, 0x9B:
                "refused the node's last will (\(reasonName(code))): check mqtt.topic and the broker's limits"
            case 0x97: "refused the connection since a quota is used up: ask whoever runs the broker"
            case 0x9C, 0x9D: redirection(reference)
            case 0x9F: "gets connections too fast: the node keeps trying, more slowly"
            default: "refused the connection (\(reasonName(code)))"
            }
        var fault = ConnectionFault(.refused, "\(broker) \(text)")
        fault.reasonCode = code
        return fault
    }

    /// It is not followed: whom the node trusts is for a person to say.
    private static func redirection(_ reference: String?) -> String {
        "says that another broker is to be used" + (reference.map { ", \"\($0)\"" } ?? "")
            + ": ask whoever runs it, then set mqtt.host"
    }

    /// Maximum QoS 0 (MQTT 5.0 §3.2.2.3.4).
    static func acknowledgesNothing(_ broker: String) -> ConnectionFault {
        ConnectionFault(
            .refused,
            "\(broker) acknowledges nothing (it offers QoS 0 only), so nobody could know what has arrived, and nothing is sent: use a broker "
                + "with QoS 1")
    }

    /// What a call of libmosquitto returned while the connection stood in `phase`. `tls` is nil without TLS.
    static func ended(
        _ broker: String, code: Int32, errno number: Int32, phase: MosquittoConnection.Phase, tls: TLSFailure?
    ) -> ConnectionFault {
        let error = mosq_err_t(rawValue: code)
        // EPROTO is what libmosquitto makes of OpenSSL's errors, also of one that comes while it begins to connect.
        let isTLS =
            error == MOSQ_ERR_TLS || error == MOSQ_ERR_ERRNO && number == EPROTO
            || phase == .greeting && (error == MOSQ_ERR_CONN_LOST || error == MOSQ_ERR_ERRNO)
        if let tls, isTLS { return refusedHandshake(broker, tls) }
        switch (error, phase) {
        case (MOSQ_ERR_ERRNO, .reaching): return unreachable(broker, errno: number)
        case (MOSQ_ERR_EAI, _): return ConnectionFault(.name, "the name of \(broker) can't be resolved: check mqtt.host")
        case (MOSQ_ERR_PROTOCOL, _), (MOSQ_ERR_MALFORMED_PACKET, _), (MOSQ_ERR_NOT_SUPPORTED, _):
            // Newer versions of libmosquitto say so too when a broker of MQTT 3.1.1 refuses MQTT 5 in its own form.
            return ConnectionFault(
                .refused,
                "what answers as \(broker) does not speak MQTT as it should: check mqtt.host, mqtt.port and mqtt.protocol")
        case (MOSQ_ERR_CONN_LOST, .greeting):
            return ConnectionFault(
                .refused,
                "\(broker) closed the connection without an answer: does it expect TLS on this port, or has it as many clients "
                    + "as it takes?")
        case (MOSQ_ERR_CONN_LOST, _):
            var fault = ConnectionFault(.lost, "\(broker) closed the connection")
            fault.isUnexplained = true
            return fault
        case (MOSQ_ERR_KEEPALIVE, _):
            return ConnectionFault(.lost, "\(broker) no longer answers: is the network still up?")
        case (MOSQ_ERR_ERRNO, .greeting) where number == 0:
            // Bytes came that begin no packet, and then the end: an HTTP server's answer does that.
            return ConnectionFault(
                .refused,
                "what answers as \(broker) does not speak MQTT: check mqtt.host and mqtt.port (a port for the web or for MQTT over WebSockets "
                    + "is another one)")
        case (MOSQ_ERR_ERRNO, _) where number == 0: return ConnectionFault(.lost, "the connection to \(broker) broke")
        case (MOSQ_ERR_ERRNO, _):
            return ConnectionFault(.lost, "the connection to \(broker) broke: \(systemText(number))")
        default:
            let reason = String(cString: mosquitto_strerror(code))
            return ConnectionFault(.lost, "the connection to \(broker) ended: \(reason)")
        }
    }

    static func refusedHandshake(_ broker: String, _ failure: TLSFailure) -> ConnectionFault {
        var fault = ConnectionFault(.refused, "TLS with \(broker) failed: \(failure.explanation(clock: TLSFailure.systemClock))")
        // The words hold what the clock shows.
        if let verdict = failure.verdict, verdict > 0 { fault.code = 0x100 + UInt16(clamping: verdict) }
        return fault
    }

    /// It sent more than anything the node had asked for.
    static func flooded(_ broker: String) -> ConnectionFault {
        ConnectionFault(
            .lost, "\(broker) floods the node with data it did not ask for, so the node hung up: ask whoever runs the broker")
    }

    /// The broker did not do its part within the time allowed.
    static func tooLate(_ broker: String, phase: MosquittoConnection.Phase) -> ConnectionFault {
        switch phase {
        case .reaching: unreachable(broker, errno: ETIMEDOUT)
        case .greeting:
            ConnectionFault(
                .refused, "\(broker) takes the connection but does not answer: is it an MQTT broker, with or without TLS?")
        default: ConnectionFault(.lost, "\(broker) acknowledges nothing any more: the node connects anew")
        }
    }

    /// A DISCONNECT the broker sent (MQTT 5.0 §3.14.2.1).
    static func disconnected(_ broker: String, reasonCode: Int32, reference: String? = nil) -> ConnectionFault {
        let text =
            switch reasonCode {
            case 0x8E: "ended the connection since another client uses the same client id: give each node its own"
            case 0x8B: "is shutting down"
            case 0x8D: "ended the connection, having heard nothing of the node for too long"
            case 0x9C, 0x9D: redirection(reference)
            case 0x87: "ended the connection: this login may not do what the node does; check the broker's access list"
            default: "ended the connection (\(reasonName(reasonCode)))"
            }
        var fault = ConnectionFault(.lost, "\(broker) \(text)")
        fault.mayBeOverAMessage = ![0x8B, 0x8D, 0x8E, 0x98, 0x9C, 0x9D, 0xA0].contains(reasonCode)
        return fault
    }
}

/// The name of an MQTT 5 reason code (5.0 §2.4) with its number: "quota exceeded, 0x97".
func reasonName(_ code: Int32) -> String {
    "\(reasonNames[code] ?? "a reason MQTT does not name"), 0x\(hexadecimal(UInt8(truncatingIfNeeded: code)))"
}

private let reasonNames: [Int32: String] = [
    0x10: "no matching subscribers",
    0x80: "unspecified error", 0x81: "malformed packet", 0x82: "protocol error", 0x83: "implementation specific error",
    0x84: "unsupported protocol version", 0x85: "client identifier not valid", 0x86: "bad user name or password",
    0x87: "not authorised", 0x88: "server unavailable", 0x89: "server busy", 0x8A: "banned", 0x8B: "server shutting down",
    0x8C: "bad authentication method", 0x8D: "keep alive timeout", 0x8E: "session taken over", 0x8F: "topic filter invalid",
    0x90: "topic name invalid", 0x91: "packet identifier in use", 0x92: "packet identifier not found",
    0x93: "receive maximum exceeded", 0x94: "topic alias invalid", 0x95: "packet too large", 0x96: "message rate too high",
    0x97: "quota exceeded", 0x98: "administrative action", 0x99: "payload format invalid", 0x9A: "retain not supported",
    0x9B: "QoS not supported", 0x9C: "use another server", 0x9D: "server moved", 0x9E: "shared subscriptions not supported",
    0x9F: "connection rate exceeded", 0xA0: "maximum connect time", 0xA1: "subscription identifiers not supported",
    0xA2: "wildcard subscriptions not supported",
]

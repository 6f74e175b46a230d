import CMosquitto
import Glibc
import SensorCore

/// Why there is no connection, for the person who must act.
struct ConnectionFault: Error, Hashable, SentenceConvertible {
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
    var sentence: Sentence
    /// The broker closed the connection and said nothing of why.
    var isUnexplained = false
    /// The broker named a reason that is not about any message.
    var mayBeOverAMessage = true
    /// Of a CONNACK.
    var reasonCode: Int32 = 0
    /// What `TransportFault.code` is.
    var code: UInt16 = 0

    init(_ kind: Kind, _ sentence: Sentence) {
        self.kind = kind
        self.sentence = sentence
    }

    /// What `getaddrinfo` said.
    static func unresolved(_ host: String, code: Int32) -> ConnectionFault {
        let reason = String(cString: gai_strerror(code))
        return ConnectionFault(
            .name, "the broker's name \(host) can't be resolved (\(reason)): check mqtt.host and the node's DNS")
    }

    /// Of each broker that was tried.
    static func several(_ faults: [Sentence]) -> ConnectionFault {
        ConnectionFault(.unreachable, faults.isEmpty ? "there is no broker to connect to" : Sentence.list(faults, separator: "; "))
    }

    static func unreachable(_ broker: String, errno code: Int32) -> ConnectionFault {
        let sentence: Sentence =
            switch code {
            case ECONNREFUSED:
                """
                \(broker) can't be reached (\(systemText(code))): nothing accepts connections there: is the broker running, and is \
                mqtt.port right?
                """
            case ENETUNREACH, EHOSTUNREACH, ENETDOWN:
                "\(broker) can't be reached (\(systemText(code))): there is no way to it: is the node's network up?"
            default: "\(broker) can't be reached (\(systemText(code))): check mqtt.host, mqtt.port, the network and the firewall"
            }
        return ConnectionFault(.unreachable, sentence)
    }

    /// A CONNACK that is not 0. MQTT 3.1.1 §3.2.2.3 has 1 to 5, MQTT 5.0 §3.2.2.2 has 0x80 and above.
    ///
    /// - Parameter reference: where the broker sends its clients (§4.11).
    static func refusal(_ broker: String, code: Int32, reference: String? = nil) -> ConnectionFault {
        let sentence: Sentence =
            switch code {
            case 4, 5, 0x86, 0x87: "\(broker) refused the login: check mqtt.username and mqtt.password-file"
            case 1, 0x84: "\(broker) does not speak this version of MQTT: set mqtt.protocol to 3.1.1, or back to 5"
            case 2, 0x85: "\(broker) refused the client id: choose another mqtt.client-id"
            case 3, 0x88, 0x89: "\(broker) is not available at the moment: the node keeps trying"
            case 0x8A: "\(broker) has banned this node: ask whoever runs the broker"
            case 0x8C: "\(broker) wants another way to log in than user and password: ask whoever runs the broker"
            case 0x90, 0x99, 0x95, 0x9A, 0x9B:
                "\(broker) refused the node's last will (\(reasonName(code))): check mqtt.topic and the broker's limits"
            case 0x97: "\(broker) refused the connection since a quota is used up: ask whoever runs the broker"
            case 0x9C, 0x9D: redirection(broker, reference)
            case 0x9F: "\(broker) gets connections too fast: the node keeps trying, more slowly"
            default: "\(broker) refused the connection (\(reasonName(code)))"
            }
        var fault = ConnectionFault(.refused, sentence)
        fault.reasonCode = code
        return fault
    }

    /// It is not followed: whom the node trusts is for a person to say.
    private static func redirection(_ broker: String, _ reference: String?) -> Sentence {
        if let reference {
            "\(broker) says that another broker is to be used, \"\(reference)\": ask whoever runs it, then set mqtt.host"
        } else {
            "\(broker) says that another broker is to be used: ask whoever runs it, then set mqtt.host"
        }
    }

    /// Maximum QoS 0 (MQTT 5.0 §3.2.2.3.4).
    static func acknowledgesNothing(_ broker: String) -> ConnectionFault {
        ConnectionFault(
            .refused,
            """
            \(broker) acknowledges nothing (it offers QoS 0 only), so nobody could know what has arrived, and nothing is sent: use a \
            broker with QoS 1
            """)
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
                """
                \(broker) closed the connection without an answer: does it expect TLS on this port, or has it as many clients as it takes?
                """)
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
                """
                what answers as \(broker) does not speak MQTT: check mqtt.host and mqtt.port (a port for the web or for MQTT over \
                WebSockets is another one)
                """)
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
        let sentence: Sentence =
            switch reasonCode {
            case 0x8E: "\(broker) ended the connection since another client uses the same client id: give each node its own"
            case 0x8B: "\(broker) is shutting down"
            case 0x8D: "\(broker) ended the connection, having heard nothing of the node for too long"
            case 0x9C, 0x9D: redirection(broker, reference)
            case 0x87:
                "\(broker) ended the connection: this login may not do what the node does; check the broker's access list"
            default: "\(broker) ended the connection (\(reasonName(reasonCode)))"
            }
        var fault = ConnectionFault(.lost, sentence)
        fault.mayBeOverAMessage = ![0x8B, 0x8D, 0x8E, 0x98, 0x9C, 0x9D, 0xA0].contains(reasonCode)
        return fault
    }
}

/// The name of an MQTT 5 reason code (5.0 §2.4) with its number: "quota exceeded, 0x97".
func reasonName(_ code: Int32) -> Sentence {
    let name: Sentence =
        switch code {
        case 0x10: "no matching subscribers"
        case 0x80: "unspecified error"
        case 0x81: "malformed packet"
        case 0x82: "protocol error"
        case 0x83: "implementation specific error"
        case 0x84: "unsupported protocol version"
        case 0x85: "client identifier not valid"
        case 0x86: "bad user name or password"
        case 0x87: "not authorised"
        case 0x88: "server unavailable"
        case 0x89: "server busy"
        case 0x8A: "banned"
        case 0x8B: "server shutting down"
        case 0x8C: "bad authentication method"
        case 0x8D: "keep alive timeout"
        case 0x8E: "session taken over"
        case 0x8F: "topic filter invalid"
        case 0x90: "topic name invalid"
        case 0x91: "packet identifier in use"
        case 0x92: "packet identifier not found"
        case 0x93: "receive maximum exceeded"
        case 0x94: "topic alias invalid"
        case 0x95: "packet too large"
        case 0x96: "message rate too high"
        case 0x97: "quota exceeded"
        case 0x98: "administrative action"
        case 0x99: "payload format invalid"
        case 0x9A: "retain not supported"
        case 0x9B: "QoS not supported"
        case 0x9C: "use another server"
        case 0x9D: "server moved"
        case 0x9E: "shared subscriptions not supported"
        case 0x9F: "connection rate exceeded"
        case 0xA0: "maximum connect time"
        case 0xA1: "subscription identifiers not supported"
        case 0xA2: "wildcard subscriptions not supported"
        default: "a reason MQTT does not name"
        }
    return "\(name), 0x\(hexadecimal(UInt8(truncatingIfNeeded: code)))"
}

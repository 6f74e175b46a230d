import CMosquitto
import Glibc
import HostFiles
import SensorCore
import TransportProcess

extension MosquittoConnection {
    /// Everything that is set before it begins.
    func configure(will: OutgoingMessage?) throws(ConnectionFault) {
        mosquitto_user_data_set(handle, Unmanaged.passUnretained(self).toOpaque())
        mosquitto_connect_v5_callback_set(handle) { _, context, code, _, properties in
            MosquittoConnection.from(context)?.noteConnack(code, properties)
        }
        mosquitto_publish_v5_callback_set(handle) { _, context, messageID, code, _ in
            MosquittoConnection.from(context)?.events.append(
                .acknowledged(
                    messageID: UInt16(truncatingIfNeeded: messageID), reasonCode: UInt8(truncatingIfNeeded: code)))
        }
        mosquitto_disconnect_v5_callback_set(handle) { _, context, code, properties in
            MosquittoConnection.from(context)?.disconnectCode = code
            // libmosquitto 2.0 hands over none, though a CONNACK before had one.
            if let reference = MosquittoConnection.text(MQTT_PROP_SERVER_REFERENCE, properties) {
                MosquittoConnection.from(context)?.serverReference = reference
            }
        }
        mosquitto_subscribe_v5_callback_set(handle) { _, context, messageID, count, granted, _ in
            // 0x80 and above are refusals, in 3.1.1 too (§3.9.3).
            let isGranted = granted.map { codes in (0..<Int(count)).allSatisfy { codes[$0] < 0x80 } } ?? false
            MosquittoConnection.from(context)?.noteSubscription(messageID, isGranted: isGranted)
        }
        mosquitto_message_v5_callback_set(handle) { _, context, message, _ in
            MosquittoConnection.from(context)?.noteMessage(message)
        }
        let version = settings.version == .mqtt5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311
        try check(mosquitto_int_option(handle, MOSQ_OPT_PROTOCOL_VERSION, version), "MQTT version")
        // 0 is "no limit of its own": the delivery session keeps the window.
        try check(mosquitto_int_option(handle, MOSQ_OPT_SEND_MAXIMUM, 0), "send maximum")
        try check(mosquitto_int_option(handle, MOSQ_OPT_TCP_NODELAY, 1), "TCP_NODELAY")
        if let username = settings.username {
            try check(mosquitto_username_pw_set(handle, username, password()), "mqtt.username")
        }
        if let tls = settings.tls {
            listenForTLSFailures()
            try configure(tls)
        }

        guard let will else { return }
        // Lengths of 16 bits (§3.1.3), which libmosquitto cuts.
        guard will.payload.count <= 65_535, will.address.utf8.count <= 65_535 else {
            throw ConnectionFault(.settings, "the last will on \(will.address) is longer than the 65535 bytes MQTT has for it")
        }
        // libmosquitto takes the will's properties over when it succeeds, so they are its own.
        var willProperties = settings.version == .mqtt5 ? MessageProperties.make(for: will) : nil
        let code = mosquitto_will_set_v5(
            handle, will.address, Int32(will.payload.count), will.payload, 1, will.isRetained, willProperties)
        if code != MOSQ_ERR_SUCCESS.rawValue { mosquitto_property_free_all(&willProperties) }
        try check(code, "last will on \(will.address)")
    }

    private func configure(_ tls: MQTTSettings.TLS) throws(ConnectionFault) {
        let authority = try readable(tls.authorityFile, "ca-file")
        let certificate = try readable(tls.certificateFile, "certificate-file")
        let key = try readable(tls.keyFile, "key-file")
        if let key, let file = tls.keyFile, Self.isEncrypted(key) {
            throw ConnectionFault(
                .settings,
                """
                mqtt.key-file \(file) is encrypted, and nobody is there to give its pass phrase: remove it with 'openssl pkey -in \(file) \
                -out new.key', and let only the node's user read the new file
                """)
        }
        let systemStore = authority == nil ? "/etc/ssl/certs" : nil
        try check(mosquitto_tls_set(handle, authority, systemStore, certificate, key, { _, _, _, _ in 0 }), "mqtt.ca-file")
        if let file = tls.revocationFile { try refuseRevoked(readable(file, "revocation-file"), file) }
    }

    /// In the middle of a handshake that fails: afterwards libmosquitto has let go of what OpenSSL knows of it.
    private func listenForTLSFailures() {
        mosquitto_log_callback_set(handle) { handle, context, level, text in
            guard level == MOSQ_LOG_ERR, let text else { return }
            MosquittoConnection.from(context)?.tlsFailure.note(String(cString: text), session: mosquitto_ssl_get(handle))
        }
    }

    /// With somebody who listens, libmosquitto writes a line for each packet.
    func listenForNoTLSFailures() { mosquitto_log_callback_set(handle, nil) }

    private func readable(_ file: String?, _ key: String) throws(ConnectionFault) -> String? {
        guard let file else { return nil }
        var code = ENOENT
        do throws(FileError) {
            let path = try credentialPath(file)
            if access(path, R_OK) == 0 { return path }
            code = errno
        } catch {
            code = error.code
        }
        throw ConnectionFault(.settings, "mqtt.\(key) \(file) can't be read: \(systemText(code))")
    }

    /// Read anew with each connection, so that a corrected file needs no restart.
    private func password() throws(ConnectionFault) -> String? {
        guard let file = settings.passwordFile else { return nil }
        do throws(FileError) {
            return try readPassword(file)
        } catch {
            throw ConnectionFault(.settings, "mqtt.password-file can't be used: \(error)")
        }
    }

    /// By its PEM header: PKCS #8 (RFC 7468 §11), or the traditional form (RFC 1421 §4.6.1.1). OpenSSL would ask on the terminal.
    private static func isEncrypted(_ file: String) -> Bool {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try FileReader(file, accepting: .ordinaryFile).readAll(limit: 65_536)
        } catch {
            // What is wrong with it is said where it is given to libmosquitto.
            return false
        }
        let text = String(decoding: bytes, as: UTF8.self)
        return text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED")
    }

    /// libmosquitto has no list of its own, but takes a context of OpenSSL's beside its settings, whose store may have one.
    private func refuseRevoked(_ path: String?, _ file: String) throws(ConnectionFault) {
        guard let path else { return }
        guard let context = reallabor_tls_context(path) else {
            throw ConnectionFault(.settings, "mqtt.revocation-file \(file) holds no certificate revocation list in PEM form")
        }
        // It takes a reference of its own.
        defer { reallabor_tls_context_release(context) }
        try check(mosquitto_int_option(handle, MOSQ_OPT_SSL_CTX_WITH_DEFAULTS, 1), "mqtt.revocation-file")
        try check(mosquitto_void_option(handle, MOSQ_OPT_SSL_CTX, context), "mqtt.revocation-file")
    }

    private func check(_ code: Int32, _ what: Sentence) throws(ConnectionFault) {
        guard code != MOSQ_ERR_SUCCESS.rawValue else { return }
        throw ConnectionFault(.settings, "\(what) can't be set: \(String(cString: mosquitto_strerror(code)))")
    }

    private func noteMessage(_ message: UnsafePointer<mosquitto_message>?) {
        guard let message = message?.pointee, let topic = message.topic else { return }
        let payload = UnsafeRawBufferPointer(start: message.payload, count: Int(max(0, message.payloadlen)))
        events.append(.received(topic: String(cString: topic), payload: Array(payload)))
    }
}

extension ConnectionFault {
    /// The broker answers the same until a person acts: it refuses login, client or certificate, or a file of the node's can't be read.
    /// One that is busy or away is asked again soon.
    var isRefusal: Bool {
        switch kind {
        case .settings: true
        case .refused: hasVerdict || reasonCode != 0 && !Self.passing.contains(reasonCode)
        case .name, .unreachable, .lost: false
        }
    }

    /// OpenSSL's, on the broker's certificate.
    private var hasVerdict: Bool { code > 0x100 }

    /// Server unavailable and busy, quota exceeded, connection rate exceeded (MQTT 3.1.1 §3.2.2.3, 5.0 §3.2.2.2).
    private static let passing: Set<Int32> = [3, 0x88, 0x89, 0x97, 0x9F]
}

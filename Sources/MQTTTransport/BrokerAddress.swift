import Glibc

/// One numeric address of the broker.
struct BrokerAddress: Hashable {
    /// "192.0.2.7" or "2001:db8::7".
    var numeric: String
    /// The wildcard address of the same family: binding to it keeps libmosquitto to this family where it has to be
    /// given the host's name.
    var sameFamilyWildcard: String

    /// All addresses of `host` in the system's order of preference. Blocks for the resolver, which gives up after its
    /// own time (resolv.conf(5): usually 2 tries of 5 s per server).
    static func addresses(of host: String) throws(ConnectionFault) -> [BrokerAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else { throw .unresolved(host, code: code) }
        defer { freeaddrinfo(list) }

        var addresses: [BrokerAddress] = []
        var text = [CChar](repeating: 0, count: 128)
        var entry = list
        while let info = entry?.pointee {
            entry = info.ai_next
            let named = getnameinfo(
                info.ai_addr, info.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
            guard named == 0, info.ai_family == AF_INET || info.ai_family == AF_INET6 else { continue }
            let numeric = text.withUnsafeBufferPointer { buffer in
                String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            }
            addresses.append(
                BrokerAddress(numeric: numeric, sameFamilyWildcard: info.ai_family == AF_INET6 ? "::" : "0.0.0.0"))
        }
        guard !addresses.isEmpty else { throw .unresolved(host, code: EAI_NONAME) }
        return addresses
    }
}

import Glibc
import Lockstep

/// An address of a network, as the system's calls take it.
struct SocketAddress {
    private let bytes: [UInt8]

    /// Asks the system for the address behind a name.
    init(_ address: NodeAddress) throws {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(address.host, "\(address.port)", &hints, &found)
        defer { if let found { freeaddrinfo(found) } }
        guard result == 0, let first = found?.pointee, let start = first.ai_addr else {
            throw PerfFailure(
                """
                The host of \(address) cannot be found: \(String(cString: gai_strerror(result))). Name one that this host \
                knows, or give its address.
                """
            )
        }
        bytes = Array(UnsafeRawBufferPointer(start: start, count: Int(first.ai_addrlen)))
    }

    /// Where a socket of this process is bound; nil if it has no address.
    init?(ofSocket descriptor: Int32) {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutableBytes(of: &storage) { bytes in
            getsockname(descriptor, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, &size)
        }
        guard result == 0 else { return nil }
        bytes = withUnsafeBytes(of: &storage) { Array($0.prefix(Int(size))) }
    }

    /// The kind of address: `AF_INET` or `AF_INET6`.
    var family: Int32 { withPointer { address, _ in Int32(address?.pointee.sa_family ?? 0) } }

    /// The address as digits, and the port; nil if it is of another kind.
    var numeric: NodeAddress? {
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        var port = [CChar](repeating: 0, count: Int(NI_MAXSERV))
        let result = withPointer { address, size in
            getnameinfo(
                address, size, &host, socklen_t(host.count), &port, socklen_t(port.count),
                NI_NUMERICHOST | NI_NUMERICSERV)
        }
        guard result == 0, let number = Int(Self.text(port)) else { return nil }
        return NodeAddress(Self.text(host), port: number)
    }

    /// Calls something of the system's with the address.
    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>?, socklen_t) throws -> Result) rethrows -> Result {
        try bytes.withUnsafeBytes { bytes in
            try body(bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t(bytes.count))
        }
    }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension SocketAddress {
    /// True if this host has the address, whatever its port.
    var isOfThisHost: Bool {
        guard let numeric, let anyPort = try? SocketAddress(NodeAddress(numeric.host, port: 0)) else { return false }
        return anyPort.withDatagramSocket { bind($0, $1, $2) == 0 } ?? false
    }

    /// The address of this host on the way to this one, to which nothing is sent.
    func wayFromHere() -> SocketAddress? {
        withDatagramSocket { connect($0, $1, $2) == 0 ? SocketAddress(ofSocket: $0) : nil } ?? nil
    }

    private func withDatagramSocket<Result>(
        _ body: (Int32, UnsafePointer<sockaddr>?, socklen_t) -> Result
    ) -> Result? {
        let descriptor = socket(family, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return withPointer { body(descriptor, $0, $1) }
    }
}

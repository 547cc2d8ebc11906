import Glibc

/// A plain TCP socket of this host, for what the fabric is compared with. It blocks.
struct LoopbackSocket: ~Copyable {
    private let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Listens at a port that the system chooses.
    static func listening() throws -> LoopbackSocket {
        let socket = try LoopbackSocket.make()
        try withAddress(port: 0) { address, size in try check(bind(socket.descriptor, address, size), "bind") }
        try check(listen(socket.descriptor, 1), "listen")
        return socket
    }

    /// Calls a port.
    static func connected(to port: UInt16) throws -> LoopbackSocket {
        let socket = try LoopbackSocket.make()
        try withAddress(port: port) { address, size in
            try check(connect(socket.descriptor, address, size), "connect")
        }
        return socket
    }

    private static func make() throws -> LoopbackSocket {
        LoopbackSocket(try check(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0), "socket"))
    }

    /// Where it listens.
    func port() throws -> UInt16 {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        try withUnsafeMutableBytes(of: &address) { bytes in
            let address = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress
            try Self.check(getsockname(descriptor, address, &size), "getsockname")
        }
        return UInt16(bigEndian: address.sin_port)
    }

    /// Waits for one who calls.
    func accepted() throws -> LoopbackSocket {
        LoopbackSocket(try Self.check(accept(descriptor, nil, nil), "accept"))
    }

    /// Sends all of it.
    func send(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes
        while !rest.isEmpty {
            let count = Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(try Self.check(count, "send")))
        }
    }

    /// Says that nothing follows, and waits until the other side has closed.
    func finish() throws {
        try Self.check(shutdown(descriptor, Int32(SHUT_WR)), "shutdown")
        var byte: UInt8 = 0
        while try Self.check(recv(descriptor, &byte, 1, 0), "recv") > 0 {}
    }

    /// Waits until the memory is full, or nothing follows: how many bytes came.
    func receive(into bytes: UnsafeMutableRawBufferPointer) throws -> Int {
        try Self.check(recv(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_WAITALL)), "recv")
    }

    private static func withAddress(port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Void) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        address.sin_port = port.bigEndian
        try withUnsafeBytes(of: &address) { bytes in
            guard let start = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress else { return }
            try body(start, socklen_t(bytes.count))
        }
    }

    @discardableResult
    private static func check<Result: SignedInteger>(_ result: Result, _ call: String) throws -> Result {
        guard result < 0 else { return result }
        throw PerfFailure("A connection of this host failed: \(call): \(String(cString: strerror(errno))).")
    }
}

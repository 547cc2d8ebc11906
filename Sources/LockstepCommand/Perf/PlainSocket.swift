import Glibc
import Lockstep

/// A plain TCP socket, for what the fabric is compared with. It blocks.
struct PlainSocket: ~Copyable {
    private let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Listens at an address of this host, at a port that the system chooses.
    static func listening(at host: String = "127.0.0.1") throws -> PlainSocket {
        let place = NodeAddress(host, port: 0)
        let address = try SocketAddress(place)
        let socket = try PlainSocket.make(address, at: place)
        try check(address.withPointer { bind(socket.descriptor, $0, $1) }, "bind", at: place)
        try check(listen(socket.descriptor, 1), "listen", at: place)
        return socket
    }

    /// Calls somebody.
    static func connected(to place: NodeAddress) throws -> PlainSocket {
        let address = try SocketAddress(place)
        let socket = try PlainSocket.make(address, at: place)
        try check(address.withPointer { connect(socket.descriptor, $0, $1) }, "connect", at: place)
        return socket
    }

    private static func make(_ address: SocketAddress, at place: NodeAddress) throws -> PlainSocket {
        PlainSocket(try check(socket(address.family, Int32(SOCK_STREAM.rawValue), 0), "socket", at: place))
    }

    /// Where it listens.
    func port() throws -> UInt16 {
        guard let port = SocketAddress(ofSocket: descriptor)?.numeric?.port else {
            throw PerfFailure("A socket of this host has no port.")
        }
        return UInt16(port)
    }

    /// Waits for one who calls.
    func accepted() throws -> PlainSocket {
        PlainSocket(try Self.check(accept(descriptor, nil, nil), "accept"))
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

    @discardableResult
    private static func check<Result: SignedInteger>(
        _ result: Result, _ call: String, at place: NodeAddress? = nil
    ) throws -> Result {
        guard result < 0 else { return result }
        let reason = "\(call): \(String(cString: strerror(errno)))"
        guard let place else {
            throw PerfFailure("A plain connection between two members failed: \(reason). Is the other still there?")
        }
        throw PerfFailure(
            """
            A plain connection at \(place.host), which the fabric is compared with, failed: \(reason). Let the hosts \
            reach each other at all ports for as long as is measured.
            """
        )
    }
}

import Glibc
import Logging
import NIOCore
import NIOPosix
import Synchronization

#if TLS
    import NIOSSL
#endif

/// The port of a node for nodes of other hosts: all connections come in here, and say what they are for.
final class StreamEndpoint: Sendable {
    /// Where others reach this node.
    let address: NodeAddress
    /// Those who look for the cluster, those who are nodes of it, and clients.
    let visitors: StreamQueue
    let nodes: StreamQueue
    let clients: StreamQueue
    private let port: any Channel
    private let security: StreamSecurity

    private init(
        _ address: NodeAddress, _ port: any Channel, _ visitors: StreamQueue, _ nodes: StreamQueue,
        _ clients: StreamQueue, _ security: StreamSecurity
    ) {
        self.address = address
        self.port = port
        self.visitors = visitors
        self.nodes = nodes
        self.clients = clients
        self.security = security
    }

    deinit { close() }

    /// True if nothing is encrypted.
    var isPlaintext: Bool { security.isPlaintext }

    /// Listens.
    ///
    /// - Parameter logger: Hears of those who do not get through.
    /// - Throws: `RendezvousError.rejected` if that address cannot be had.
    static func open(
        at address: NodeAddress, _ security: StreamSecurity, logger: Logger
    ) async throws -> StreamEndpoint {
        let (visitors, nodes, clients) = (try StreamQueue(), try StreamQueue(), try StreamQueue())
        let strangers = Strangers(logger)
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try admit(channel, security, strangers) { stream in
                        switch stream.purpose {
                        case .rendezvous: visitors.add(stream)
                        case .clients: clients.add(stream)
                        default: nodes.add(stream)
                        }
                    }
                }
            }
        do {
            let port = try await bind(bootstrap, to: address)
            let own = NodeAddress(address.host, port: port.localAddress?.port ?? address.port)
            return StreamEndpoint(own, port, visitors, nodes, clients, security)
        } catch let error where !(error is CancellationError) {
            throw RendezvousError.rejected(
                "This node cannot listen at \(address): \(error). Choose another address or port for `listen`.")
        }
    }

    /// Tries some times: the incarnation of this node before may just be about to let go of the port.
    private static func bind(_ bootstrap: ServerBootstrap, to address: NodeAddress) async throws -> any Channel {
        for _ in 0..<20 {
            do {
                return try await bootstrap.bind(host: address.host, port: address.port).get()
            } catch let error as IOError where error.errnoCode == EADDRINUSE {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        return try await bootstrap.bind(host: address.host, port: address.port).get()
    }

    /// Calls another node. What is sent goes out when there is a connection; if there is none, the socket is closed.
    ///
    /// - Parameter node: Who must answer there, if that is known.
    func call(
        _ address: NodeAddress, for purpose: StreamPurpose, node: String? = nil
    ) throws(RendezvousError) -> StreamSocket {
        try Self.connect(to: address, for: purpose, node: node, security)
    }

    static func connect(
        to address: NodeAddress, for purpose: StreamPurpose, node: String? = nil,
        _ security: StreamSecurity = .plaintext
    ) throws(RendezvousError) -> StreamSocket {
        let socket = try StreamSocket()
        _ = socket.send([purpose.rawValue], numbers: [])
        ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.nanoseconds(ControlLimit.silenceNanoseconds))
            .channelOption(.autoRead, value: false)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try callOut(channel, to: address, node, security, socket) }
            }
            .connect(host: address.host, port: address.port)
            .whenComplete { result in
                switch result {
                // With TLS it begins when the gate opens.
                case .success(let channel): if security.isPlaintext { socket.begin(on: channel) }
                case .failure: socket.end()
                }
            }
        return socket
    }

    private static func callOut(
        _ channel: any Channel, to address: NodeAddress, _ node: String?, _ security: StreamSecurity,
        _ socket: StreamSocket
    ) throws {
        try prepare(channel)
        let whom = "node at \(address)"
        #if TLS
            if case .tls(let credentials) = security {
                try channel.pipeline.syncOperations.addHandler(
                    NIOSSLClientHandler(context: credentials.context, serverHostname: nil))
                let gate = TLSGate(credentials, whom: whom, expecting: node) { names in
                    socket.note(names: names)
                    socket.begin(on: channel)
                } onFlaw: { [weak socket] in
                    socket?.end(because: $0)
                }
                try channel.pipeline.syncOperations.addHandler(gate)
            }
        #endif
        let handler = StreamHandler(socket) { [weak socket] in socket?.end(because: "The \(whom) \($0)") }
        try channel.pipeline.syncOperations.addHandler(handler)
    }

    /// Lets go of the port.
    func close() {
        port.close(promise: nil)
        visitors.setOpen(false)
        nodes.setOpen(false)
        clients.setOpen(false)
    }

    // MARK: - Coming in

    /// Lets a connection say what it is for, which it has to do soon.
    private static func admit(
        _ channel: any Channel, _ security: StreamSecurity, _ strangers: Strangers,
        _ take: @escaping (IncomingStream) -> Bool
    ) throws {
        guard strangers.add() else { throw ChannelError.ioOnClosedChannel }
        let isKnown = NIOLoopBound(Flag(), eventLoop: channel.eventLoop)
        channel.closeFuture.whenComplete { _ in
            if !isKnown.value.isSet { strangers.remove() }
        }
        try prepare(channel)
        let socket = try StreamSocket()
        let whom = "process at \(channel.remoteAddress.map(NodeAddress.init)?.description ?? "an address unknown")"
        #if TLS
            if case .tls(let credentials) = security {
                try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: credentials.context))
                let gate = TLSGate(credentials, whom: whom, expecting: nil) { [weak socket] names in
                    socket?.note(names: names)
                } onFlaw: {
                    strangers.note($0)
                }
                try channel.pipeline.syncOperations.addHandler(gate)
            }
        #endif
        let handler = StreamHandler(socket) { bytes in
            isKnown.value.isSet = true
            strangers.remove()
            guard let purpose = StreamPurpose(rawValue: bytes[0]) else { return false }
            return take(IncomingStream(socket: socket, purpose: purpose))
        } onFlaw: {
            strangers.note("The \(whom) \($0)")
        }
        try channel.pipeline.syncOperations.addHandler(handler)
        socket.begin(on: channel)
        channel.eventLoop.scheduleTask(in: .nanoseconds(ControlLimit.silenceNanoseconds)) {
            if !isKnown.value.isSet { channel.close(promise: nil) }
        }
    }

    private static func prepare(_ channel: any Channel) throws {
        guard let options = channel.syncOptions else { return }
        try options.setOption(.tcpOption(.tcp_nodelay), value: 1)
        try options.setOption(.socketOption(.so_keepalive), value: 1)
    }
}

private final class Flag {
    var isSet = false
}

/// Connections that have not said what they are for: how many, and what is wrong with them.
private final class Strangers: Sendable {
    private let count = Mutex(0)
    private let door: Mutex<DoorLog>

    init(_ logger: Logger) { door = Mutex(DoorLog(logger)) }

    /// False if there are too many.
    func add() -> Bool {
        count.withLock { count in
            guard count < ControlLimit.connectionsMax else { return false }
            count += 1
            return true
        }
    }

    func remove() { count.withLock { $0 -= 1 } }

    func note(_ sentence: String) { door.withLock { $0.note(because: sentence) } }
}

extension NodeAddress {
    fileprivate init(_ address: SocketAddress) { self.init(address.ipAddress ?? "", port: address.port ?? 0) }
}

import Crypto
import LockstepFabric
import Logging
import Synchronization

/// A node's connections to the others of its cluster: they exchange their memory when they meet, and then small
/// messages, apart from the memory through which groups speak.
///
/// For its own host each node listens at an address that its cluster and its incarnation give; only processes of its own
/// user that know the cluster's key may connect. For others a node listens at its port, and memory is exchanged by
/// connections of the fabric (``MeshBranch``), or by an RDMA device. One thread sleeps until somebody says something; nobody can hold it up.
package final class Mesh: Sendable {
    package typealias Handler = @Sendable (MeshEvent) -> Void

    /// This node, as the others know it.
    package let own: MeshNode
    private let orders: MeshOrders
    private let thread: BlockingThread

    /// Listens for the others.
    init(_ plan: MeshPlan) throws(RendezvousError) {
        own = plan.own
        let listener = try Mesh.listen(plan)
        let orders = MeshOrders(wake: try PollWake())
        self.orders = orders
        thread = try .make(name: "lockstep-mesh") { MeshLoop(plan, listener, orders).run() }
        plan.network?.endpoint.nodes.setOpen(true)
    }

    /// Where nodes of this host call.
    private static func listen(_ plan: MeshPlan) throws(RendezvousError) -> LocalListener? {
        guard plan.network?.sharesMemory ?? true else { return nil }
        guard let listener = try LocalListener(at: plan.place(of: plan.own.id)) else {
            throw .rejected("Another node has the incarnation \(plan.own.id): draw a new one for every start.")
        }
        return listener
    }

    deinit { close() }

    /// Connects to a node, unless it is connected: ``MeshEvent/connected(_:_:)`` or
    /// ``MeshEvent/failed(_:_:)`` follows. Both may do so at once: one connection stays.
    package func connect(to node: MeshNode) { orders.give(.connect(node)) }

    /// Connects anew with a node whose memory is out of reach: ``MeshEvent/disconnected(_:_:)`` comes before the rest, unless the
    /// other side has begun.
    package func renew(_ node: MeshNode) { orders.give(.renew(node)) }

    /// Connects in a moment to a node that was not reached: it may only have had no time to answer.
    package func connectAgain(to node: MeshNode) { orders.give(.connectAgain(node)) }

    /// Sends up to 64 KiB to a node. Without a connection to it, nothing happens. Who does not read loses its
    /// connection when 4 MiB wait for it.
    package func send(_ kind: UInt16, _ bytes: [UInt8], with descriptor: Descriptor? = nil, to node: UInt64) {
        precondition(bytes.count <= ControlLimit.payloadBytesMax, "a message of the mesh has at most 64 KiB")
        orders.give(.send(.post(kind: kind, bytes), descriptor, to: node))
    }

    /// Ends a connection, after what was sent there before; the other side hears that this node has left.
    package func disconnect(_ node: UInt64) { orders.give(.disconnect(node)) }

    /// Says goodbye to everybody and ends. It waits for a running handler, unless it is called from it.
    package func close() {
        orders.give(.close)
        thread.finish()
    }
}

/// What a mesh is made from.
struct MeshPlan: Sendable {
    /// Nodes of other clusters are refused.
    let cluster: String
    let key: SymmetricKey
    let own: MeshNode
    /// This node's memory, which every connected node maps.
    let region: Descriptor
    /// Called on the mesh's own thread, one event at a time, until ``Mesh/close()``.
    let handler: Mesh.Handler
    /// Hears of those who are turned away.
    let logger: Logger
    /// How nodes of other hosts are reached; nil if all are on this one.
    var network: MeshNetwork?
    /// How long a connection may say nothing before it has greeted; tests shorten it.
    var silenceNanoseconds = ControlLimit.silenceNanoseconds
    /// Tests refuse to.
    var map = MeshPlan.map

    static let map: @Sendable (_ region: Descriptor, _ size: Int) throws -> any PeerMemory = {
        try SharedMemoryMirror(descriptor: $0.number, size: $1)
    }

    /// True if a node and this one share memory.
    func sharesMemory(with node: MeshNode) -> Bool {
        guard let network else { return true }
        return network.sharesMemory && own.traits.host.isShared(with: node.traits.host)
    }

    /// Where a node of this host is called, as the handshake names it.
    func place(of node: UInt64) -> String { LocalSocket.address(of: cluster, node: node) }

    /// Where a node of another host is called, and for which channel of the fabric, if for one.
    func placeAbroad(of node: UInt64, for channel: FabricChannel? = nil) -> String {
        let place = "tcp/\(cluster)/\(String(node, radix: 16))"
        return channel.map { "\(place)/\($0)" } ?? place
    }
}

/// What a mesh between hosts needs.
struct MeshNetwork: Sendable {
    let endpoint: StreamEndpoint
    /// This node's memory, whose threads are woken by what arrives.
    let region: SharedMemoryRegion
    /// True if nodes of one host share memory all the same.
    let sharesMemory: Bool
    let rdma: RDMAUse
}

/// What the rest of the process wants of the mesh's thread.
final class MeshOrders: Sendable {
    enum Order: Sendable {
        case connect(MeshNode)
        case connectAgain(MeshNode)
        case renew(MeshNode)
        case send(MeshMessage, Descriptor?, to: UInt64)
        case disconnect(UInt64)
        case close
    }

    private let orders = Mutex<[Order]>([])
    let wake: PollWake

    init(wake: PollWake) { self.wake = wake }

    func give(_ order: Order) {
        orders.withLock { $0.append(order) }
        wake.wake()
    }

    func take() -> [Order] {
        wake.clear()
        return orders.withLock { orders in
            defer { orders = [] }
            return orders
        }
    }
}

import Crypto
import LockstepFabric
import Logging
import Synchronization

/// A node's connections to the others of its cluster on this host: they exchange their memory when they meet, and
/// then small messages, apart from the memory through which groups speak.
///
/// Each node listens at an address that its cluster and its incarnation give; only processes of its own user that know
/// the cluster's key may connect. One thread sleeps until somebody says something; nobody can hold it up.
package final class Mesh: Sendable {
    package typealias Handler = @Sendable (MeshEvent) -> Void

    /// This node, as the others know it.
    package let own: MeshNode
    private let orders: MeshOrders
    private let thread: BlockingThread

    /// Listens for the others.
    init(_ plan: MeshPlan) throws(RendezvousError) {
        own = plan.own
        let address = LocalSocket.address(of: plan.cluster, node: own.id)
        guard let listener = try LocalListener(at: address) else {
            throw .rejected("Another node has the incarnation \(own.id): draw a new one for every start.")
        }
        let orders = MeshOrders(wake: try PollWake())
        self.orders = orders
        thread = try .make(name: "lockstep-mesh") { MeshLoop(plan, listener, orders).run() }
    }

    deinit { close() }

    /// Connects to a node, unless it is connected: ``MeshEvent/connected(_:_:)`` or
    /// ``MeshEvent/failed(_:_:)`` follows. Both may do so at once: one connection stays.
    package func connect(to node: MeshNode) { orders.give(.connect(node)) }

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
    /// How long a connection may say nothing before it has greeted; tests shorten it.
    var silenceNanoseconds = ControlLimit.silenceNanoseconds
    /// Tests refuse to.
    var map = MeshPlan.map

    static let map: @Sendable (_ region: Descriptor, _ size: Int) throws -> any PeerMemory = {
        try SharedMemoryMirror(descriptor: $0.number, size: $1)
    }
}

/// What the rest of the process wants of the mesh's thread.
final class MeshOrders: Sendable {
    enum Order: Sendable {
        case connect(MeshNode)
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

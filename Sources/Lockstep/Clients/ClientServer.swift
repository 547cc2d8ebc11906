import CLockstep
import Crypto
import Glibc
import Logging
import Synchronization

/// Lets clients call groups through this node: on this host at an address of its own, and from other hosts at the node's port.
///
/// One thread speaks with all of them. It waits for none: what they ask for is done by tasks, what comes back is sent as far
/// as they read it, and who says nothing, too much or nonsense is left.
final class ClientServer: Sendable {
    private let orders: ClientServerOrders
    private let thread: BlockingThread
    private let watching: Task<Void, Never>

    /// Serves until ``stop()``, and tells clients of the views.
    init(
        _ configuration: NodeConfiguration, _ registry: GroupRegistry, _ views: AsyncStream<View>,
        comingIn streams: StreamQueue?, logger: Logger
    ) throws {
        var listeners: [ClientDoor] = []
        if configuration.fabric.sharesMemory {
            let address = ClientAddress(cluster: configuration.cluster, node: configuration.name).text
            let listener = LocalListener(try Descriptor(lockstep_listen(address, address.utf8.count), of: "listen"))
            listeners.append(ClientDoor(listener: listener, address: address))
        }
        if let streams {
            listeners.append(ClientDoor(listener: streams, address: nil))
            streams.setOpen(true)
        }
        let key = try configuration.key.load()
        let orders = ClientServerOrders(wake: try PollWake())
        self.orders = orders
        let ready = Mutex<ReadySet?>(try ReadySet())
        thread = try .make(name: "lockstep-client") { [listeners] in
            guard let ready = ready.withLock({ $0.take() }) else { return }
            ClientServerLoop(
                ClientDesk(node: configuration.name, registry: registry), cluster: configuration.cluster, key,
                listeners, orders, ready, logger
            ).run()
        }
        watching = Task {
            for await _ in views { orders.give(.view) }
        }
    }

    /// Ends every connection, and returns when the address is free.
    func stop() {
        watching.cancel()
        orders.give(.stop)
        thread.finish()
    }
}

/// Where clients come in.
struct ClientDoor {
    var listener: any ControlListener
    /// On this host.
    let address: String?
}

/// What the rest of the process tells the thread that serves clients.
final class ClientServerOrders: Sendable {
    enum Order: Sendable {
        /// What a request of a client came to.
        case reply(to: UInt64, ClientMessage)
        /// There may be news for a client that watches a group by a session.
        case news(SessionKey, for: UInt64, PendingReply)
        case view
        case stop
    }

    let wake: PollWake
    private let orders = Mutex<[Order]>([])

    init(wake: PollWake) { self.wake = wake }

    func give(_ order: Order) {
        orders.withLock { $0.append(order) }
        wake.wake()
    }

    /// Takes them all.
    func take() -> [Order] {
        wake.clear()
        return orders.withLock { orders in
            defer { orders = [] }
            return orders
        }
    }
}

/// A client, as the member that it is connected with knows it.
final class ClientGuest {
    let number: UInt64
    let connection: ClientConnection
    /// When it must have said who it is.
    let silentUntil: Int64
    var isKnown = false
    var unanswered = 0
    /// What it asks of a group is begun one after the other.
    var ways: [GroupID: AsyncStream<Job>.Continuation] = [:]
    /// It may have several sessions with one group.
    var watches: [SessionKey: ClientWatch] = [:]

    typealias Job = (number: UInt64, request: ClientRequest)

    init(_ number: UInt64, _ connection: ClientConnection, silentUntil: Int64) {
        (self.number, self.connection, self.silentUntil) = (number, connection, silentUntil)
    }

    /// When it is left, if nothing is heard of it.
    var deadline: Int64 { isKnown ? connection.heardAt + ClientLimit.silenceNanoseconds : silentUntil }

    func close() {
        connection.close()
        ways.values.forEach { $0.finish() }
    }
}

import CLockstep
import Glibc
import LockstepFabric

/// The thread of a mesh: a loop that sleeps in poll until somebody says or wants something.
final class MeshLoop {
    let plan: MeshPlan
    private let orders: MeshOrders
    private var listener: LocalListener
    private var isClosed = false
    private(set) var connections: [MeshConnection] = []
    /// Nodes to call again in a moment.
    private var recalls: [MeshNode] = []
    private var door: DoorLog

    init(_ plan: MeshPlan, _ listener: LocalListener, _ orders: MeshOrders) {
        self.plan = plan
        self.listener = listener
        self.orders = orders
        door = DoorLog(plan.logger)
    }

    func run() {
        while !isClosed { turn() }
        for connection in connections where connection.node != nil { _ = connection.send(.goodbye) }
        orders.wake.close()
    }

    private func turn() {
        let watched = connections
        var polled = [pollfd(reading: orders.wake.reader), listener.polled] + watched.map(\.polled)
        pollDescriptors(&polled, until: nextDeadline())
        // Connections before new ones: a node that comes back must not find its former connection.
        for (connection, poll) in zip(watched, polled.dropFirst(2)) where poll.revents != 0 {
            if poll.revents & Int16(POLLOUT) != 0, !connection.flush() { close(connection) }
            if poll.revents != Int16(POLLOUT) { receive(from: connection) }
        }
        if polled[1].revents != 0 { listener.acceptAll().forEach(admit) }
        for order in orders.take() { follow(order) }
        expire()
    }

    private func follow(_ order: MeshOrders.Order) {
        // Whoever was told to close hears and does nothing more.
        guard !isClosed else { return }
        switch order {
        case .connect(let node):
            call(node)
        case .send(let message, let descriptor, let id):
            guard let connection = connections.first(where: { $0.node?.id == id }) else { return }
            send(message, with: descriptor, on: connection)
        case .disconnect(let id):
            recalls.removeAll { $0.id == id }
            for connection in connections where connection.id == id {
                if connection.node != nil { _ = connection.send(.goodbye) }
                drop(connection)
            }
        case .close:
            isClosed = true
        }
    }

    private func nextDeadline() -> Int64? {
        var deadlines = connections.compactMap(\.deadline)
        if let rest = listener.restsUntil { deadlines.append(rest) }
        if !recalls.isEmpty { deadlines.append(lockstep_monotonic_ns() + ControlLimit.retryNanoseconds) }
        return deadlines.min()
    }

    private func expire() {
        let now = lockstep_monotonic_ns()
        listener.rested(by: now)
        for connection in connections where connection.deadline.map({ $0 <= now }) == true {
            let isSilent = connection.node == nil && connection.silentUntil <= now
            if isSilent || !connection.flush() { close(connection) }
        }
        let again = recalls
        recalls = []
        again.forEach(call)
    }
}

// MARK: - Coming

extension MeshLoop {
    private func call(_ node: MeshNode) {
        guard node.id != plan.own.id, !connections.contains(where: { $0.id == node.id }) else { return }
        switch LocalSocket.connect(to: LocalSocket.address(of: plan.cluster, node: node.id)) {
        case .failure(let failure) where [EAGAIN, EMFILE, ENFILE].contains(failure.errno):
            recalls.append(node)
        case .failure:
            tell(.failed(node, .unreachable))
        case .success(let socket):
            guard let peer = try? socket.peer(), peer.user == getuid() else {
                return tell(.failed(node, .refused("The address of node \"\(node.name)\" is another user's.")))
            }
            let connection = add(socket, peer.process, called: node)
            send(.handshake(connection.handshake.greeting), on: connection)
        }
    }

    private func admit(_ socket: LocalSocket) {
        guard let peer = try? socket.peer() else { return }
        let connection = add(socket, peer.process, called: nil)
        if peer.user != getuid() {
            reject(connection, "The nodes of a cluster belong to one user: run this process as user \(getuid()).")
        } else if connections.count > ControlLimit.connectionsMax {
            // Who only holds the door open makes room.
            let stranger = connections.first { $0.called == nil && !$0.handshake.isProven } ?? connection
            reject(stranger, "This node has too many connections: end the processes that are too many.")
        }
    }

    private func add(_ socket: LocalSocket, _ process: Int32, called: MeshNode?) -> MeshConnection {
        let address = LocalSocket.address(of: plan.cluster, node: (called ?? plan.own).id)
        let connection = MeshConnection(
            socket: socket, process: process, called: called,
            handshake: Handshake(as: called == nil ? .called : .caller, at: address, key: plan.key),
            silentUntil: lockstep_monotonic_ns() + plan.silenceNanoseconds)
        connections.append(connection)
        return connection
    }

    func greet(_ connection: MeshConnection) {
        send(.hello(cluster: plan.cluster, plan.own), with: plan.region, on: connection)
    }

    func recall(_ node: MeshNode) { recalls.append(node) }
}

// MARK: - Speaking and going

extension MeshLoop {
    func tell(_ event: MeshEvent) {
        if !isClosed { plan.handler(event) }
    }

    func send(_ message: MeshMessage, with descriptor: Descriptor? = nil, on connection: MeshConnection) {
        if !connection.send(message, with: descriptor) { close(connection) }
    }

    func reject(_ connection: MeshConnection, _ sentence: String) {
        door.note(process: connection.process, told: sentence)
        _ = connection.send(.reject(.refused, sentence: sentence))
        close(connection)
    }

    /// Lets go of a connection without a word to this node.
    func drop(_ connection: MeshConnection) {
        connection.close()
        connections.removeAll { $0 === connection }
    }

    /// Lets go of a connection that has ended or is broken.
    func close(_ connection: MeshConnection) {
        guard connection.socket != nil else { return }
        drop(connection)
        if let node = connection.node {
            tell(.disconnected(node.id, connection.reason))
        } else if let called = connection.called {
            tell(.failed(called, .unreachable))
        }
    }
}

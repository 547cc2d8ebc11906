import CLockstep
import Glibc
import LockstepFabric

/// The thread of a mesh: a loop that sleeps in poll until somebody says or wants something.
final class MeshLoop {
    let plan: MeshPlan
    private let orders: MeshOrders
    /// Where nodes of this host call, if any does.
    private var listener: LocalListener?
    private var isClosed = false
    private(set) var connections: [MeshConnection] = []
    /// Connections that are about to be the fabric's.
    var branches: [MeshBranch] = []
    /// Nodes to call again, and when.
    private var recalls: [(node: MeshNode, due: Int64)] = []
    private var door: DoorLog

    init(_ plan: MeshPlan, _ listener: LocalListener?, _ orders: MeshOrders) {
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
        let (watched, watchedBranches) = (connections, branches)
        let nobody = pollfd(reading: -1)
        let doors = [listener?.polled ?? nobody, plan.network?.endpoint.nodes.polled ?? nobody]
        var polled = [pollfd(reading: orders.wake.reader)] + doors
        polled += watched.map(\.polled) + watchedBranches.map(\.polled)
        pollDescriptors(&polled, until: nextDeadline())
        // Connections before new ones: a node that comes back must not find its former connection.
        let news = polled.dropFirst(1 + doors.count)
        for (connection, poll) in zip(watched, news) where poll.revents != 0 {
            // Between hosts something to read may be room to send.
            if !connection.flush() { close(connection) }
            if poll.revents != Int16(POLLOUT) { receive(from: connection) }
        }
        for (branch, poll) in zip(watchedBranches, news.dropFirst(watched.count)) where poll.revents != 0 {
            receive(from: branch)
        }
        if polled[1].revents != 0 { listener?.acceptAll().forEach(admit) }
        if polled[2].revents != 0 { admitFromAbroad() }
        for order in orders.take() { follow(order) }
        lookAtProbes()
        expire()
    }

    private func follow(_ order: MeshOrders.Order) {
        // Whoever was told to close hears and does nothing more.
        guard !isClosed else { return }
        switch order {
        case .connect(let node):
            call(node)
        case .connectAgain(let node):
            recall(node, after: ControlLimit.retryNanosecondsMax)
        case .renew(let node):
            let lost = connections.filter { $0.id == node.id && $0.isWhole && $0.memory?.isOpen == false }
            for connection in lost { close(connection) }
            call(node)
        case .send(let message, let descriptor, let id):
            // Before both sides know each other's memory, messages are not expected.
            guard let connection = connections.first(where: { $0.node?.id == id && $0.isWhole }) else { return }
            send(message, with: descriptor, on: connection)
        case .disconnect(let id):
            recalls.removeAll { $0.node.id == id }
            for connection in connections where connection.id == id {
                if connection.node != nil { _ = connection.send(.goodbye) }
                drop(connection)
            }
        case .close:
            isClosed = true
        }
    }

    private func nextDeadline() -> Int64? {
        var deadlines = connections.compactMap(\.deadline) + branches.map(\.silentUntil) + recalls.map(\.due)
        if let rest = listener?.restsUntil { deadlines.append(rest) }
        if connections.contains(where: { $0.probedUntil != nil }) {
            deadlines.append(lockstep_monotonic_ns() + ControlLimit.probeNanoseconds)
        }
        return deadlines.min()
    }

    private func expire() {
        let now = lockstep_monotonic_ns()
        listener?.rested(by: now)
        for connection in connections where connection.deadline.map({ $0 <= now }) == true {
            let isSilent = !connection.isWhole && connection.silentUntil <= now
            if isSilent || !connection.flush() { close(connection) }
        }
        for branch in branches where branch.silentUntil <= now { drop(branch) }
        let due = recalls.filter { $0.due <= now }
        recalls.removeAll { $0.due <= now }
        for recall in due { call(recall.node) }
    }
}

// MARK: - Coming

extension MeshLoop {
    private func call(_ node: MeshNode) {
        guard node.id != plan.own.id, !connections.contains(where: { $0.id == node.id }) else { return }
        guard plan.sharesMemory(with: node) else { return callAbroad(node) }
        switch LocalSocket.connect(to: plan.place(of: node.id)) {
        case .failure(let failure) where [EAGAIN, EMFILE, ENFILE].contains(failure.errno):
            recall(node)
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

    private func admitFromAbroad() {
        for stream in plan.network?.endpoint.nodes.takeAll() ?? [] {
            if let channel = stream.purpose.channel { admit(stream.socket, for: channel) } else { admit(stream.socket) }
        }
    }

    private func admit(_ socket: any ControlSocket) {
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

    func add(_ socket: any ControlSocket, _ process: Int32, called: MeshNode?) -> MeshConnection {
        let id = (called ?? plan.own).id
        let address = socket.isOnOneHost ? plan.place(of: id) : plan.placeAbroad(of: id)
        let connection = MeshConnection(
            socket: socket, process: process, called: called,
            handshake: Handshake(as: called == nil ? .called : .caller, at: address, key: plan.key),
            silentUntil: lockstep_monotonic_ns() + plan.silenceNanoseconds)
        connections.append(connection)
        return connection
    }

    func greet(_ connection: MeshConnection) {
        let region = connection.socket?.isOnOneHost == true ? plan.region : nil
        send(.hello(cluster: plan.cluster, plan.own), with: region, on: connection)
    }

    func recall(_ node: MeshNode, after pause: Int64 = ControlLimit.retryNanoseconds) {
        recalls.append((node, due: lockstep_monotonic_ns() + pause))
    }
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
        guard let socket = connection.socket else { return }
        drop(connection)
        if let node = connection.node, connection.isWhole {
            tell(.disconnected(node.id, connection.ending))
        } else if let called = connection.called {
            tell(.failed(called, socket.flaw.map { .refused($0) } ?? .unreachable))
        }
    }
}

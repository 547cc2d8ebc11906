import CLockstep
import Glibc
import LockstepFabric
import Logging

/// Nodes of other hosts.
extension MeshLoop {
    func callAbroad(_ node: MeshNode) {
        guard let network = plan.network, let address = node.address else {
            return tell(.failed(node, .refused("The node \"\(node.name)\" does not listen for other hosts.")))
        }
        do {
            let socket = try network.endpoint.call(address, for: .mesh, node: node.name)
            let connection = add(socket, 0, called: node)
            send(.handshake(connection.handshake.greeting), on: connection)
        } catch {
            // No descriptors are free.
            recall(node)
        }
    }

    // MARK: - Coming

    func callBranches(of connection: MeshConnection, _ node: MeshNode) {
        guard let network = plan.network, let address = node.address else { return }
        do {
            let memory = try TCPMemory(
                size: node.regionSize, isCalled: false, pollers: (node.traits.pollers, plan.own.traits.pollers))
            connection.memory = memory
            for channel in memory.channels(from: network.region) {
                let socket = try network.endpoint.call(address, for: StreamPurpose(channel), node: node.name)
                let branch = add(socket, for: channel, called: connection, node)
                branch.send(.handshake(branch.handshake.greeting))
            }
        } catch {
            giveUp(connection, to: node, because: error)
        }
    }

    func admit(_ socket: StreamSocket, for channel: FabricChannel) {
        guard branches.count < ControlLimit.connectionsMax else { return }
        _ = add(socket, for: channel, called: nil, plan.own)
    }

    private func add(
        _ socket: StreamSocket, for channel: FabricChannel, called: MeshConnection?, _ node: MeshNode
    ) -> MeshBranch {
        let handshake = Handshake(
            as: called == nil ? .called : .caller, at: plan.placeAbroad(of: node.id, for: channel), key: plan.key)
        let branch = MeshBranch(
            socket, channel, called: called, handshake, silentUntil: lockstep_monotonic_ns() + plan.silenceNanoseconds)
        branches.append(branch)
        return branch
    }

    func drop(_ branch: MeshBranch) {
        branches.removeAll { $0 === branch }
        // Without it the two nodes cannot be connected.
        if let called = branch.called, !called.isWhole { close(called) }
    }

    // MARK: - Speaking

    func receive(from branch: MeshBranch) {
        switch branch.socket.receive() {
        case .nothing: break
        case .closed, .tooLong: drop(branch)
        case .message(let bytes, _):
            do throws(ControlFlaw) {
                try follow(MeshMessage(decoding: bytes), on: branch)
            } catch {
                drop(branch)
            }
        }
    }

    private func follow(_ message: MeshMessage, on branch: MeshBranch) throws(ControlFlaw) {
        switch message {
        case .handshake(let step):
            if let reply = try branch.handshake.take(step) { branch.send(.handshake(reply)) }
            if branch.called != nil { branch.send(.branch(of: plan.own.id)) }
        case .branch(let node) where branch.handshake.isProven && branch.called == nil:
            let caller = connections.first { $0.node?.id == node && $0.called == nil }
            guard let caller, branch.socket.mayBe(caller.node?.name ?? "") else {
                throw .malformed("it is of a node that is not connected")
            }
            try prepare(caller)
            attach(branch, to: caller, answering: .attached)
        case .attached where branch.handshake.isProven:
            guard let called = branch.called, let node = called.node else { throw .malformed("nobody has called") }
            attach(branch, to: called)
            guard hasAllChannels(called) else { return }
            send(.whole, on: called)
            announce(node, called)
        default:
            throw .malformed("it does not come at this time")
        }
    }

    /// The caller has chosen TCP.
    private func prepare(_ caller: MeshConnection) throws(ControlFlaw) {
        guard let node = caller.node, let rdma = plan.network?.rdma, !caller.isWhole, !(caller.memory is TCPMemory)
        else {
            return
        }
        guard !rdma.isRequired else { throw .malformed("it calls over TCP a node that must not use it") }
        if caller.reason.isEmpty {
            caller.reason = rdma.obstacle(to: node) ?? "the node \"\(node.name)\" has chosen it"
        }
        do {
            caller.memory = try TCPMemory(
                size: node.regionSize, isCalled: true, pollers: (node.traits.pollers, plan.own.traits.pollers))
        } catch {
            giveUp(caller, to: node, because: error)
        }
    }

    /// Makes a connection the fabric's.
    private func attach(_ branch: MeshBranch, to connection: MeshConnection, answering answer: MeshMessage? = nil) {
        branches.removeAll { $0 === branch }
        guard let memory = connection.memory as? TCPMemory, let network = plan.network,
            memory.channels(from: network.region).contains(branch.channel),
            connection.channels.insert(branch.channel).inserted
        else { return }
        let channel = branch.channel
        branch.socket.hand(
            to: { socket in
                do {
                    try memory.begin(
                        channel, on: socket, of: network.region, isPlain: network.endpoint.isPlaintext)
                } catch {
                    memory.close()
                }
            }, sending: answer?.encoded())
    }

    func hasAllChannels(_ connection: MeshConnection) -> Bool {
        guard let network = plan.network, let memory = connection.memory else { return false }
        return memory is any AgreedMemory || connection.channels.count == memory.channels(from: network.region).count
    }

    /// The memory of a node is here.
    func announce(_ node: MeshNode, _ connection: MeshConnection) {
        guard let memory = connection.memory else { return }
        connection.isWhole = true
        if memory is any AgreedMemory { connection.reason = plan.network?.rdma.device?.choice.reason ?? "" }
        plan.logger.info(
            "connected",
            metadata: [
                "node": "\(node.name)", "over": "\(NodeStatus.Link(memory).rawValue)",
                "because": "\(connection.reason)",
            ])
        tell(.connected(node, memory, because: connection.reason))
    }
}

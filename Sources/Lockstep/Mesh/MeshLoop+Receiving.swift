import Glibc
import LockstepFabric

extension MeshLoop {
    func receive(from connection: MeshConnection) {
        switch connection.socket?.receive() {
        case .nothing, nil: break
        case .closed: close(connection)
        case .tooLong: reject(connection, malformed("it is too long"))
        case .message(let bytes, let descriptors):
            do throws(ControlFlaw) {
                guard descriptors.count <= 1 else {
                    throw .malformed("it came with \(descriptors.count) descriptors")
                }
                try follow(MeshMessage(decoding: bytes), descriptors.first, from: connection)
            } catch {
                object(to: error, of: connection)
            }
        }
    }

    private func follow(
        _ message: MeshMessage, _ descriptor: Descriptor?, from connection: MeshConnection
    ) throws(ControlFlaw) {
        switch (message, connection.node) {
        case (.handshake(let step), nil):
            try prove(step, over: connection)
        case (.reject(let objection, let sentence), nil):
            refused(connection, objection, sentence)
        case _ where !connection.handshake.isProven:
            throw .malformed("a handshake has to come first")
        case (.hello(let cluster, let node), nil):
            try meet(node, of: cluster, descriptor, over: connection)
        case (.whole, let node?) where !connection.isWhole && connection.called == nil && hasAllChannels(connection):
            announce(node, connection)
        case (.rdma(let offer), let node?) where !connection.isWhole:
            try take(offer, of: node, over: connection)
        case (.noRDMA(let sentence), _?) where !connection.isWhole && !(connection.memory is TCPMemory):
            avoidRDMA(sentence, telling: nil, on: connection)
        case (.reject(_, let sentence), let node?) where !connection.isWhole:
            drop(connection)
            tell(.failed(node, .refused(sentence)))
        case (.post(let kind, let bytes), let node?) where connection.isWhole:
            tell(.message(from: node.id, kind: kind, bytes, descriptor))
        case (.goodbye, _?):
            connection.ending = .left
            close(connection)
        default:
            throw .malformed("it does not come at this time")
        }
    }

    private func object(to flaw: ControlFlaw, of connection: MeshConnection) {
        switch flaw {
        case .malformed(let flaw):
            reject(connection, malformed(flaw))
        case .otherVersion(let theirs):
            reject(
                connection,
                "This node speaks version \(ControlLimit.wireVersion) of the mesh and the other version "
                    + "\(theirs): run the same version of Lockstep on all nodes."
            )
        case .otherKey:
            guard let called = connection.called else {
                return reject(connection, RendezvousError.otherKey(in: plan.cluster, than: getpid()))
            }
            send(.handshake(.disagreement), on: connection)
            drop(connection)
            let sentence = RendezvousError.otherKey(in: plan.cluster, than: connection.process)
            tell(.failed(called, .refused(sentence)))
        }
    }

    /// Who has called says who it is as soon as both have proved that they know the key.
    private func prove(_ step: HandshakeMessage, over connection: MeshConnection) throws(ControlFlaw) {
        if let reply = try connection.handshake.take(step) { send(.handshake(reply), on: connection) }
        if connection.called != nil { greet(connection) }
    }

    private func refused(_ connection: MeshConnection, _ objection: MeshObjection, _ sentence: String) {
        drop(connection)
        guard let called = connection.called else { return }
        switch objection {
        case .refused: tell(.failed(called, .refused(sentence)))
        // The other's call is on its way. If it fails after all, this node's next one will not cross it.
        case .crossed: recall(called)
        }
    }

    // MARK: - Meeting

    private func meet(
        _ hello: MeshNode, of cluster: String, _ region: Descriptor?, over connection: MeshConnection
    ) throws(ControlFlaw) {
        guard (region != nil) == connection.socket?.isOnOneHost else {
            throw .malformed("its hello came without memory")
        }
        guard cluster == plan.cluster else {
            return reject(connection, "This node belongs to cluster \"\(plan.cluster)\", not to \"\(cluster)\".")
        }
        guard connection.socket?.mayBe(hello.name) == true else {
            return reject(
                connection, "This process says that it is \"\(hello.name)\", and its certificate says another.")
        }
        guard connection.called.map({ $0.id == hello.id }) ?? (hello.id != plan.own.id) else {
            throw .malformed("it is another node's identity")
        }
        // What the kernel says of the process counts, and not what the process says of itself.
        let node = MeshNode(
            name: hello.name, incarnation: hello.id,
            process: connection.process > 0 ? connection.process : hello.process,
            regionSize: hello.regionSize, traits: hello.traits, address: hello.address)
        guard isWanted(connection, from: node) else { return }
        do {
            let mirror = try region.map { try plan.map($0, node.regionSize) }
            if mirror == nil { try checkReach(of: node) }
            if connection.called == nil { greet(connection) }
            guard connection.socket != nil else { return }
            connection.node = node
            if let mirror {
                connection.isWhole = true
                tell(.connected(node, mirror, because: "they are on one host"))
            } else if connection.called != nil {
                chooseFabric(for: connection, to: node)
            }
        } catch {
            giveUp(connection, to: node, because: error)
        }
    }

    /// Lets go of a node whose memory cannot be had.
    func giveUp(_ connection: MeshConnection, to node: MeshNode, because error: any Error) {
        let sentence = "Node \"\(plan.own.name)\" cannot map this node's memory: \(error)"
        _ = connection.send(.reject(.refused, sentence: sentence))
        drop(connection)
        tell(.failed(node, .unmappable(error)))
    }

    /// Of two nodes that call each other at once, the one with the lesser identity goes through: both see it so.
    private func isWanted(_ connection: MeshConnection, from node: MeshNode) -> Bool {
        guard let other = connections.first(where: { $0 !== connection && $0.id == node.id }) else { return true }
        if other.node == nil, node.id < plan.own.id {
            drop(other)
            return true
        }
        _ = connection.send(.reject(.crossed, sentence: "These nodes are connected or about to be."))
        drop(connection)
        return false
    }

    private func malformed(_ flaw: String) -> String {
        "Node \"\(plan.own.name)\" cannot read a message of this process: \(flaw). "
            + "Only nodes of the same version of Lockstep may connect to it."
    }
}

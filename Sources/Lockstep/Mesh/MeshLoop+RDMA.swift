import CLockstep
import LockstepFabric
import Logging

/// How two nodes of different hosts agree on what moves their bytes. When they have greeted, both know whether RDMA should lead
/// from one to the other. If so, the caller makes its queue pairs and says how they are reached; the other connects with them,
/// and answers with its own. Then the caller connects too, and sends something over each, to see whether it arrives. If
/// anything fails, they use TCP instead, unless one of them must not.
extension MeshLoop {
    /// How long a probe may take.
    private static let probeNanosecondsMax: Int64 = 1_000_000_000

    /// Called when a node that this one has called has greeted.
    func chooseFabric(for connection: MeshConnection, to node: MeshNode) {
        guard let rdma = plan.network?.rdma else { return }
        if let obstacle = rdma.obstacle(to: node) {
            connection.reason = obstacle
            return callBranches(of: connection, node)
        }
        do throws(FabricError) {
            let memory = try makeMemory(of: node)
            connection.memory = memory
            connection.silentUntil = lockstep_monotonic_ns() + plan.silenceNanoseconds
            send(.rdma(memory.offer), on: connection)
        } catch {
            avoidRDMA(error.description, telling: node, on: connection)
        }
    }

    /// Throws if nothing leads to a node that may be used.
    func checkReach(of node: MeshNode) throws(FabricError) {
        guard let rdma = plan.network?.rdma, rdma.isRequired, let obstacle = rdma.obstacle(to: node) else { return }
        throw FabricError(
            "The fabric `.verbs` is asked for by name, and \(obstacle). Give all nodes the same fabric, and a device for it."
        )
    }

    private func makeMemory(of node: MeshNode) throws(FabricError) -> any AgreedMemory {
        guard let device = plan.network?.rdma.device else { throw RDMAUse.isNotBuilt }
        return try device.memory(size: node.regionSize, pollers: node.traits.pollers)
    }

    /// The other side has made its queue pairs.
    func take(_ offer: [UInt8], of node: MeshNode, over connection: MeshConnection) throws(ControlFlaw) {
        guard plan.network?.rdma.device != nil, connection.probedUntil == nil else {
            throw .malformed("it offers RDMA to a node that has asked for none")
        }
        if connection.called == nil, connection.memory != nil { throw .malformed("it offers RDMA twice") }
        // Memory that is registered takes its time, on both sides.
        connection.silentUntil = lockstep_monotonic_ns() + plan.silenceNanoseconds
        do throws(FabricError) {
            if connection.called == nil {
                let memory = try makeMemory(of: node)
                try memory.connect(to: offer)
                connection.memory = memory
                send(.rdma(memory.offer), on: connection)
            } else if let memory = connection.memory as? any AgreedMemory {
                try memory.connect(to: offer)
                try memory.probe()
                connection.probedUntil = lockstep_monotonic_ns() + Self.probeNanosecondsMax
            }
        } catch {
            avoidRDMA(error.description, telling: node, on: connection)
        }
    }

    /// Looks whether what was sent has arrived.
    func lookAtProbes() {
        for connection in connections {
            guard let deadline = connection.probedUntil, let node = connection.node,
                let memory = connection.memory as? any AgreedMemory
            else { continue }
            do throws(FabricError) {
                if try memory.isProbed() {
                    connection.probedUntil = nil
                    send(.whole, on: connection)
                    announce(node, connection)
                } else if deadline <= lockstep_monotonic_ns() {
                    throw FabricError(
                        """
                        Nothing that was sent over RDMA has arrived for a second. Check that both hosts reach each other over \
                        their RDMA addresses.
                        """)
                }
            } catch {
                avoidRDMA(error.description, telling: node, on: connection)
            }
        }
    }

    /// RDMA does not lead to a node after all, as this node has found out, or the other (`telling` nobody).
    func avoidRDMA(_ sentence: String, telling node: MeshNode?, on connection: MeshConnection) {
        guard let other = connection.node else { return }
        connection.memory?.close()
        connection.memory = nil
        connection.probedUntil = nil
        connection.reason = sentence
        guard plan.network?.rdma.isRequired != true else {
            return giveUp(connection, to: other, because: FabricError(sentence))
        }
        plan.logger.warning("RDMA is not used", metadata: ["node": "\(other.name)", "because": "\(sentence)"])
        connection.silentUntil = lockstep_monotonic_ns() + plan.silenceNanoseconds
        if node != nil { send(.noRDMA(sentence: sentence), on: connection) }
        if connection.called != nil { callBranches(of: connection, other) }
    }
}

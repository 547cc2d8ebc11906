import CLockstep
import LockstepFabric

/// A node's way into its cluster, and, once it is a member, its part in keeping the cluster's address.
///
/// The nodes of one host find each other at an abstract address that the cluster's name gives. Whoever finds it free
/// listens there, as the **registrar**, for all of them. When the expected number has come it proposes the first view:
/// each node connects its ``Mesh`` to all others, says that it is ready, and when all are, the registrar installs the
/// view. Whoever comes later is told the members, connects to all of them, and is a **candidate**.
///
/// **There are never two first views under one name while a member of the one lives.** To propose a view is to hand
/// over the listening socket itself: a node holds a copy of it from before it says that it is ready until it
/// leaves, dies, or finds that the proposal came to nothing. The kernel keeps the address taken as long as anybody
/// holds a copy. So:
///
/// - Nobody can listen there anew, and gather another first view, while a member lives. The address needs no
///   successor when the registrar dies, nothing is polled, and no stranger can take it.
/// - Every member answers there. If one that is stopped holds an unanswered connection, the newcomer's deadline ends its
///   wait.
/// - A candidate holds a copy too, until it is a member or gives up, and does not answer. The members that it has met may
///   all go before it is let in by others; it must not be a member without the address then. Who finds that it is
///   connected with nobody any more gives up.
/// - If the registrar dies while it installs, some members may know of the view and some not. Who does not loses its
///   connection, gives its copy up and asks at the address again. If anybody has installed the view, the address is
///   still taken, by those alone, and they answer: the view is formed, with the asking node in it. It takes its place.
///   If nobody has, nobody holds a copy in the end, and all gather anew.
/// - A node never installs a proposal that it has given up: what the registrar sent is read in order, and installing
///   comes before the end of its connection or not at all.
package final class Rendezvous: Sendable {
    /// How a node came into its cluster.
    package enum Outcome: Sendable, Equatable {
        /// It is in the first view, and connected to the members who still live.
        case founded(rank: Int, members: [MeshNode])
        /// The cluster runs, in this view. This node is connected to those of the members who could be reached, at
        /// least one, and has to ask them to be admitted.
        case candidate(view: UInt64, members: [MeshNode])
    }

    package let outcome: Outcome
    package let mesh: Mesh
    private let address: ClusterAddress
    private let network: NodeNetwork?

    private init(_ outcome: Outcome, mesh: Mesh, address: ClusterAddress, network: NodeNetwork?) {
        self.outcome = outcome
        self.mesh = mesh
        self.address = address
        self.network = network
    }

    deinit {
        leave()
    }

    /// Waits until all expected nodes are here and connected, or until a running cluster is found.
    ///
    /// - Parameters:
    ///   - request: Who wants to join what.
    ///   - handler: The mesh's; what happens while the node joins is told too.
    ///   - waiting: Called with the names of who is here, when they change.
    /// - Throws: `RendezvousError`, or `CancellationError` if the task is cancelled. Nothing is left open.
    package static func join(
        _ request: RendezvousRequest, handler: @escaping Mesh.Handler,
        waiting: @escaping @Sendable ([String]) -> Void
    ) async throws -> Rendezvous {
        try request.check()
        let control = try RendezvousControl()
        let address = ClusterAddress(request)
        let mesh = try Mesh(
            request.meshPlan { event in
                handler(event)
                control.note(event)
            }
        )
        do {
            let outcome = try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { joined in
                    control.start(resuming: joined) {
                        RendezvousClient(request, control, mesh, address, waiting: waiting)
                    }
                }
            } onCancel: {
                control.cancel()
            }
            control.finish()
            return Rendezvous(outcome, mesh: mesh, address: address, network: request.network)
        } catch {
            control.finish()
            mesh.close()
            throw error
        }
    }

    /// Says who is in the cluster now: newcomers will be told. To be called at each view that this node installs; from
    /// the first on that it is in, it answers at the cluster's address.
    package func setMembers(_ members: [MeshNode], view: UInt64) throws(RendezvousError) {
        try address.answer(with: RunningCluster(view: view, members: members))
    }

    /// Says goodbye to all nodes, ends the threads and closes everything.
    package func leave() {
        mesh.close()
        address.giveUp()
        network?.endpoint.close()
    }
}

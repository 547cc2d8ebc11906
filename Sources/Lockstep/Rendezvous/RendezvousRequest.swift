import Crypto
import Glibc
import LockstepFabric
import Logging

/// What a node needs to find the others of its cluster on this host.
package struct RendezvousRequest: Sendable {
    /// 1 to 64 bytes of `[A-Za-z0-9._-]`.
    package var cluster: String
    package var name: String
    /// How many nodes the first view has.
    package var expected: Int
    /// A random number, new for each start of the process.
    package var incarnation: UInt64
    package var region: SharedMemoryRegion
    /// On the clock of `lockstep_monotonic_ns`.
    package var deadline: Int64
    /// What the nodes of the cluster prove to each other that they know.
    var key: SymmetricKey
    /// Hears of those whom this node turns away.
    var logger: Logger
    /// What the others go by when they decide on views and layouts.
    package var traits = NodeTraits()
    /// How the nodes of other hosts are reached; nil if all are on this one.
    var network: NodeNetwork?
    /// How long a connection to the registrar here may say nothing; tests shorten it.
    var silenceNanoseconds = ControlLimit.silenceNanoseconds
    /// How the mesh maps others' memory; tests refuse to.
    var map = MeshPlan.map

    init(
        cluster: String, name: String, expected: Int, incarnation: UInt64, region: SharedMemoryRegion,
        deadline: Int64, key: SymmetricKey, logger: Logger
    ) {
        self.cluster = cluster
        self.name = name
        self.expected = expected
        self.incarnation = incarnation
        self.region = region
        self.deadline = deadline
        self.key = key
        self.logger = logger
    }

    /// Where the registrar is, as the handshake names it.
    var place: String { network == nil ? LocalSocket.address(of: cluster) : "tcp/\(cluster)" }

    /// Throws what the registrar would find wrong with it, before anything is opened.
    func check() throws(RendezvousError) {
        guard (1...ControlLimit.membersMax).contains(expected) else {
            throw .rejected(
                "A cluster has 1 to \(ControlLimit.membersMax) nodes, not \(expected): expect fewer.")
        }
        guard (1...ControlLimit.nameBytesMax).contains(name.utf8.count) else {
            throw .rejected("A node's name has 1 to \(ControlLimit.nameBytesMax) bytes: choose another.")
        }
    }

    /// The mesh of this node.
    func meshPlan(_ handler: @escaping Mesh.Handler) throws(RendezvousError) -> MeshPlan {
        let own = MeshNode(
            name: name, incarnation: incarnation, process: getpid(), regionSize: region.region.size, traits: traits,
            address: network?.endpoint.address)
        let descriptor = try Descriptor(copying: region.descriptor)
        return MeshPlan(
            cluster: cluster, key: key, own: own, region: descriptor, handler: handler, logger: logger,
            network: network.map {
                MeshNetwork(endpoint: $0.endpoint, region: region, sharesMemory: $0.sharesMemory, rdma: $0.rdma)
            }, map: map)
    }
}

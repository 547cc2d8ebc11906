import LockstepFabric

/// How a node stands: what `lockstep status` prints.
public struct NodeStatus: Sendable, Hashable, Codable {
    /// The name of the cluster.
    public let cluster: String
    /// The number of the view that the node is in.
    public let view: UInt64
    /// The node's own place in ``members``.
    public let rank: Int
    /// The members of that view, in rank order.
    public let members: [Member]
    /// How the last views began, as the node saw it, the latest last.
    public let changes: [ViewChangeReport]
    /// The node's own threads, which move the messages of its groups: see ``NodeConfiguration/pollers``.
    public let pollers: [Poller]
    /// What the node has asked of its RDMA device; nil if it has opened none.
    public let rdma: RDMA?
    /// The groups that the node hosts, by name.
    public let groups: [Group]

    /// A member of the view.
    public struct Member: Sendable, Hashable, Codable {
        /// The name it joined with.
        public let name: String
        /// A number that is new each time a node of this name joins.
        public let incarnation: UInt64
        /// Its process on its host.
        public let processID: Int32
        /// What it is to the cluster.
        public let role: NodeRole
        /// What it says of itself and of where it is.
        public let labels: NodeLabels
        /// What moves the bytes between the node and this member; nil for the node itself, and for who is not connected.
        public let link: Link?
        /// Why that does, in words; nil as ``link`` is.
        public let linkReason: String?
    }

    /// What moves the bytes between two nodes.
    public enum Link: String, Sendable, Hashable, Codable {
        /// They are on one host, and each reads the other's memory.
        case sharedMemory = "shared memory"
        /// ``FabricChoice`` asks for it, or they are on different hosts and no RDMA leads from one to the other.
        case tcp = "TCP"
        /// RDMA devices, of which each writes what the other's node reads.
        case verbs = "RDMA"
    }

    /// What a node has asked of its RDMA device since it joined: the cost of its traffic, in units that do not depend on how
    /// fast the machine is.
    public struct RDMA: Sendable, Hashable, Codable {
        /// The device's name.
        public let device: String
        /// The port of it.
        public let port: Int
        /// Writes (work requests) to all peers.
        public let requests: Int
        /// Times that the device was told of writes.
        public let doorbells: Int
        /// Completions of writes that were asked for, and have come.
        public let completions: Int
        /// Writes that woke a sleeping peer.
        public let wakes: Int
        /// Writes that were too long for a request to hold, and too short to be read where they are: they were copied.
        public let staged: Int
    }

    /// A thread of the node's own.
    public struct Poller: Sendable, Hashable, Codable {
        /// What it is at.
        public let mode: Mode
        /// The NUMA node whose cores and memory it keeps to; nil if it runs where the scheduler puts it.
        public let numaNode: Int?
    }

    /// What a thread of the node's own is at.
    public enum Mode: String, Sendable, Hashable, Codable {
        /// It waits for news with a core that it has for itself.
        case spinning
        /// It shares its core with others, and sleeps when there is nothing to do.
        case sharing
        /// It has not answered: it runs one long update, or one long piece of a task.
        case busy
    }

    /// A group that the node hosts.
    public struct Group: Sendable, Hashable, Codable {
        /// The group's name.
        public let id: GroupID
        /// The actor's type and methods as this node has them.
        public let schema: ActorSchema
        /// How the group stands here, nil if its replica was too busy to say so.
        public let status: GroupStatus?
    }
}

extension NodeStatus.Link {
    init(_ memory: any PeerMemory) {
        self =
            switch memory {
            case is SharedMemoryMirror: .sharedMemory
            case is any AgreedMemory: .verbs
            default: .tcp
            }
    }
}

extension NodeStatus.RDMA {
    /// Nil if the device is not open.
    init?(_ device: RDMADevice) {
        guard let counts = device.counts else { return nil }
        let port = device.choice.port
        self.init(
            device: port.device, port: port.number, requests: counts.requests, doorbells: counts.doorbells,
            completions: counts.completions, wakes: counts.wakes, staged: counts.staged)
    }
}

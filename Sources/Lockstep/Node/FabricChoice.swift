/// What moves the bytes between the nodes of a cluster. What is asked for by name is taken, or joining fails.
public enum FabricChoice: Sendable, Hashable {
    /// Shared memory between nodes of one host. Between those of different hosts RDMA where both have a device that leads to
    /// the other, and else TCP; the log and `lockstep status` say which, and why. Nodes that have neither
    /// ``NodeConfiguration/listen`` nor ``NodeConfiguration/seeds`` are all on one host.
    ///
    /// What RDMA devices move is not encrypted, whatever protects the connections: where the network of the devices is not
    /// yours alone, choose ``tcp(_:)``. ``NodeConfiguration/regionBytes`` of memory are locked then for the node itself, and as
    /// many for each peer that is reached so.
    case auto(Security = .tls())
    /// Memory that the processes of one host share: they need no address and no port.
    case sharedMemory
    /// TCP, between nodes of any hosts, which need ``NodeConfiguration/listen`` and ``NodeConfiguration/seeds``; with TLS,
    /// unless something else is asked for by name.
    ///
    /// ```swift
    /// configuration.fabric = .tcp()
    /// ```
    case tcp(Security = .tls())
    /// RDMA (InfiniBand or RoCE v2), between nodes of any hosts, which need ``NodeConfiguration/listen`` and
    /// ``NodeConfiguration/seeds``: over connections that `Security` protects they agree on how their devices speak. What the
    /// devices move is not encrypted, so their network has to be yours alone. ``NodeConfiguration/regionBytes`` of memory are
    /// locked for the node itself, and as many for each peer.
    ///
    /// Without a device, the library for it, or enough memory that may be locked, joining fails, and the error says what to
    /// mend; `lockstep doctor` says it before. The package's trait `Verbs` is needed.
    ///
    /// ```swift
    /// configuration.fabric = .verbs()
    /// ```
    ///
    /// - Parameters:
    ///   - device: The device, such as `mlx5_0`. If nil, one is chosen: one that has the address of
    ///     ``NodeConfiguration/listen``, if there is such.
    ///   - port: The port of it, from 1; any if nil.
    case verbs(device: String? = nil, port: Int? = nil, Security = .tls())

    /// What protects connections on their way.
    public enum Security: Sendable, Hashable {
        /// TLS 1.3, in which both sides show a certificate of the cluster's own authority. `lockstep certificate` makes
        /// them.
        ///
        /// All nodes must have the same. Who shows no certificate, one of another authority, cluster or node, or one
        /// that is not valid now, is turned away: its own ``Node/join(_:logger:)`` throws
        /// ``LockstepError/Code/invalidConfiguration``, the log of the node that it has called says why, and the
        /// cluster goes on.
        ///
        /// The package's trait `TLS` is needed: in a program that was built without it, nodes of several hosts and their
        /// clients have to ask for ``plaintext`` by name.
        case tls(NodeCertificate = .ofThisHost)
        /// Nothing: nodes still have to prove that they know the cluster's key, but who can listen to the network can
        /// read what they say, and who can change it can change that too. For networks that nobody else has access to.
        case plaintext
    }
}

extension FabricChoice {
    /// What protects connections between hosts; nil if there are none.
    var security: Security? {
        switch self {
        case .auto(let security), .tcp(let security), .verbs(_, _, let security): security
        case .sharedMemory: nil
        }
    }

    /// True if nodes of one host share memory.
    var sharesMemory: Bool {
        switch self {
        case .auto, .sharedMemory: true
        case .tcp, .verbs: false
        }
    }
}

extension FabricChoice: CustomStringConvertible {
    /// What it is, in words.
    public var description: String {
        switch self {
        case .auto(let security): "shared memory on one host, RDMA where it leads or TCP \(security) between hosts"
        case .sharedMemory: "shared memory"
        case .tcp(let security): "TCP \(security)"
        case .verbs(let device, let port, let security):
            "RDMA\(device.map { " by \($0)" } ?? "")\(port.map { " port \($0)" } ?? ""), agreed on \(security)"
        }
    }
}

extension FabricChoice.Security: CustomStringConvertible {
    /// What it is, in words.
    public var description: String {
        switch self {
        case .tls: "with TLS"
        case .plaintext: "without encryption"
        }
    }
}

/// How nodes of several hosts find each other: there is no address that the kernel could keep for all of them.
///
/// A node calls the **seeds**. One that is a member of the cluster tells it the members, as the registrar does on one host.
/// The first view is gathered by the first of the seeds, and has more than half of them in it. When the first seed is
/// started it asks the others before it gathers: if one of them is a member, the cluster runs. So a second cluster could
/// begin beside it only if more than half of the seeds were started anew, and reached none of those that were not.
struct NodeNetwork: Sendable {
    let endpoint: StreamEndpoint
    let seeds: [NodeAddress]
    /// True if nodes of one host share memory all the same.
    let sharesMemory: Bool
    var rdma = RDMAUse.byName

    /// True if this node gathers the others.
    var gathers: Bool { seeds.first == endpoint.address }

    /// Whom to ask before gathering: all seeds but this node itself.
    var others: [NodeAddress] { seeds.filter { $0 != endpoint.address } }

    /// How many seeds the first view has at least.
    static func quorum(of seeds: [NodeAddress]) -> Int { seeds.count / 2 + 1 }
}

import LockstepFabric

/// What a client knows of the members, and of the ways to them.
struct ClientMap {
    /// Between two attempts to reach somebody, at first and later.
    static let pauseMin: Int64 = 50_000_000
    private static let pauseMax: Int64 = 2_000_000_000

    private let cluster: String
    private let seeds: [NodeAddress]
    private var view: UInt64 = 0
    /// All members, in rank order.
    private(set) var all: [View.Member] = []
    private var localNames: Set<String> = []
    /// When this host was last looked at for members.
    private var lookedAt = Int64.min
    /// Where members were met.
    private var met: [UInt64: ClientPlace] = [:]
    private var failures: [ClientPlace: (count: Int, until: Int64)] = [:]

    init(cluster: String, seeds: [NodeAddress]) { (self.cluster, self.seeds) = (cluster, seeds) }

    /// Those that groups may be called on.
    var members: [View.Member] { all.filter(\.role.hosts) }

    /// True if some member has told who is in the cluster.
    var isKnown: Bool { view > 0 }

    // MARK: - Members

    /// The member with which the client is connected at a place tells who is in a view; false if that is no news.
    mutating func take(_ nodes: [MeshNode], of number: UInt64, on place: ClientPlace, _ speaker: UInt64) -> Bool {
        met[speaker] = place
        guard number > view else { return false }
        view = number
        all = nodes.enumerated().map { rank, node in View.Member(node, rank: rank) }
        met = met.filter { member, _ in all.contains { $0.incarnation == member } }
        if !all.allSatisfy({ met[$0.incarnation] != nil }) { lookAround() }
        return true
    }

    /// Nobody is connected any more: the cluster may have begun anew.
    mutating func forget() { view = 0 }

    func isOnThisHost(_ member: View.Member) -> Bool {
        if case .local? = place(of: member) { true } else { false }
    }

    func place(of member: View.Member) -> ClientPlace? {
        if let place = met[member.incarnation] { return place }
        if localNames.contains(member.name) { return .local(ClientAddress(cluster: cluster, node: member.name)) }
        // Without seeds there is nothing to trust other hosts by.
        return seeds.isEmpty ? nil : member.address.map { .remote($0) }
    }

    /// Looks for members of this host, now and then: the kernel lists all sockets there are.
    private mutating func lookAround() {
        guard lookedAt < now() - Self.pauseMin else { return }
        lookedAt = now()
        localNames = Set(ClientAddress.all(in: cluster).map(\.node))
    }

    /// Wherever somebody may be.
    mutating func leads() -> [ClientPlace] {
        lookAround()
        let local = localNames.sorted().map { ClientPlace.local(ClientAddress(cluster: cluster, node: $0)) }
        let known = all.compactMap(\.address).map(ClientPlace.remote)
        let remote = seeds.isEmpty ? [] : seeds.map(ClientPlace.remote) + known
        var seen: Set<ClientPlace> = []
        return (local + remote).filter { seen.insert($0).inserted }
    }

    // MARK: - Failures

    /// True if it is too early for another attempt.
    func rests(_ place: ClientPlace) -> Bool { failures[place].map { $0.until > now() } ?? false }

    mutating func noteFailure(of place: ClientPlace) {
        let count = failures[place]?.count ?? 0
        failures[place] = (count + 1, now() + min(Self.pauseMin << min(count, 10), Self.pauseMax))
    }

    mutating func noteSuccess(of place: ClientPlace) { failures[place] = nil }
}

extension View.Member {
    /// As clients know it, who have no tables of a fabric.
    init(_ node: MeshNode, rank: Int) { self.init(node, rank: rank, peer: Peer(rank)) }
}

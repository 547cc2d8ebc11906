import LockstepProtocol

/// What all members know about the groups of a cluster: who hosts what, with which methods, where its line and ring
/// lie, and who has the state. It changes by ordered updates and at each view, so it is equal at all members.
struct CatalogueState: Codable, Sendable {
    private var groups: [String: Entry] = [:]
    /// The catalogue's own bell is 0.
    private var bellsEver = Catalogue.bell

    fileprivate struct Entry: Codable {
        /// The number that all members know the shard by.
        let bell: Int
        /// By incarnation.
        var hosts: [UInt64: Host] = [:]
        var stage = Stage.waiting
        /// Its replicas in the view before, by incarnation; none if it was not active then.
        var former: Set<UInt64> = []
    }

    fileprivate enum Stage: Codable {
        /// Some member of the view does not host the group yet.
        case waiting
        case active
        /// Every member that had the state is gone. The group does not begin anew by itself: that would be a loss that
        /// nobody sees.
        case lost
    }

    fileprivate struct Host: Codable {
        let place: ShardPlace
        let schema: ActorSchema
        var standing: Standing
    }

    /// How far a member is with a group that it hosts.
    enum Standing: Codable {
        /// It becomes a replica at the next view.
        case waiting
        /// It receives updates, and has to be given the state.
        case restoring
        case whole
    }

    // MARK: - Updates

    /// A member hosts a group. It is a replica when all members of the view host it; of a group that is active already
    /// it is one from the next view on.
    mutating func host(_ registration: Registration, on node: View.Member, in view: View) -> Registration.Outcome {
        var entry = groups[registration.group] ?? makeEntry()
        guard entry.stage != .lost else { return .stateLost }
        for other in view.members where other.incarnation != node.incarnation {
            guard let schema = entry.hosts[other.incarnation]?.schema else { continue }
            let difference = registration.schema.difference(from: schema, here: node.name, there: other.name)
            if let difference { return .differs(difference) }
        }
        guard registration.place.isValid(in: node.regionSize) else { return .misplaced }
        // A registration whose outcome its member never learnt stays: the others may have read that place already.
        let known = entry.hosts[node.incarnation]
        let place = known?.place ?? registration.place
        entry.hosts[node.incarnation] = Host(
            place: place, schema: registration.schema, standing: known?.standing ?? .waiting
        )
        entry.activateIfComplete(in: view)
        groups[registration.group] = entry
        return .accepted(at: place)
    }

    /// A member has the state of a group.
    mutating func noteRestored(_ group: String, on node: View.Member) {
        guard groups[group]?.hosts[node.incarnation]?.standing == .restoring else { return }
        groups[group]?.hosts[node.incarnation]?.standing = .whole
    }

    /// A view begins: who is not in it is forgotten, and who waits becomes a replica.
    mutating func enter(_ view: View) {
        let members = Set(view.members.map(\.incarnation))
        for group in groups.keys { groups[group]?.enter(view, members) }
    }

    private mutating func makeEntry() -> Entry {
        bellsEver += 1
        return Entry(bell: bellsEver)
    }

    // MARK: - What follows from it

    /// True if a group is active and a member waits to become a replica of it: for that a view has to begin.
    var wantsView: Bool {
        groups.values.contains { entry in
            entry.stage == .active && entry.hosts.values.contains { $0.standing == .waiting }
        }
    }

    /// True if every member that had the state of a group is gone.
    func isLost(_ group: GroupID) -> Bool { groups[group.name]?.stage == .lost }

    /// How many members have the state of an active group.
    func replicaCount(of group: GroupID) -> Int {
        guard let entry = groups[group.name], entry.stage == .active else { return 0 }
        return entry.hosts.values.count { $0.standing == .whole }
    }

    /// The members without which a group does not begin, by name.
    func missing(in group: GroupID, of view: View) -> [String] {
        guard group != Catalogue.group, let entry = groups[group.name] else { return [] }
        guard entry.stage == .waiting else { return [] }
        return view.members.filter { entry.hosts[$0.incarnation] == nil }.map(\.name)
    }

    /// The part that this node has in a group in a view, nil if it has none.
    func part(in group: GroupID, of view: View) -> GroupPart? {
        guard let entry = groups[group.name], entry.stage == .active else { return nil }
        let members = view.members.filter { entry.isReplica($0) }
        guard let me = members.firstIndex(where: { $0.rank == view.rank }) else { return nil }
        let hosts = members.compactMap { entry.hosts[$0.incarnation] }
        let layout = ShardLayout(
            view: view.number,
            members: zip(members, hosts).map { member, host in
                .init(
                    peer: member.peer, line: host.place.line(in: view.number), ring: host.place.ring(in: view.number)
                )
            },
            me: me
        )
        return GroupPart(
            bell: entry.bell, layout: layout, members: members,
            missingMethods: MissingMethods(zip(members, hosts).map { ($0.name, $1.schema) }),
            isWhole: hosts[me].standing == .whole,
            sources: zip(members, hosts).filter { $1.standing == .whole }.map(\.0),
            change: hosts.allSatisfy(\.schema.isViewAware) ? GroupView(view, members, former: entry.former) : nil
        )
    }
}

extension CatalogueState.Entry {
    fileprivate mutating func enter(_ view: View, _ members: Set<UInt64>) {
        former = stage == .active ? Set(hosts.filter { $0.value.standing != .waiting }.keys) : []
        hosts = hosts.filter { members.contains($0.key) }
        switch stage {
        case .active where !hosts.values.contains { $0.standing == .whole }:
            stage = .lost
        case .active:
            for (node, host) in hosts where host.standing == .waiting { hosts[node]?.standing = .restoring }
        case .waiting:
            activateIfComplete(in: view)
        case .lost:
            break
        }
    }

    fileprivate mutating func activateIfComplete(in view: View) {
        guard stage == .waiting, view.members.allSatisfy({ hosts[$0.incarnation] != nil }) else { return }
        stage = .active
        for node in hosts.keys { hosts[node]?.standing = .whole }
    }

    fileprivate func isReplica(_ member: View.Member) -> Bool {
        hosts[member.incarnation].map { $0.standing != .waiting } ?? false
    }
}

/// A node's part in a group, from one view to the next.
struct GroupPart {
    /// The number that all members know its shard by.
    let bell: Int
    let layout: ShardLayout
    /// The replicas, in the order of the layout.
    let members: [View.Member]
    let missingMethods: MissingMethods
    /// False if this node has to be given the state.
    let isWhole: Bool
    /// Who has the state.
    let sources: [View.Member]
    /// What the replicas that have the state are told when the view begins; nil if the group begins with it, or if not
    /// all of them would know what to do.
    let change: GroupView?

    /// The place of a member among the replicas.
    func place(ofRank rank: Int) -> Int? { members.firstIndex { $0.rank == rank } }
}

import LockstepProtocol

/// What all members know about the groups of a cluster: who hosts what, with which methods, where its line and ring
/// lie, and who has the state. It changes by ordered updates and at each view, so it is equal at all members.
struct CatalogueState: Codable, Sendable {
    private var groups: [String: CatalogueEntry] = [:]
    /// The catalogue's own bell is 0.
    private var bellsEver = Catalogue.bell

    // MARK: - Updates

    /// A member hosts a group, which begins when all members of the view host it. In one that is active already it may
    /// get a replica from the next view on.
    mutating func host(_ registration: Registration, on node: View.Member, in view: View) -> Registration.Outcome {
        var entry = groups[registration.group] ?? makeEntry(registration)
        guard entry.stage != .lost else { return .stateLost }
        if registration.schema.level < entry.level { return .differs(entry.tooOld(registration.schema, node.name)) }
        for other in view.members where other.incarnation != node.incarnation {
            guard let schema = entry.hosts[other.incarnation]?.schema else { continue }
            let difference = registration.schema.difference(from: schema, here: node.name, there: other.name)
            if let difference { return .differs(difference) }
        }
        guard entry.plan == registration.plan || entry.hosts.isEmpty else { return .layoutDiffers("\(entry.plan)") }
        guard entry.strand == registration.strand else { return .pollerDiffers(entry.strand) }
        guard registration.place.isValid(in: node.regionSize) else { return .misplaced }
        let place = entry.add(registration, of: node.incarnation, in: view)
        groups[registration.group] = entry
        return .accepted(at: place)
    }

    /// A member has the state of a group.
    mutating func noteRestored(_ group: String, on node: View.Member) { groups[group]?.noteRestored(node.incarnation) }

    /// A member is about to leave the cluster.
    mutating func noteLeaving(_ node: View.Member) {
        for group in groups.keys { groups[group]?.noteLeaving(node.incarnation) }
    }

    /// A member's function has laid a group out.
    mutating func note(
        _ answer: LayoutPoll.Answer, for group: String, to question: UInt64, on node: View.Member, in view: View
    ) {
        groups[group]?.note(answer, of: node.incarnation, to: question, in: view)
    }

    /// A view begins: who is not in it is forgotten, and every group is laid out anew.
    mutating func enter(_ view: View) {
        let members = Set(view.members.map(\.incarnation))
        for group in groups.keys { groups[group]?.enter(view, members) }
    }

    private mutating func makeEntry(_ registration: Registration) -> CatalogueEntry {
        bellsEver += 1
        return CatalogueEntry(bell: bellsEver, strand: registration.strand, plan: registration.plan)
    }

    // MARK: - What follows from it

    /// True if some group is to have other replicas: for that a view has to begin.
    func wantsView(in view: View) -> Bool { groups.values.contains { $0.wantsView(in: view) } }

    /// True if every member that had the state of a group is gone.
    func isLost(_ group: GroupID) -> Bool { groups[group.name]?.stage == .lost }

    /// How many members have the state of an active group.
    func replicaCount(of group: GroupID) -> Int {
        guard let entry = groups[group.name], entry.stage == .active else { return 0 }
        return entry.hosts.values.count { $0.standing == .whole }
    }

    /// The members without which a group does not begin, by name.
    func missing(in group: GroupID, of view: View) -> [String] {
        guard group != Catalogue.group, let entry = groups[group.name], entry.stage == .waiting else { return [] }
        return entry.missing(in: view).map(\.name)
    }

    /// Why the calls of an active group wait, for people; nil if they do not.
    func suspension(of group: GroupID) -> String? { groups[group.name]?.suspension }

    /// What this node has to ask its own layout of a group, with the number of the question.
    func layoutQuestion(of group: GroupID, in view: View) -> (number: UInt64, request: LayoutRequest)? {
        groups[group.name]?.question(for: view.me.incarnation, in: view)
    }

    /// True if this node may leave the cluster without a loss that others could prevent.
    func mayLeave(_ view: View) -> Bool { groups.values.allSatisfy { $0.mayLeave(view.me.incarnation, in: view) } }

    /// True if all members know that this node is about to leave.
    func isLeaving(_ view: View) -> Bool { groups.values.contains { $0.isLeaving(view.me.incarnation) } }

    /// How a group is laid out, nil if nobody hosts it.
    func layout(of group: GroupID, in view: View) -> GroupStatus.Layout? {
        guard let entry = groups[group.name] else { return nil }
        func names(_ standing: CatalogueEntry.Standing) -> [String] {
            view.members.filter { entry.hosts[$0.incarnation]?.standing == standing }.map(\.name)
        }
        let isActive = entry.stage == .active
        return GroupStatus.Layout(
            name: "\(entry.plan)", replicas: isActive ? names(.whole) : [],
            restoring: isActive ? names(.restoring) : [],
            spares: isActive ? names(.spare) : [], suspension: entry.suspension,
            warnings: isActive
                ? view.members.filter(entry.isReplica).sharedHosts + [entry.objection].compactMap(\.self) : []
        )
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
            bell: entry.bell, strand: entry.strand, layout: layout, members: members,
            missingMethods: MissingMethods(zip(members, hosts).map { ($0.name, $1.schema) }),
            level: entry.level, isWhole: hosts[me].standing == .whole,
            sources: entry.sources(among: members, for: hosts[me].schema.level),
            change: hosts.allSatisfy(\.schema.isViewAware) ? GroupView(view, members, former: entry.former) : nil
        )
    }

    /// The replicas of a group, by name, if this node hosts it and has none; nil if it has, or if that may change soon.
    func replicasElsewhere(of group: GroupID, in view: View) -> [String]? {
        guard let entry = groups[group.name], entry.hosts[view.me.incarnation]?.standing == .spare,
            entry.isSettled(in: view)
        else { return nil }
        return view.members.filter(entry.isReplica).map(\.name)
    }
}

/// A node's part in a group, from one view to the next.
struct GroupPart {
    /// The number that all members know its shard by.
    let bell: Int
    /// What its messages travel on.
    let strand: Int
    let layout: ShardLayout
    /// The replicas, in the order of the layout.
    let members: [View.Member]
    let missingMethods: MissingMethods
    /// What every replica supports: equal on all of them from the view's first update to its last.
    let level: Int
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

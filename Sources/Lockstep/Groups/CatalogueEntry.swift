/// One group, as all members know it.
struct CatalogueEntry: Codable, Sendable {
    /// The number that all members know the shard by.
    let bell: Int
    /// What its messages travel on.
    let strand: Int
    let plan: LayoutPlan
    /// By incarnation.
    private(set) var hosts: [UInt64: Host] = [:]
    private(set) var stage = Stage.waiting
    /// What everybody supports who hosts it; it never falls, since the state may have been changed by what is of this
    /// level.
    private(set) var level = 1
    /// Its replicas in the view before, by incarnation; none if it was not active then.
    private(set) var former: Set<UInt64> = []
    /// Why calls wait though the group is active, for people.
    private(set) var suspension: String?
    /// What will suspend it in the next view, for people.
    private(set) var objection: String?
    private var poll = LayoutPoll()

    enum Stage: Codable {
        /// Some member of the view does not host the group yet.
        case waiting
        case active
        /// Every member that had the state is gone. The group does not begin anew by itself: that would be a loss that
        /// nobody sees.
        case lost
    }

    struct Host: Codable {
        let place: ShardPlace
        let schema: ActorSchema
        let hasState: Bool
        var standing = Standing.spare
        /// It is about to leave the cluster: others take over what it has.
        var isLeaving = false
    }

    /// How far a member is with a group that it hosts.
    enum Standing: Codable {
        /// It has no part in the group in this view.
        case spare
        /// It receives updates, and has to be given the state.
        case restoring
        case whole
    }

    init(bell: Int, strand: Int, plan: LayoutPlan) { (self.bell, self.strand, self.plan) = (bell, strand, plan) }

    // MARK: - What happens

    /// A member hosts the group. Its registration stays where it was made first: the others may have read that place.
    mutating func add(_ registration: Registration, of node: UInt64, in view: View) -> ShardPlace {
        let known = hosts[node]
        let place = known?.place ?? registration.place
        hosts[node] = Host(
            place: place, schema: registration.schema, hasState: registration.hasState,
            standing: known?.standing ?? .spare, isLeaving: known?.isLeaving ?? false
        )
        if stage == .active, plan.isCustom { poll.ask() }
        activateIfComplete(in: view)
        return place
    }

    mutating func noteRestored(_ node: UInt64) {
        if hosts[node]?.standing == .restoring { hosts[node]?.standing = .whole }
    }

    /// A member is about to leave the cluster: others take over what it has.
    mutating func noteLeaving(_ node: UInt64) {
        guard hosts[node]?.isLeaving == false else { return }
        hosts[node]?.isLeaving = true
        if stage == .active, plan.isCustom { poll.ask() }
    }

    /// A view begins: who is not in it is forgotten, and the group is laid out anew.
    mutating func enter(_ view: View, _ members: Set<UInt64>) {
        former = stage == .active ? replicas : []
        hosts = hosts.filter { members.contains($0.key) }
        switch stage {
        case .active where !hasState(replicas): stage = .lost
        case .active: layOut(in: view)
        case .waiting: activateIfComplete(in: view)
        case .lost: break
        }
    }

    /// What a member's function gave.
    mutating func note(_ answer: LayoutPoll.Answer, of node: UInt64, to question: UInt64, in view: View) {
        poll.note(answer, of: node, to: question)
        let members = view.members.filter { hosts[$0.incarnation] != nil }
        guard stage != .lost, let outcome = poll.outcome(of: plan, among: members) else { return }
        switch outcome {
        case .suspends(let reason) where stage == .active && suspension == nil:
            // It goes on with the replicas that it has; the next view has to be laid out.
            objection = reason
        case .suspends(let reason):
            suspension = reason
        case .replicas(let replicas) where stage == .waiting:
            activate(replicas)
        case .replicas(let replicas):
            let next = replicas.union(parting)
            guard next != self.replicas else {
                poll.settle()
                return (suspension, objection) = (nil, nil)
            }
            if !hasState(next) {
                suspension = "the layout \(plan) leaves out every replica that has the state"
            } else if !poll.plan(replicas) {
                suspension = "the layout \(plan) gives other replicas each time, though the members are the same"
            }
        }
    }

    // MARK: - Laying out

    private mutating func activateIfComplete(in view: View) {
        guard stage == .waiting, !hosts.isEmpty, missing(in: view).isEmpty else { return }
        guard !plan.isCustom else { return poll.ask() }
        activate(assigned(in: view))
        suspend(unlessEnoughIn: view)
    }

    private mutating func activate(_ replicas: Set<UInt64>) {
        (stage, suspension) = (.active, nil)
        for node in hosts.keys { hosts[node]?.standing = replicas.contains(node) ? .whole : .spare }
        poll.settle()
        raiseLevel()
    }

    private mutating func raiseLevel() { level = max(level, hosts.values.map(\.schema.level).min() ?? level) }

    private mutating func layOut(in view: View) {
        let planned = plan.isCustom ? poll.takePlanned() ?? replicas : assigned(in: view)
        let next = planned.union(parting)
        let replicas = hasState(next) ? next : self.replicas
        for (node, host) in hosts {
            if !replicas.contains(node) {
                hosts[node]?.standing = .spare
            } else if host.standing == .spare {
                hosts[node]?.standing = host.hasState ? .restoring : .whole
            }
        }
        raiseLevel()
        suspend(unlessEnoughIn: view)
        guard plan.isCustom else { return }
        poll.ask()
        suspension = "its layout \(plan) for view \(view.number) is not known yet"
    }

    private mutating func suspend(unlessEnoughIn view: View) {
        let count = replicas.count
        suspension =
            count >= plan.least
            ? nil : "it needs at least \(plan.least) replicas, and view \(view.number) has \(count) for it"
    }

    /// Those who are not about to leave, as the plan lays them out.
    private func assigned(in view: View) -> Set<UInt64> {
        Set(plan.assign(request(in: view)).joined().map(\.incarnation))
    }

    private func request(in view: View) -> LayoutRequest {
        let members = view.members.filter { hosts[$0.incarnation]?.isLeaving == false }
        let current = members.filter { isReplica($0) }
        return LayoutRequest(members: members, current: stage == .active ? [current] : [])
    }

    /// Replicas that are about to leave, and stay until then.
    private var parting: Set<UInt64> { replicas.filter(isLeaving) }

    private var replicas: Set<UInt64> { Set(hosts.filter { $0.value.standing != .spare }.keys) }

    /// True if one of them has the group's state.
    private func hasState(_ nodes: Set<UInt64>) -> Bool { nodes.contains { hosts[$0]?.standing == .whole } }

    // MARK: - What follows from it

    /// The members without which the group does not begin.
    func missing(in view: View) -> [View.Member] {
        view.members.filter { $0.role.hosts && hosts[$0.incarnation] == nil }
    }

    /// Why a member cannot host the group, if its release is of a lower level than the group's.
    func tooOld(_ schema: ActorSchema, _ node: String) -> String {
        "they are at level \(level), and \(schema.type) is of level \(schema.level) on \(node)"
    }

    /// Who can give a replica of a level the state: it cannot read what a newer release writes, if there is a choice.
    func sources(among members: [View.Member], for level: Int) -> [View.Member] {
        let whole = members.filter { hosts[$0.incarnation]?.standing == .whole }
        let readable = whole.filter { hosts[$0.incarnation].map { $0.schema.level <= level } ?? false }
        return readable.isEmpty ? whole : readable
    }

    /// True if a view has to begin for the group to have other replicas.
    func wantsView(in view: View) -> Bool {
        guard stage == .active else { return false }
        if plan.isCustom { return poll.planned != nil }
        guard hosts.values.contains(where: { $0.standing == .spare }) else { return false }
        return assigned(in: view).union(parting) != replicas
    }

    /// True if the replicas stay where they are.
    func isSettled(in view: View) -> Bool { stage == .active && !wantsView(in: view) && !poll.isOpen }

    func isReplica(_ member: View.Member) -> Bool {
        hosts[member.incarnation].map { $0.standing != .spare } ?? false
    }

    /// True if a member is known to be about to leave.
    func isLeaving(_ node: UInt64) -> Bool { hosts[node]?.isLeaving == true }

    /// What a member has to ask its function, with the number of the question; nil if it has, or need not.
    func question(for node: UInt64, in view: View) -> (number: UInt64, request: LayoutRequest)? {
        guard plan.isCustom, stage != .lost, hosts[node] != nil, let number = poll.question(for: node) else {
            return nil
        }
        return (number, request(in: view))
    }

    /// True if a member may leave: others have the state of what it has, or nobody could take it. It has to be known to be
    /// leaving if somebody has to be given the state: of two who leave at once, each would rely on the other.
    func mayLeave(_ node: UInt64, in view: View) -> Bool {
        guard stage == .active, let host = hosts[node], host.standing == .whole, host.hasState else { return true }
        guard hosts.values.contains(where: { $0.standing != .whole }) else { return true }
        guard host.isLeaving else { return false }
        let heirs = hosts.filter { !$0.value.isLeaving }
        if heirs.isEmpty { return true }
        return !wantsView(in: view) && heirs.contains { $0.value.standing == .whole }
            && !heirs.contains { $0.value.standing == .restoring }
    }
}

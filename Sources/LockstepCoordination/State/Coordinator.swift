import Distributed
import Lockstep

/// The replicated state of everything that tasks of a cluster hold or wait for, by its key.
@Replicated
distributed actor Coordinator: ViewAware, ClientAware {
    enum Change: Codable, Sendable, Equatable {
        /// These have what they waited for, under a token.
        case admitted([Ticket], token: UInt64)
        /// These wait in vain: somebody whom they waited for has gone.
        case broken([Ticket])
        /// An office has another holder, or none.
        case leads(office: String, Leader?)
    }

    /// For how long what a silent member holds is kept for it: see ``Coordination/Options/grace``.
    private let grace: Duration
    private var gates: [String: Gate] = [:]
    private var gatherings: [String: Gathering] = [:]
    private var assemblies: [String: Assembly] = [:]
    private var latches: [String: Latch] = [:]
    private var queues: [String: ItemQueue] = [:]

    init(grace: Duration, actorSystem: LockstepSystem) {
        self.actorSystem = actorSystem
        self.grace = grace
    }

    // MARK: - Gates

    /// Lets somebody in, who gets the token, or puts them behind those who wait.
    distributed func enter(
        _ key: String, capacity: Int, weight: Int, label: String?, ticket: Ticket
    ) throws -> UInt64? {
        let claim = Gate.Claim(
            party: Party(ticket: ticket, owner: context.owner), weight: weight, label: label
        )
        let found = gates[key]?.capacity ?? capacity
        guard found == capacity else { throw CoordinationError.differs(key, found, capacity) }
        gates[key, default: Gate(capacity: capacity)].add(claim)
        return admit(key, except: ticket) ? context.version : nil
    }

    /// Takes back what somebody holds or waits for.
    distributed func leave(_ key: String, ticket: Ticket) {
        guard gates[key]?.remove(ticket) == true else { return }
        _ = admit(key)
    }

    /// Lets in who comes next, and tells them. True if the one was among them who is told otherwise.
    private func admit(_ key: String, except asking: Ticket? = nil) -> Bool {
        let token = context.version
        let admitted = gates[key]?.admit(token: token).map(\.party) ?? []
        let others = admitted.filter { $0.ticket != asking }
        tell(others, token: token)
        if key.hasPrefix(Election.prefix) { tellLeader(of: key) }
        if gates[key]?.isIdle == true { gates[key] = nil }
        return others.count < admitted.count
    }

    /// How many hold something, and how many wait for it.
    @Query
    distributed func standing(at key: String) -> Standing {
        Standing(holders: gates[key]?.holds.count ?? 0, waiting: gates[key]?.waitingCount ?? 0)
    }

    /// How many wait at a barrier.
    @Query
    distributed func arrivals(at key: String) -> Int { gatherings[key]?.arrived.count ?? 0 }

    /// True if nobody holds anything or waits.
    @Query
    distributed func isIdle() -> Bool {
        gates.isEmpty && gatherings.isEmpty && assemblies.isEmpty && queues.isEmpty
            && latches.values.allSatisfy(\.waiting.isEmpty)
    }

    // MARK: - Offices

    private func tellLeader(of office: String) {
        // It is asked after each change of the gate, and not all of them are changes of the holder.
        let leader = holder(of: office)
        guard leader == nil || leader?.term.value == context.version else { return }
        publish(.leads(office: office, leader))
    }

    private func holder(of office: String) -> Leader? {
        gates[office]?.holds.first.map { Leader(name: $0.claim.label ?? "", term: FencingToken(value: $0.token)) }
    }

    @Query
    distributed func office(_ office: String) -> Office { Office(leader: holder(of: office), version: context.version) }

    // MARK: - Barriers

    /// Waits with the others: nil, or the generation if this is the last.
    distributed func arrive(_ key: String, parties: Int, breaks: Bool, ticket: Ticket) throws -> UInt64? {
        let found = gatherings[key] ?? Gathering(parties: parties, breaks: breaks)
        guard found.parties == parties else { throw CoordinationError.differs(key, found.parties, parties) }
        gatherings[key] = found
        gatherings[key]?.add(Party(ticket: ticket, owner: context.owner))
        guard let complete = gatherings[key], complete.isComplete else { return nil }
        gatherings[key] = nil
        tell(complete.arrived.filter { $0.ticket != ticket })
        return context.version
    }

    /// Somebody waits no longer.
    distributed func depart(_ key: String, ticket: Ticket) { departGathering(key) { $0.ticket == ticket } }

    private func departGathering(_ key: String, where isGone: (Party) -> Bool) {
        let left = gatherings[key]?.remove(where: isGone) ?? []
        if !left.isEmpty { publish(.broken(left.map(\.ticket)), to: left.clients) }
        if gatherings[key]?.arrived.isEmpty == true { gatherings[key] = nil }
    }

    private func tell(_ parties: [Party], token: UInt64? = nil) {
        guard !parties.isEmpty else { return }
        publish(.admitted(parties.map(\.ticket), token: token ?? context.version), to: parties.clients)
    }

    // MARK: - Double barriers

    /// Waits with the others for the beginning: nil, or the generation if this is the last.
    distributed func begin(_ key: String, parties: Int, ticket: Ticket) throws -> UInt64? {
        let found = assemblies[key] ?? Assembly(parties: parties)
        guard found.parties == parties else { throw CoordinationError.differs(key, found.parties, parties) }
        guard !found.isOpen else { throw CoordinationError(.full, "The double barrier \"\(key)\" is in use.") }
        assemblies[key] = found
        let all = assemblies[key]?.enter(Party(ticket: ticket, owner: context.owner)) ?? []
        tell(all.filter { $0.ticket != ticket })
        return all.isEmpty ? nil : context.version
    }

    /// Waits with the others for the end.
    distributed func end(_ key: String, began: Ticket, ticket: Ticket) -> UInt64? {
        let party = Party(ticket: ticket, owner: context.owner)
        let all = assemblies[key]?.leave(began, as: party) ?? [party]
        tell(all.filter { $0.ticket != ticket })
        endIfEmpty(key)
        return all.isEmpty ? nil : context.version
    }

    /// Somebody waits no longer, or will not come to the end.
    distributed func quit(_ key: String, ticket: Ticket) { quitAssembly(key) { $0.ticket == ticket } }

    private func quitAssembly(_ key: String, where isGone: (Party) -> Bool) {
        tell(assemblies[key]?.remove(where: isGone) ?? [])
        endIfEmpty(key)
    }

    private func endIfEmpty(_ key: String) {
        if assemblies[key]?.isEmpty == true { assemblies[key] = nil }
    }

    // MARK: - Latches

    distributed func count(_ key: String, by count: Int) -> Int {
        latches[key, default: Latch()].count(by: count)
        open(key)
        return latches[key]?.counted ?? 0
    }

    /// Waits until it was counted so often: nil, or the version if it was.
    distributed func attend(_ key: String, count: Int, ticket: Ticket) -> UInt64? {
        latches[key, default: Latch()].wait(for: count, Party(ticket: ticket, owner: context.owner))
        return open(key, except: ticket)
    }

    /// Tells those who have waited long enough, but for the one that asks, which gets the version.
    @discardableResult
    private func open(_ key: String, except asking: Ticket? = nil) -> UInt64? {
        let passing = latches[key]?.open() ?? []
        tell(passing.filter { $0.ticket != asking })
        return passing.contains { $0.ticket == asking } ? context.version : nil
    }

    /// Somebody waits no longer.
    distributed func unattend(_ key: String, ticket: Ticket) {
        latches[key]?.remove { $0.ticket == ticket }
        if latches[key]?.isUnused == true { latches[key] = nil }
    }

    distributed func forget(_ key: String) {
        latches[key]?.reset()
        if latches[key]?.isUnused == true { latches[key] = nil }
    }

    // MARK: - Queues

    distributed func offer(_ bytes: [UInt8], to key: String) {
        queues[key, default: ItemQueue()].offer(ItemQueue.Item(number: context.version, bytes: bytes))
        _ = handOut(key)
    }

    /// Waits for an item: nil, or its number if it is there.
    distributed func take(from key: String, ticket: Ticket) -> UInt64? {
        queues[key, default: ItemQueue()].wait(Party(ticket: ticket, owner: context.owner))
        return handOut(key, except: ticket)
    }

    @Query
    distributed func item(of key: String, ticket: Ticket) -> [UInt8]? { queues[key]?.item(of: ticket)?.bytes }

    @Query
    distributed func itemCount(of key: String) -> Int { queues[key]?.items.count ?? 0 }

    distributed func finish(_ key: String, ticket: Ticket) {
        queues[key]?.finish(ticket)
        if queues[key]?.isIdle == true { queues[key] = nil }
    }

    /// Somebody waits no longer, or has not done its item.
    distributed func handBack(of key: String, ticket: Ticket) { handBack(of: key) { $0.ticket == ticket } }

    private func handBack(of key: String, where isGone: (Party) -> Bool) {
        if queues[key]?.remove(where: isGone) == true { _ = handOut(key) }
    }

    /// Tells those who get an item, but for the one that asks, whose item is returned.
    private func handOut(_ key: String, except asking: Ticket? = nil) -> UInt64? {
        let handed = queues[key]?.handOut() ?? []
        for one in handed where one.party.ticket != asking {
            tell([one.party], token: one.item.number)
        }
        if queues[key]?.isIdle == true { queues[key] = nil }
        return handed.first { $0.party.ticket == asking }?.item.number
    }

    // MARK: - Death

    func viewChanged(_ view: GroupView) {
        // Who has left or died does nothing any more. Who fell silent may not know yet that it is out.
        takeBack(from: (view.change.left + view.change.failed).map { .member($0.incarnation) })
        let silent = view.change.silent.map(\.incarnation)
        guard !silent.isEmpty else { return }
        do {
            try after(grace).release(silent)
        } catch {
            preconditionFailure("a coordinator leaves one timer for a view, and has room for a million: \(error)")
        }
    }

    /// A client knows when its session may have ended: see ``Group/timeOutOfTouch``.
    func sessionEnded(_ session: SessionKey) { takeBack(from: [.client(session)]) }

    /// Takes back everything that members hold and wait for who fell silent.
    distributed func release(_ members: [UInt64]) { takeBack(from: members.map { .member($0) }) }

    private func takeBack(from owners: [Owner]) {
        let isGone: (Party) -> Bool = { owners.contains($0.owner) }
        for key in gates.keys.sorted() where gates[key]?.remove(where: isGone) == true { _ = admit(key) }
        for key in gatherings.keys.sorted() { departGathering(key, where: isGone) }
        for key in assemblies.keys.sorted() { quitAssembly(key, where: isGone) }
        for key in latches.keys.sorted() { latches[key]?.remove(where: isGone) }
        for key in queues.keys.sorted() { handBack(of: key, where: isGone) }
    }
}

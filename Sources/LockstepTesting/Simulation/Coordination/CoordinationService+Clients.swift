import LockstepProtocol

// What clients meet with, and how they come back.
extension CoordinationService {
    func isCut(_ client: Int) -> Bool { now < cuts[client] }

    /// A member for a client to go through; nil if none can be reached.
    func chooseMember(for client: Int, but avoided: UInt64?) -> MemberDesk? {
        guard !isCut(client) else { return nil }
        let able = world.alive.filter { $0.isMember && $0.record.incarnation != avoided }
        guard !able.isEmpty else { return nil }
        return desks[able[world.random.pick(0...able.count - 1)].record.incarnation]
    }

    /// A client knows that its sessions are over, and begins anew unless it has died.
    func noteEnd(of caller: ClientCaller, _ index: Int) {
        guard cluster != nil else { return }
        note("\(caller.name) has no session any more")
        if !deadClients.contains(index) { startClient(index, after: world.random.pick(100...2_000)) }
    }

    func startClient(_ index: Int, after delay: Int) {
        world.clock.schedule(after: delay) { [weak self] in
            guard let self, !deadClients.contains(index) else { return }
            let caller = ClientCaller(index, self)
            callers.append(caller)
            caller.begin()
        }
    }

    func happen(_ timed: CoordinationScenario.Timed) {
        note("client \(timed.client): \(timed.event)")
        switch timed.event {
        case .dies:
            deadClients.insert(timed.client)
            for caller in callers where caller.name == "client \(timed.client)" { caller.end() }
        case .isCut(let duration):
            cuts[timed.client] = max(cuts[timed.client], min(now + duration, world.scenario.healTime))
            for desk in desks.values { desk.cut(timed.client) }
        case .pauses(let duration):
            pauses[timed.client] = max(pauses[timed.client], min(now + duration, world.scenario.healTime))
        }
    }
}

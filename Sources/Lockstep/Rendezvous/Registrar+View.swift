import CLockstep
import Glibc

extension Registrar {
    func handle(
        _ message: RendezvousMessage, _ descriptors: [Descriptor],
        from connection: RegistrarConnection
    ) throws(ControlFlaw) {
        switch message {
        case .handshake(let step):
            if let reply = try connection.handshake.take(step) { send(.handshake(reply), to: connection) }
        case _ where !connection.handshake.isProven:
            throw .malformed("a handshake has to come first")
        case .hello(let hello):
            guard connection.hello == nil else { throw .malformed("it says hello twice") }
            let isOnOneHost = connection.socket?.isOnOneHost ?? true
            guard descriptors.count == (isOnOneHost ? 1 : 0) else {
                throw .malformed("its hello came with \(descriptors.count) descriptors")
            }
            guard connection.socket?.mayBe(hello.name) == true else {
                throw .malformed("it says that it is \"\(hello.name)\", and its certificate says another")
            }
            if let (code, sentence) = objection(to: hello)
                ?? descriptors.lazy.compactMap({ self.objection(to: $0, of: hello) }).first
            {
                return reject(connection, code, sentence)
            }
            connection.hello = hello
            if case .running(let cluster) = phase { return refer(connection, to: cluster) }
            isPresenceNews = true
        case .ready(let attempt):
            // An answer to a proposal that was abandoned meanwhile means nothing.
            if case .proposed(let proposal) = phase, proposal.attempt == attempt {
                connection.isReady = true
            }
        case .failed:
            // It ends with its error; the others cannot wait for it.
            close(connection)
        default:
            throw .malformed("only a registrar says that")
        }
    }

    // MARK: - Who may come

    /// One region that cannot be mapped would end the join of everybody else.
    private func objection(to region: Descriptor, of hello: RendezvousHello) -> (RejectCode, String)? {
        var base: UnsafeRawPointer?
        let result = lockstep_mirror_map(region.number, hello.regionSize, &base)
        guard result == 0 else {
            let reason = String(cString: strerror(-result))
            return (.malformed, "The memory of \"\(hello.name)\" cannot be mapped: \(reason).")
        }
        lockstep_unmap(base, hello.regionSize)
        return nil
    }

    private func objection(to hello: RendezvousHello) -> (RejectCode, String)? {
        if hello.cluster != host.cluster {
            return (
                .cluster,
                "This address belongs to cluster \"\(host.cluster)\" and not to \"\(hello.cluster)\": "
                    + "give all nodes the same cluster name."
            )
        }
        if case .running = phase { return nil }
        if let other = connections.first(where: { $0.hello?.name == hello.name }) {
            return (
                .nameTaken,
                "Process \(other.process) has joined cluster \"\(host.cluster)\" as \"\(hello.name)\": "
                    + "end it or give this node another name."
            )
        }
        if let expected = expected, expected != hello.expected {
            return (
                .expected,
                "This node expects \(hello.expected) nodes in cluster \"\(host.cluster)\" and those already "
                    + "waiting expect \(expected): give all nodes the same number."
            )
        }
        return nil
    }

    /// Sends a node that came late to the members of the cluster, with the address that all of them hold.
    private func refer(_ connection: RegistrarConnection, to cluster: RunningCluster) {
        let message = RendezvousMessage.formed(view: cluster.view, members: cluster.members)
        // Without room for it the node finds its connection ended, and comes again.
        _ = connection.socket?.send(message, with: listener.copies)
        close(connection)
    }

    private var candidates: [RegistrarConnection] {
        connections.filter { $0.hello != nil }
    }

    private var expected: Int? {
        connections.lazy.compactMap(\.hello?.expected).first
    }

    /// Tells those who wait who is here, once a turn, however many came in it.
    func announcePresence() {
        guard case .gathering = phase, isPresenceNews, let expected else { return }
        isPresenceNews = false
        let waiting = candidates
        let names = waiting.compactMap(\.hello?.name).sorted(by: precedes).prefix(ControlLimit.membersMax)
        let message = RendezvousMessage.waiting(present: Array(names), expected: expected)
        for connection in waiting { send(message, to: connection) }
    }

    // MARK: - Proposing

    /// Chooses the members: the host, without whom there would be no registrar, then the seeds, and then who came first.
    func proposeIfComplete() {
        let waiting = candidates
        guard let expected, waiting.count >= expected, let own = waiting.first(where: isHost), hasSeeds(waiting) else {
            return
        }
        let others = waiting.filter { $0 !== own }
        let chosen = [own] + (others.filter(isSeed) + others.filter { !isSeed($0) }).prefix(expected - 1)
        let members = chosen.sorted { precedes($0.hello?.name ?? "", $1.hello?.name ?? "") }
        for member in members { member.isReady = false }
        attempts += 1
        let proposal = Proposal(attempt: attempts, members: members)
        phase = .proposed(proposal)
        advance(proposal)
    }

    private func hasSeeds(_ waiting: [RegistrarConnection]) -> Bool {
        guard let seeds = host.network?.seeds else { return true }
        return waiting.filter(isSeed).count >= NodeNetwork.quorum(of: seeds)
    }

    private func isSeed(_ connection: RegistrarConnection) -> Bool {
        guard let address = connection.hello?.address else { return false }
        return host.network?.seeds.contains(address) ?? false
    }

    func advance(_ proposal: Proposal) {
        sendOn(proposal)
        if departures.isEmpty, proposal.unsent.isEmpty, proposal.members.allSatisfy(\.isReady) {
            install(proposal)
        }
    }

    private func sendOn(_ proposal: Proposal) {
        let members = proposal.members.compactMap(\.asMember)
        while departures.isEmpty, let next = proposal.unsent.first,
            let rank = proposal.members.firstIndex(where: { $0 === next })
        {
            let message = RendezvousMessage.propose(attempt: proposal.attempt, rank: rank, members: members)
            let result = next.socket?.send(message, with: listener.copies) ?? -EPIPE
            // Many descriptors are on their way: some must arrive before more may leave.
            if result == -ETOOMANYREFS { return }
            proposal.unsent.removeFirst()
            if result != 0 { close(next) }
        }
    }

    private func install(_ proposal: Proposal) {
        let cluster = RunningCluster(view: 1, members: proposal.members.compactMap(\.asMember))
        phase = .running(cluster)
        for member in proposal.members { send(.install(attempt: proposal.attempt), to: member) }
        for spare in candidates where !proposal.members.contains(where: { $0 === spare }) {
            refer(spare, to: cluster)
        }
    }

    private func isHost(_ connection: RegistrarConnection) -> Bool {
        connection.hello?.name == host.name && connection.hello?.incarnation == host.incarnation
    }

    // MARK: - Seeing off

    func seeOff(_ connection: RegistrarConnection) {
        if connection.hello != nil { isPresenceNews = true }
        if case .proposed(let proposal) = phase, proposal.members.contains(where: { $0 === connection }) {
            abandon(proposal, without: connection)
        }
    }

    private func abandon(_ proposal: Proposal, without lost: RegistrarConnection) {
        phase = .gathering
        let name = lost.hello?.name ?? ""
        let sentence = "Node \"\(name)\" (process \(lost.process)) was lost before the view was installed."
        for member in proposal.members where !proposal.unsent.contains(where: { $0 === member }) {
            send(.abandon(attempt: proposal.attempt, sentence: sentence), to: member)
        }
    }
}

extension RegistrarConnection {
    fileprivate var asMember: MeshNode? {
        guard let hello else { return nil }
        return MeshNode(
            name: hello.name, incarnation: hello.incarnation, process: process > 0 ? process : hello.process,
            regionSize: hello.regionSize, traits: hello.traits, address: hello.address)
    }
}

/// By bytes: the same on every node, whatever its language.
private func precedes(_ first: String, _ second: String) -> Bool {
    first.utf8.lexicographicallyPrecedes(second.utf8)
}

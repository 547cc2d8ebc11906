import CLockstep
import Glibc

extension Registrar {
    func handle(
        _ message: RendezvousMessage, _ descriptors: [RendezvousDescriptor],
        from connection: RegistrarConnection
    ) throws(RendezvousFlaw) {
        switch message {
        case .hello(let hello):
            guard connection.hello == nil else { throw .malformed("it says hello twice") }
            guard descriptors.count == 1 else {
                throw .malformed("its hello came with \(descriptors.count) descriptors and not with one")
            }
            if let (code, sentence) = objection(to: hello) ?? objection(to: descriptors[0], of: hello) {
                return reject(connection, code, sentence)
            }
            connection.hello = hello
            connection.region = descriptors[0]
            isPresenceNews = true
        case .mapped(let attempt):
            // An answer to a proposal that was abandoned meanwhile means nothing.
            if case .proposed(let proposal) = phase, proposal.attempt == attempt {
                connection.hasMapped = true
            }
        case .failed:
            // It ends with its error; the others cannot wait for it.
            close(connection)
        case .leave:
            connection.reason = .left
            close(connection)
        default:
            throw .malformed("only a registrar says that")
        }
    }

    // MARK: - Who may come

    /// One region that cannot be mapped would end the join of everybody else.
    private func objection(to region: RendezvousDescriptor, of hello: RendezvousHello) -> (RejectCode, String)? {
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
        if case .formed(let members) = phase { return viewIsFormed(members) }
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

    private func viewIsFormed(_ members: [RegistrarConnection]) -> (RejectCode, String) {
        let names = listed(members.compactMap(\.hello?.name))
        return (
            .viewIsFormed,
            "The view of cluster \"\(host.cluster)\" is formed, and this node is not in it: choose another "
                + "cluster name, or end the members first and then start all nodes again. "
                + "Its members: \(names)."
        )
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
        let names = waiting.compactMap(\.hello?.name).sorted(by: precedes).prefix(RendezvousLimit.membersMax)
        let message = RendezvousMessage.waiting(present: Array(names), expected: expected)
        for connection in waiting { send(message, to: connection) }
    }

    // MARK: - Proposing

    /// Chooses the members: the host, without whom there would be no registrar, and then who came first.
    func proposeIfComplete() {
        let waiting = candidates
        guard let expected, waiting.count >= expected, let own = waiting.first(where: isHost) else { return }
        let chosen = [own] + waiting.filter { $0 !== own }.prefix(expected - 1)
        let members = chosen.sorted { precedes($0.hello?.name ?? "", $1.hello?.name ?? "") }
        for member in members { member.hasMapped = false }
        attempts += 1
        let proposal = Proposal(attempt: attempts, members: members)
        phase = .proposed(proposal)
        advance(proposal)
    }

    func advance(_ proposal: Proposal) {
        sendOn(proposal)
        if departures.isEmpty, proposal.unsent.isEmpty, proposal.members.allSatisfy(\.hasMapped) {
            install(proposal)
        }
    }

    private func sendOn(_ proposal: Proposal) {
        let members = proposal.members.compactMap(\.asMember)
        let regions = proposal.members.compactMap(\.region)
        while departures.isEmpty, let next = proposal.unsent.first,
            let rank = proposal.members.firstIndex(where: { $0 === next })
        {
            let message = RendezvousMessage.propose(attempt: proposal.attempt, rank: rank, members: members)
            let result = next.socket?.send(message, with: regions) ?? -EPIPE
            // Many descriptors are on their way: some must arrive before more may leave.
            if result == -ETOOMANYREFS { return }
            proposal.unsent.removeFirst()
            if result != 0 { close(next) }
        }
    }

    private func install(_ proposal: Proposal) {
        guard let registrar = proposal.members.firstIndex(where: isHost) else { return }
        phase = .formed(proposal.members)
        for member in proposal.members {
            member.region = nil
            send(.install(attempt: proposal.attempt, view: 1, registrar: registrar), to: member)
        }
        let (code, sentence) = viewIsFormed(proposal.members)
        for spare in candidates where !proposal.members.contains(where: { $0 === spare }) {
            reject(spare, code, sentence)
        }
    }

    private func isHost(_ connection: RegistrarConnection) -> Bool {
        connection.hello?.name == host.name && connection.hello?.incarnation == host.incarnation
    }

    // MARK: - Seeing off

    func seeOff(_ connection: RegistrarConnection) {
        if connection.hello != nil { isPresenceNews = true }
        switch phase {
        case .gathering:
            break
        case .proposed(let proposal):
            if proposal.members.contains(where: { $0 === connection }) {
                abandon(proposal, without: connection)
            }
        case .formed(let members):
            guard let rank = members.firstIndex(where: { $0 === connection }) else { return }
            for member in members { send(.gone(rank: rank, connection.reason), to: member) }
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
    fileprivate var asMember: RendezvousMember? {
        guard let hello else { return nil }
        return RendezvousMember(
            name: hello.name, incarnation: hello.incarnation, process: process, regionSize: hello.regionSize)
    }
}

/// By bytes: the same on every node, whatever its language.
private func precedes(_ first: String, _ second: String) -> Bool {
    first.utf8.lexicographicallyPrecedes(second.utf8)
}

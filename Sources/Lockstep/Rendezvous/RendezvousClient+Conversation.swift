/// What a message of the registrar leads to.
private enum NextStep {
    case goOn
    /// It broke the rules: somebody else has to be found.
    case startOver
    case joined(Rendezvous.Outcome)
}

extension RendezvousClient {
    /// The outcome, or nil if the connection ended before there was one.
    func converse(over socket: any ControlSocket) throws -> Rendezvous.Outcome? {
        while let (message, descriptors) = try next(from: socket) {
            switch try follow(message, descriptors) {
            case .goOn: continue
            case .startOver: return nil
            case .joined(let outcome): return outcome
            }
        }
        return nil
    }

    private func follow(_ message: RendezvousMessage, _ descriptors: [Descriptor]) throws -> NextStep {
        switch message {
        case .waiting(let present, _):
            report(present)
            return .goOn
        case .propose(let attempt, let rank, let members):
            return take(Proposal(attempt: attempt, rank: rank, members: members), descriptors) ? .goOn : .startOver
        case .abandon(let attempt, _):
            if proposal?.attempt == attempt { withdraw() }
            return .goOn
        case .install(let attempt):
            guard let proposal, proposal.isReady, proposal.attempt == attempt else { return .startOver }
            return .joined(try found(rank: proposal.rank, proposal.members))
        case .formed(let view, let members):
            return try meet(members, of: view, descriptors).map { .joined($0) } ?? .startOver
        case .reject(let code, let sentence):
            throw error(code, sentence)
        default:
            return .startOver
        }
    }

    private func report(_ names: [String]) {
        guard names != present else { return }
        present = names
        waiting(names)
    }
}

// MARK: - The first view

extension RendezvousClient {
    /// False if the proposal makes no sense.
    private func take(_ offer: Proposal, _ copies: [Descriptor]) -> Bool {
        let mine = offer.members[offer.rank]
        guard proposal == nil, offer.members.count == request.expected, mine.name == request.name,
            mine.incarnation == request.incarnation, address.hold(copies)
        else { return false }
        report(offer.members.map(\.name))
        control.forgetFailures()
        proposal = offer
        // The others call this node.
        offer.members[..<offer.rank].forEach(mesh.connect)
        return true
    }

    /// Tells the registrar when this node is connected to all others. False if it does not listen any more.
    func sayIfReady(over socket: any ControlSocket) throws -> Bool {
        guard let proposal, !proposal.isReady else { return true }
        if case .unmappable(let error)? = control.failures.values.first(where: \.isUnmappable) {
            _ = socket.send(.failed(attempt: proposal.attempt, sentence: "\(error)"))
            throw RendezvousError.mappingFailed(error)
        }
        let others = Set(proposal.members.map(\.id)).subtracting([request.incarnation])
        guard others.isSubset(of: control.connected) else {
            for node in proposal.members[..<proposal.rank] where control.takeUnreachable(node.id) {
                mesh.connectAgain(to: node)
            }
            return true
        }
        self.proposal?.isReady = true
        return socket.send(.ready(attempt: proposal.attempt)) == 0
    }

    private func found(rank: Int, _ members: [MeshNode]) throws -> Rendezvous.Outcome {
        try address.answer(with: RunningCluster(view: 1, members: members))
        return .founded(rank: rank, members: members)
    }
}

// MARK: - A cluster that runs

extension RendezvousClient {
    /// Connects to the members of a cluster; nil if none of them can be reached.
    private func meet(
        _ members: [MeshNode], of view: UInt64, _ copies: [Descriptor]
    ) throws -> Rendezvous.Outcome? {
        proposal = nil
        let others = members.filter { $0.id != request.incarnation }
        let ids = Set(others.map(\.id))
        guard address.hold(copies) else { return nil }
        control.forgetFailures()
        others.forEach(mesh.connect)
        while !ids.isSubset(of: control.connected.union(control.failures.keys)) {
            try checkOrders()
            wait(for: nil, until: request.deadline)
        }
        if case .unmappable(let error)? = control.failures.values.first(where: \.isUnmappable) {
            throw RendezvousError.mappingFailed(error)
        }
        // The first view was installed while this node lost its registrar: its place in it is there.
        if view == 1, let rank = members.firstIndex(where: { $0.id == request.incarnation }) {
            return try found(rank: rank, members)
        }
        return try ids.isDisjoint(with: control.connected) ? refused() : .candidate(view: view, members: members)
    }

    /// Nil if the members are gone, and an error if they do not want this node.
    private func refused() throws -> Rendezvous.Outcome? {
        for case .refused(let sentence) in control.failures.values { throw RendezvousError.rejected(sentence) }
        return nil
    }
}

extension MeshFailure {
    fileprivate var isUnmappable: Bool {
        if case .unmappable = self { true } else { false }
    }
}

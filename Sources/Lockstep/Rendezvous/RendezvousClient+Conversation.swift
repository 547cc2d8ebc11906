/// What a message of the registrar leads to.
private enum NextStep {
    case goOn
    /// It broke the rules: somebody else has to be found.
    case startOver
    case installed(RendezvousView)
}

extension RendezvousClient {
    /// The view, or nil if the connection ended before there was one.
    func converse(over socket: RendezvousSocket) throws -> RendezvousView? {
        while true {
            switch socket.receive() {
            case .nothing:
                try checkOrders()
                wait(for: socket, until: request.deadline)
            case .closed, .tooLong:
                return nil
            case .message(let bytes, let regions):
                if control.isCancelled { throw CancellationError() }
                switch try follow(try understand(bytes), regions, over: socket) {
                case .goOn: continue
                case .startOver: return nil
                case .installed(let view): return view
                }
            }
        }
    }

    /// Nil is a message that no registrar would send.
    private func understand(_ bytes: [UInt8]) throws -> RendezvousMessage? {
        do {
            return try RendezvousMessage(decoding: bytes)
        } catch {
            guard case .otherVersion(let theirs) = error else { return nil }
            throw RendezvousError.versionMismatch(
                ours: Int(RendezvousLimit.wireVersion), theirs: Int(theirs))
        }
    }

    private func follow(
        _ message: RendezvousMessage?, _ regions: [RendezvousDescriptor], over socket: RendezvousSocket
    ) throws -> NextStep {
        switch message {
        case .waiting(let present, _):
            report(present)
            return .goOn
        case .propose(let attempt, let rank, let members):
            let proposal = Proposal(attempt: attempt, rank: rank, members: members)
            return try take(proposal, regions, over: socket) ? .goOn : .startOver
        case .abandon(let attempt, _):
            if proposal?.attempt == attempt { withdraw() }
            return .goOn
        case .install(let attempt, _, let registrar):
            return install(attempt, registrar)
        case .reject(let code, let sentence):
            throw error(code, sentence)
        default:
            return .startOver
        }
    }

    private func report(_ names: [String]) {
        guard names != present else { return }
        present = names
        calls.waiting(names)
    }

    /// False if the proposal makes no sense.
    private func take(
        _ offer: Proposal, _ regions: [RendezvousDescriptor], over socket: RendezvousSocket
    ) throws -> Bool {
        let mine = offer.members[offer.rank]
        guard proposal == nil, offer.members.count == request.expected, regions.count == offer.members.count,
            mine.name == request.name, mine.incarnation == request.incarnation
        else { return false }
        report(offer.members.map(\.name))
        do {
            try withExtendedLifetime(regions) {
                try calls.map(offer.rank, offer.members, regions.map(\.number))
            }
        } catch {
            _ = socket.send(.failed(attempt: offer.attempt, sentence: "\(error)"))
            throw RendezvousError.mappingFailed(error)
        }
        proposal = offer
        return socket.send(.mapped(attempt: offer.attempt)) == 0
    }

    private func install(_ attempt: UInt64, _ registrar: Int) -> NextStep {
        guard let proposal, proposal.attempt == attempt, proposal.members.indices.contains(registrar) else {
            return .startOver
        }
        let view = RendezvousView(rank: proposal.rank, members: proposal.members, registrar: registrar)
        return .installed(view)
    }

    private func error(_ code: RejectCode, _ sentence: String) -> RendezvousError {
        switch code {
        case .nameTaken: .nameTaken(detail: sentence)
        case .expected: .expectedMismatch(detail: sentence)
        case .viewIsFormed: .viewIsFormed(detail: sentence)
        case .otherUser: .otherUser(detail: sentence)
        case .version, .malformed, .cluster, .tooMany: .rejected(sentence)
        }
    }
}

// MARK: - After the view is installed

extension RendezvousClient {
    /// Listens for who is gone until the node leaves.
    func watch(_ view: RendezvousView) {
        while !control.isLeaving {
            hear(view)
            tell()
            // Told to leave meanwhile, it was woken too: this returns at once.
            wait(for: socket, until: nil)
        }
    }

    private func hear(_ view: RendezvousView) {
        while let socket {
            switch socket.receive() {
            case .nothing:
                return
            case .message(let bytes, _):
                if case .gone(let rank, let reason)? = try? RendezvousMessage(decoding: bytes) {
                    note(rank, reason, in: view)
                }
            case .closed, .tooLong:
                self.socket = nil
                note(view.registrar, .died, in: view)
            }
        }
    }

    private func note(_ rank: Int, _ reason: GoneReason, in view: RendezvousView) {
        guard rank != view.rank, view.members.indices.contains(rank), gone.insert(rank).inserted else {
            return
        }
        goneUntold.append((rank, reason))
    }

    private func tell() {
        guard let watcher = control.watcher else { return }
        while !goneUntold.isEmpty, !control.isLeaving {
            let (rank, reason) = goneUntold.removeFirst()
            watcher(rank, reason)
        }
    }
}

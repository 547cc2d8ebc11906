import LockstepFabric
import LockstepProtocol

// The shards of a node from one view to the next.
extension PollerLoop {
    /// Freezes every shard, and says how far each has received. What is stable is delivered all the same.
    func wedge() -> [ShardFinal] {
        isWedged = true
        return shards.value.engines.compactMap { $0?.value.wedge(fabric) }
    }

    /// Ends the view at its trims, and begins the next.
    ///
    /// - Parameters:
    ///   - catalogue: What the first poller has of the groups then, at another.
    ///   - connect: Gives the fabric the memory of those who are new, and takes that of those who are gone.
    func install(
        _ next: View, _ catalogue: CatalogueCopy? = nil, trim: (_ shard: Int) -> UInt64, connect: (any Fabric) -> Void
    ) {
        leaveView(trim)
        connect(fabric)
        view = next
        isWedged = false
        if let catalogue { take(catalogue) }
        for shard in shards.value.engines.indices {
            enter(shard)
        }
        shards.value.noteAllBells()
        takeState()
        afterCatalogue()
    }

    private func leaveView(_ trim: (_ shard: Int) -> UInt64) {
        // The catalogue is the first: what it delivers may begin groups, but only in the next view.
        for engine in shards.value.engines {
            guard let engine, let bell = engine.value.active?.value.part.bell else { continue }
            do throws(ProtocolError) {
                try engine.value.leave(at: trim(bell))
            } catch {
                engine.value.fail(error)
            }
        }
    }

    /// Begins to take part in a group in this view, if it is active and this node is one of its replicas.
    func enter(_ shard: Int) {
        guard let engine = shards.value[shard], !engine.value.hasFailed else { return }
        let group = engine.value.group
        let isSuspended = catalogue.state.suspension(of: group) != nil
        if engine.value.isActive {
            if !isSuspended { engine.value.resume() }
            return
        }
        // Others may have begun in this view. Without what this node would have received they deliver nothing in it.
        guard !isWedged else { return }
        let part = shard == Catalogue.shard ? cataloguePart : catalogue.state.part(in: group, of: view)
        if let part {
            engine.value.enter(part, in: view, on: fabric, isSuspended: isSuspended)
            shards.value.connect(part.bell, to: shard)
            shards.value.noteChanged(shard)
        } else if catalogue.state.isLost(group) {
            engine.value.fail(CallChannel.stateLost(group))
        } else if let replicas = catalogue.state.replicasElsewhere(of: group, in: view) {
            engine.value.becomeSpare(CallChannel.notReplica(group, replicas))
        }
    }

    /// Every member of a view has the catalogue; who has just come is given it by another.
    private var cataloguePart: GroupPart {
        GroupPart(
            bell: Catalogue.bell, strand: Catalogue.strand, layout: Catalogue.layout(of: view), members: view.members,
            missingMethods: MissingMethods(), level: 1, isWhole: catalogue.isWhole,
            sources: view.members.filter { $0.rank != view.rank }, change: nil
        )
    }

    /// The catalogue has changed: groups may have become active, or wait for a view in which they have more replicas.
    func noteCatalogue() {
        enterGroups()
        if catalogue.state.wantsView(in: view) { membership.requestView(in: view.number) }
        for other in others { other.run { [catalogue] in $0.followCatalogue(catalogue) } }
    }

    /// The same at another poller than the first.
    private func followCatalogue(_ catalogue: CatalogueCopy) {
        take(catalogue)
        enterGroups()
    }

    private func enterGroups() {
        for shard in shards.value.engines.indices { enter(shard) }
        afterCatalogue()
    }

    private func afterCatalogue() {
        answerReplicaWaiters()
        answerLeaveWaiters()
        guard catalogue.isWhole else { return }
        for engine in shards.value.engines {
            guard let engine, let question = catalogue.state.layoutQuestion(of: engine.value.group, in: view),
                let answer = engine.value.lay(question.request, as: question.number)
            else { continue }
            announce(.laidOut(group: engine.value.group.name, question: question.number, answer))
        }
    }

    /// The lease has begun again that some shards may have waited for.
    func noteLease() {
        for (shard, engine) in shards.value.engines.enumerated() where engine?.value.needsLease == true {
            shards.value.noteChanged(shard)
        }
    }

    // MARK: - State for those who have come later

    /// Asks for the state of every group that waits for it.
    func takeState() {
        for (shard, engine) in shards.value.engines.enumerated() where engine?.value.needsState == true {
            guard let engine else { continue }
            membership.requestState(of: engine.value.group, from: engine.value.sources, shard: shard, in: view.number)
        }
    }

    /// How the state comes that a shard waits for; nil if it has its state.
    func transfer(to shard: Int) -> GroupStatus.Transfer? {
        guard shards.value[shard]?.value.isRestoring == true, let transfer = membership.transfer(to: shard),
            let source = view.members.first(where: { $0.incarnation == transfer.source })
        else { return nil }
        return GroupStatus.Transfer(
            source: source.name, bytes: transfer.bytes, fraction: transfer.fraction,
            duration: .nanoseconds(now() - transfer.began)
        )
    }

    /// Hands over the state of a group at this moment of a view, for another member: nil if this node is not in that
    /// view, or has not got the state itself.
    func giveState(
        of group: GroupID, in number: UInt64,
        _ body: @escaping @Sendable (_ given: (position: UInt64, snapshot: ReplicaSnapshot)?) -> Void
    ) {
        let engine = shards.value.engines.first { $0?.value.group == group } ?? nil
        guard number == view.number, let engine, let position = engine.value.givenPosition else { return body(nil) }
        engine.value.replica.takeSnapshot { result in
            body((try? result.get()).map { (position, $0) })
        }
    }

    /// Another member's state has come.
    func putState(_ shard: Int, position: UInt64, in number: UInt64, _ snapshot: ReplicaSnapshot) {
        guard number == view.number, let engine = shards.value[shard], engine.value.needsState else {
            return snapshot.finish()
        }
        do throws(ProtocolError) {
            try engine.value.restore(from: snapshot, at: position) { [poller] attempt, result in
                poller.run { $0.finishRestoring(shard, attempt, result) }
            }
        } catch {
            snapshot.finish()
            engine.value.fail(error)
        }
    }

    /// Nobody can give the state that a shard waits for.
    func giveUpState(_ shard: Int, in number: UInt64, because reason: String) {
        guard number == view.number, let engine = shards.value[shard], engine.value.needsState else { return }
        refuseState(shard, because: CallChannel.notGiven(engine.value.group, reason))
    }

    private func refuseState(_ shard: Int, because error: LockstepError) {
        guard let engine = shards.value[shard] else { return }
        engine.value.refuseState(because: error)
        // Without the catalogue this node can be nothing to the others.
        if shard == Catalogue.shard { return membership.giveUp(error) }
        announce(.refused(group: engine.value.group.name, reason: error.message))
    }

    private func finishRestoring(_ shard: Int, _ attempt: UInt64, _ result: Result<Void, any Error>) {
        guard let engine = shards.value[shard], engine.value.attempt == attempt else { return }
        let group = engine.value.group
        switch result {
        case .success:
            engine.value.finishRestoring()
        case .failure(is StateInterruption):
            engine.value.loseState()
            guard engine.value.needsState else { return }
            return membership.requestState(of: group, from: engine.value.sources, shard: shard, in: view.number)
        case .failure(let error):
            return refuseState(shard, because: CallChannel.notRestored(group, error))
        }
        shards.value.noteChanged(shard)
        if shard == Catalogue.shard {
            noteWholeCatalogue()
            noteCatalogue()
            others.run({ _ in }) { [membership, view] _ in membership.noteCatalogue(in: view.number) }
        } else {
            announce(.restored(group: group.name))
        }
    }

    /// Tells all members something about this node's groups.
    func announce(_ update: CatalogueUpdate) {
        Task { [catalogueQueue] in
            // If it cannot be sent, this node is no member any more.
            try? await catalogueQueue.send(update.encoded(), PendingReply(), deadline: .max) { _ in }
        }
    }
}

/// What a poller asks of the membership of its node.
protocol MembershipPort: Sendable {
    /// A member waits to become a replica of a group, which it is from the next view on.
    func requestView(in view: UInt64)

    /// This node has got the catalogue of a view, to which it came later than others.
    func noteCatalogue(in view: UInt64)

    /// A replica needs the state of its group, from any of these.
    func requestState(of group: GroupID, from sources: [View.Member], shard: Int, in view: UInt64)

    /// How the last such request goes.
    func transfer(to shard: Int) -> StateProgress?

    /// This node cannot be a member.
    func giveUp(_ error: LockstepError)

    /// When somebody has waited long enough for a call to one member, nil if nobody waits.
    var callDeadline: Int64? { get }

    /// Fails those who have waited long enough.
    func expireCalls(at now: Int64)

    /// This node is out of its cluster: nobody waits for members any longer.
    func endCalls(because error: LockstepError)
}

extension MembershipPort {
    var callDeadline: Int64? { nil }

    func expireCalls(at now: Int64) {}

    func endCalls(because error: LockstepError) {}
}

import DequeModule
import Lockstep
import LockstepFabric
import LockstepProtocol

// What a process does as its view changes.
extension ClusterProcess {
    func perform(_ effect: MembershipEffect) throws {
        switch effect {
        case .push(let ranges, let peers):
            let channels = peers.compactMap { world.channel(self, at: $0.index) }
            for range in ranges { push(range, over: channels) }
        case .wedge(let view):
            let finals = shards.map { ($0.state, $0.wedge()) }.filter { $0.0 != nil }.map(\.1)
            note("wedges view \(view) at \(finals.map(\.position))")
            isFormed = false
            machine?.noteWedged(finals)
            beginFailure()
        case .install(let installation):
            try install(installation)
        case .formed(let view):
            note("sees that everybody has installed view \(view)")
            isFormed = true
            for shard in shards { shard.isOpen = true }
        case .excluded(let exclusion):
            note("is out: \(exclusion)")
            isFormed = false
            if let view { try world.history.noteExclusion(of: record, from: view) }
            world.noteExclusion(of: self)
        case .majority(let serves):
            note(serves ? "hears a majority again" : "has lost the majority, and stops")
            self.serves = serves
            if serves { servesSince = world.clock.now }
        case .suspects(let suspects):
            note("suspects \(suspects.map(\.index))")
        }
    }

    private func install(_ installation: Installation) throws {
        let view = installation.view
        note("installs view \(view.number) of \(view.names), trims \(installation.decision.trims.map(\.position))")
        try world.history.note(installation, by: name)
        var states: [Int: ClusterState] = [:]
        for shard in shards where shard.state != nil {
            states[shard.number] = try end(shard, installation)
        }
        queries.leaveView(marked: shards.flatMap { $0.marked })
        makeShards(view, after: installation) { shard in
            if installation.trim(of: shard) == nil || !world.rules.contains(.transfer) {
                return states[shard] ?? ClusterState()
            }
            return states[shard]
        }
        for shard in shards where installation.trim(of: shard.number) == nil {
            try world.history.noteLoss(of: shard.number, view: view.number)
        }
        try noteStarts(view: view.number)
    }

    /// Delivers the rest of the old view, and queues again what is dropped.
    private func end(_ shard: ClusterShard, _ installation: Installation) throws -> ClusterState? {
        let number = installation.previous.number
        try shard.end(at: installation.trim(of: shard.number) ?? 0)
        while let delivery = try shard.deliver() { try note(delivery, of: shard, in: number, isEnding: true) }
        let dropped = try shard.takeDropped()
        if world.rules.contains(.resend) { waiting[shard.number, default: []].prepend(contentsOf: dropped) }
        if let state = shard.state { try world.history.noteEnd(state, shard: shard.number, view: number, by: name) }
        if let replica = shard.replica, shard.state != nil {
            world.service?.note(replica, of: shard.number, at: "the end of view \(number)", by: self)
        }
        return shard.state
    }

    func makeShards(_ view: MembershipView, after installation: Installation?, state: (Int) -> ClusterState?) {
        isFormed = false
        shards = world.scenario.shardSizes.indices.compactMap { number in
            let members = world.scenario.members(of: number, in: view).map { view.members[$0] }
            guard let me = members.firstIndex(of: record) else { return nil }
            let layout = ShardLayout(
                view: view.number,
                members: members.map { world.places.member($0.peer, shard: number) }, me: me)
            let mirrors = members.map { member in
                member == record ? memory.region.mirror : mirror(of: world.process(member)).mirror
            }
            let shard = ClusterShard(
                number: number, layout: layout, region: memory.region, mirrors: mirrors, state: state(number),
                rules: world.rules)
            enter(shard, view, after: installation)
            return shard
        }
        dataChannels = [:]
        for member in view.members where member != record {
            dataChannels[member.peer.index] = world.channel(self, with: member)
        }
    }

    private func enter(_ shard: ClusterShard, _ view: MembershipView, after installation: Installation?) {
        guard let service = world.service else { return }
        let replica = replicas[shard.number] ?? service.makeReplica(of: shard.number, at: self)
        (replicas[shard.number], shard.replica) = (replica, replica)
        replica.enter(view, me: record, after: shard.state == nil ? nil : installation)
    }

    /// From here on others may fetch the states that are here.
    private func noteStarts(view number: UInt64) throws {
        for shard in shards {
            guard let state = shard.state, starts[number]?[shard.number] == nil else { continue }
            starts[number, default: [:]][shard.number] = state
            if let replica = shard.replica {
                startStates[number, default: [:]][shard.number] = try replica.captureState()
                world.service?.note(replica, of: shard.number, at: "the beginning of view \(number)", by: self)
            }
            try world.history.noteStart(state, shard: shard.number, view: number, by: name)
        }
    }

    /// Fetches the states that are missing from whoever began the view with them; then the view is installed.
    func transfer() throws {
        guard isAlive, machine?.role == .member, machine?.isInstalling == true, let number = view?.number else {
            return
        }
        for shard in shards where shard.state == nil {
            guard let source = world.source(of: shard.number, for: self) else { continue }
            if let replica = shard.replica, let state = source.startStates[number]?[shard.number] {
                try replica.restore(from: state)
            }
            shard.state = source.starts[number]?[shard.number]
        }
        try noteStarts(view: number)
        guard shards.allSatisfy({ $0.state != nil }) else { return wake() }
        note("has installed view \(number)")
        machine?.noteInstalled(number)
    }
}

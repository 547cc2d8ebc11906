import CLockstep
import LockstepFabric
import LockstepProtocol
import Logging

/// What the membership's thread works on. It never leaves that thread.
final class MembershipLoop {
    private let host: any MembershipHost
    private let fabric: NodeFabric
    private let life: LifeHold
    private let me: MemberRecord
    private let machine: ThreadBound<MembershipMachine>
    private let layout: MembershipLayout
    /// The memory of every node that this one is connected with, by incarnation. Those who are gone stay for two views:
    /// until then somebody may read it.
    private var mirrors: [UInt64: any PeerMemory] = [:]
    /// Who has which place in the fabric's tables.
    private var places: [Peer: MemberRecord] = [:]
    private var dead: Set<UInt64> = []
    /// Members whose memory is out of reach, and asked for again.
    private var renewed: Set<UInt64> = []
    /// Those who were silent, and excused, before the last step.
    private var starved = PeerSet()
    /// A view in which some member's memory is not here yet.
    private var pending: Installation?
    private var isStopped = false
    /// True when the host knows that this node is out.
    private var hasEnded = false

    init(
        me: MemberRecord, view: MembershipView, region: SharedMemoryRegion, layout: MembershipLayout,
        settings: MembershipSettings, host: any MembershipHost
    ) throws {
        self.me = me
        self.host = host
        self.layout = layout
        life = try LifeHold(region)
        fabric = NodeFabric(own: region, me: me.peer, channel: .membership)
        machine = ThreadBound(
            MembershipMachine(
                me: me, view: view, region: region.region, layout: layout, settings: settings, now: now()
            )
        )
    }

    /// Steps until this node is out of the cluster, or is told to stop.
    func run(_ takeOrders: () -> [MembershipDriver.Order]) {
        // A turn before it sleeps has to be made in any case, so there is no other.
        while !isStopped { fabric.park(until: machine.value.deadline) { turn(takeOrders()) } }
    }

    /// Goes on as far as possible; false if there was nothing to do.
    private func turn(_ orders: [MembershipDriver.Order]) -> Bool {
        for order in orders { take(order) }
        noteDeaths()
        noteStarved()
        machine.value.hostTime = UInt64(lockstep_realtime_ns())
        let effects = machine.value.step(now: now())
        for effect in effects { perform(effect) }
        host.noteLease(until: machine.value.leaseEnd)
        if let report = machine.value.takeReport() { host.noteChange(report) }
        // After a heartbeat alone there is nothing more to do.
        return !orders.isEmpty || effects.contains { !isPulse($0) }
    }

    private func isPulse(_ effect: MembershipEffect) -> Bool {
        if case .push(let ranges, _) = effect { ranges.allSatisfy { $0 == layout.pulse } } else { false }
    }

    // MARK: - What has happened

    private func take(_ order: MembershipDriver.Order) {
        switch order {
        case .connected(let record, let mirror): connect(record, mirror)
        case .wedged(let finals): machine.value.noteWedged(finals)
        case .installed(let view): machine.value.noteInstalled(view)
        case .ready: machine.value.noteReady()
        case .requestView(let view): machine.value.noteChangeWanted(in: view)
        case .leave: machine.value.noteLeaving()
        case .replaced(let view): end(.replaced(view: view))
        case .stop: isStopped = true
        }
    }

    private func connect(_ record: MemberRecord, _ mirror: any PeerMemory) {
        guard record != me else { return }
        if let former = mirrors[record.incarnation] { return replace(former, by: mirror, of: record) }
        if let other = places[record.peer] {
            guard !isMember(other) else { return }
            _ = fabric.disconnect(other.peer)
        }
        mirrors[record.incarnation] = mirror
        places[record.peer] = record
        fabric.connect(record.peer, mirror)
        machine.value.noteConnected(record.peer, incarnation: record.incarnation, mirror.mirror)
        if let installation = pending { install(installation) }
    }

    /// A node is connected with again. What was pushed to it may be lost, so that the view has to end; what is new of it
    /// are rows alone until then.
    private func replace(_ former: any PeerMemory, by mirror: any PeerMemory, of record: MemberRecord) {
        guard mirror is any RemoteMemory, mirror !== former, places[record.peer] == record else { return }
        _ = fabric.disconnect(record.peer)
        mirrors[record.incarnation] = mirror
        renewed.remove(record.incarnation)
        fabric.connect(record.peer, mirror)
        machine.value.noteBroken(record.peer, incarnation: record.incarnation)
        machine.value.noteConnected(record.peer, incarnation: record.incarnation, mirror.mirror)
    }

    private func isMember(_ record: MemberRecord) -> Bool { machine.value.view.rank(of: record) != nil }

    /// On one host the kernel says at once who is dead.
    private func noteDeaths() {
        for (peer, record) in places where !dead.contains(record.incarnation) {
            switch fabric.life(of: peer) {
            case .died, .left:
                dead.insert(record.incarnation)
                machine.value.noteDead(peer, incarnation: record.incarnation)
            case .lost:
                machine.value.noteLost(peer, incarnation: record.incarnation)
                if isMember(record), renewed.insert(record.incarnation).inserted { host.renew(record) }
            case .alive, .notStarted:
                break
            }
        }
    }

    /// On one host the kernel also says who is silent only because others have all the processors.
    private func noteStarved() {
        let former = starved
        let overdue = machine.value.overdue(at: now())
        guard !overdue.isEmpty || !former.isEmpty else { return }
        starved = PeerSet(overdue.filter { fabric.isStarved($0) })
        for peer in starved {
            guard let record = places[peer] else { continue }
            machine.value.noteStarved(peer, incarnation: record.incarnation)
            if !former.contains(peer) { host.noteStarved(record) }
        }
    }

    // MARK: - What is to be done

    private func perform(_ effect: MembershipEffect) {
        switch effect {
        case .push(let ranges, let peers): push(ranges, to: peers)
        case .wedge(let view): host.wedge(view: view)
        case .install(let installation): install(installation)
        case .formed(let view): host.noteFormed(view: view)
        case .excluded(let exclusion): end(exclusion)
        case .majority(let isHeard): host.noteMajority(isHeard)
        case .suspects(let peers): host.noteSuspects(places.values.filter { peers.contains($0.peer) })
        }
    }

    private func push(_ ranges: [Range<Int>], to peers: PeerSet) {
        for range in ranges { fabric.push(range, to: peers) }
        // A heartbeat wakes nobody: who sleeps looks at it soon enough.
        guard ranges.contains(where: { $0 != layout.pulse }) else { return fabric.flush(peers) }
        fabric.notify(peers, of: Bell.all) { true }
    }

    private func install(_ installation: Installation) {
        let missing = installation.view.members.filter { $0 != me && mirrors[$0.incarnation] == nil }
        guard missing.isEmpty else {
            pending = installation
            return host.connect(to: missing)
        }
        pending = nil
        var members: [Peer: any PeerMemory] = [:]
        for member in installation.view.members { members[member.peer] = mirrors[member.incarnation] }
        host.install(installation, members)
        forget(installation)
    }

    /// Lets go of those who were gone in the view before.
    private func forget(_ installation: Installation) {
        let kept = Set((installation.view.members + installation.previous.members).map(\.incarnation))
        for (peer, record) in places where !kept.contains(record.incarnation) && isGone(record) {
            machine.value.noteForgotten(peer, incarnation: record.incarnation)
            _ = fabric.disconnect(peer)
            places[peer] = nil
            mirrors[record.incarnation] = nil
            dead.remove(record.incarnation)
            renewed.remove(record.incarnation)
        }
    }

    /// True if nothing comes of a node any more.
    private func isGone(_ record: MemberRecord) -> Bool {
        dead.contains(record.incarnation) || fabric.life(of: record.peer) == .lost
    }

    private func end(_ exclusion: Exclusion) {
        guard !hasEnded else { return }
        (isStopped, hasEnded) = (true, true)
        host.end(exclusion)
    }
}

/// What a node does for its membership, on whatever thread it likes.
protocol MembershipHost: Sendable {
    /// Freeze every shard, and order ``MembershipDriver/Order/wedged(_:)``.
    func wedge(view: UInt64)

    /// Begin a view with the memory of its members, and order ``MembershipDriver/Order/installed(view:)``.
    func install(_ installation: Installation, _ mirrors: [Peer: any PeerMemory])

    /// Every member has installed the view.
    func noteFormed(view: UInt64)

    /// Connect with nodes that have joined together with, or before, this one.
    func connect(to nodes: [MemberRecord])

    /// Connect anew with a member of the view whose memory is out of reach.
    func renew(_ member: MemberRecord)

    func noteMajority(_ isHeard: Bool)

    /// The other members go on without this one not before then, by the monotonic clock.
    func noteLease(until end: Int64)

    func noteSuspects(_ suspects: [MemberRecord])

    /// A member is silent and waits for a processor.
    func noteStarved(_ member: MemberRecord)

    /// A change of views is over.
    func noteChange(_ change: ViewChangeTrace)

    /// This node is out of the cluster.
    func end(_ exclusion: Exclusion)
}

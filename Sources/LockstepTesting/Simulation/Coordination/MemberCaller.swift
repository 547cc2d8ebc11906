import Lockstep
import LockstepCoordination
import LockstepProtocol

/// The tasks of a member, as one ``Coordination`` has them.
final class MemberCaller: CoordinationCaller {
    let process: ClusterProcess
    private let desk: MemberDesk
    /// When the lease ends, and when the last one did.
    private var leaseEnd = Int64.min
    private var lastLeaseEnd: Int64

    init(_ process: ClusterProcess, _ desk: MemberDesk, _ service: CoordinationService) {
        (self.process, self.desk) = (process, desk)
        lastLeaseEnd = process.world.clock.now
        super.init(process.name, service)
    }

    override var runs: Bool { process.isAlive && process.runs }

    override var lostAt: Int64 {
        let end = leaseEnd == .min ? lastLeaseEnd : leaseEnd
        return end == .max || service.flaw == .untold ? .max : end + service.scenario.grace * 4 / 5
    }

    /// The lease ends then: see `Lease`.
    func noteLease(until end: Int64) {
        if end == .min, leaseEnd != .min { lastLeaseEnd = min(leaseEnd, service.now) }
        leaseEnd = end
    }

    override func call(_ call: CoordinationCall, _ ticket: TaskTicket, then: @escaping (Outcome) -> Void) {
        guard !hasEnded else { return }
        desk.send(service.encode(call, ticket).message(stamp: desk.stamp), to: call.group) { reply in
            then((try? call.answer(reply)).map { .answered($0) } ?? .failed)
        }
    }

    override func ask(_ query: CoordinationQuery, then: @escaping (CoordinationQuery.Answer) -> Void) {
        guard !hasEnded else { return }
        desk.ask(query, then)
    }
}

/// What a process does for its own tasks and for clients.
final class MemberDesk {
    let process: ClusterProcess
    private unowned let service: CoordinationService
    private(set) var replicas: [CoordinationGroup: CoordinationReplica] = [:]
    /// Who waits for the updates that this process has sent, by their numbers.
    private var waiting: [UInt64: (DetachedReply) -> Void] = [:]
    private var readers: [CoordinationGroup: CoordinationReader] = [:]
    var lines: [ClientLine] = []
    var caller: MemberCaller?
    private(set) var hasBegun = false
    /// It has been asked to leave, so that nobody here wants anything any more.
    private(set) var isLeaving = false

    init(_ process: ClusterProcess, _ service: CoordinationService) {
        (self.process, self.service) = (process, service)
    }

    /// What the clock of this process shows.
    var stamp: Int64 { ClusterWorld.stamp(process.now) }

    func add(_ replica: CoordinationReplica, of group: CoordinationGroup) { replicas[group] = replica }

    /// True if it can be called: a member with the state of both groups.
    var serves: Bool {
        process.isMember && process.shards.count == CoordinationGroup.allCases.count
            && process.shards.allSatisfy { $0.state != nil }
    }

    func send(_ message: [UInt8], to group: CoordinationGroup, then: @escaping (DetachedReply) -> Void) {
        let update = process.send(message, shard: group.rawValue)
        waiting[update.sequence] = then
    }

    func note(_ reply: DetachedReply, to update: ClusterUpdate) { waiting.removeValue(forKey: update.sequence)?(reply) }

    func ask(_ query: CoordinationQuery, _ then: @escaping (CoordinationQuery.Answer) -> Void) {
        service.ask(query, at: self, then)
    }

    /// Sends what is due of timers and sessions.
    func proposeDue() {
        for group in CoordinationGroup.allCases {
            for message in replicas[group]?.ordered.proposeDue(at: stamp) ?? [] {
                _ = process.send(message, shard: group.rawValue)
            }
        }
    }

    /// Begins to read what is published.
    func beginReading() {
        hasBegun = true
        for (group, replica) in replicas { readers[group] = replica.makeReader() }
    }

    /// Reads what was published, and tells it to tasks and clients.
    func readNews() {
        for group in CoordinationGroup.allCases {
            while let (news, version) = readers[group]?.next() {
                service.note(news, version: version, group: group, at: process.name)
                if group == .turns { caller?.take(news, version: version) }
            }
        }
        for line in lines { line.tell(self) }
    }

    func leave() {
        isLeaving = true
        caller?.end()
    }

    /// A client is cut off.
    func cut(_ client: Int) {
        for line in lines where line.index == client { line.breakOff() }
    }

    /// Cuts what holds itself in circles.
    func dissolve() { (waiting, lines, caller) = ([:], [], nil) }

    /// The process is gone.
    func end() {
        caller?.end()
        (waiting, readers) = ([:], [:])
        for line in lines { line.breakOff() }
        lines = []
    }
}

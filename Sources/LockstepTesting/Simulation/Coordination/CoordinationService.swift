import Lockstep
import LockstepCoordination
import LockstepProtocol

/// Coordination as what a simulated cluster replicates: the replicas, who uses them, and what is known of that.
final class CoordinationService {
    let scenario: CoordinationScenario
    let flaw: CoordinationFlaw?
    let holds = HoldBook()
    let meetings: MeetingBook
    let items = ItemBook()
    let values = ValueBook()
    let news = NewsBook()
    let replicaBook = ReplicaBook()
    let node: DetachedNode
    weak var cluster: ClusterWorld?
    var desks: [UInt64: MemberDesk] = [:]
    var callers: [CoordinationCaller] = []
    var queries: [Int: (query: CoordinationQuery, then: (CoordinationQuery.Answer) -> Void)] = [:]
    private var queriesEver = 0
    private var callersEver: UInt64 = 0
    private var usersEver = 0
    private var holdsEver: UInt64 = 0
    /// Until when each client is stopped, or cut off.
    var pauses: [Int64]
    var cuts: [Int64]
    var deadClients: Set<Int> = []
    var isClosing = false

    init(_ scenario: CoordinationScenario, flaw: CoordinationFlaw?) throws {
        self.scenario = scenario
        self.flaw = flaw
        node = try DetachedNode()
        meetings = MeetingBook(parties: scenario.parties)
        pauses = Array(repeating: 0, count: scenario.clientCount)
        cuts = pauses
    }

    /// Lives as long as this is used.
    var world: ClusterWorld {
        guard let cluster else { preconditionFailure("coordination must be used in a world") }
        return cluster
    }

    var now: Int64 { world.clock.now }

    func nextNumber() -> UInt64 {
        callersEver += 1
        return callersEver
    }

    func nextUser() -> Int {
        usersEver += 1
        return usersEver
    }

    func nextHold() -> UInt64 {
        holdsEver += 1
        return holdsEver
    }

    // MARK: - For callers and users

    /// Lets a caller do something after a while, when it runs.
    func after(_ delay: Int, _ caller: CoordinationCaller, _ body: @escaping () -> Void) {
        world.clock.schedule(after: max(1, delay)) { [weak self, weak caller] in
            guard let self, let caller, !caller.hasEnded else { return }
            guard caller.runs else { return after(200, caller, body) }
            caller.checkTouch()
            body()
        }
    }

    func encode(_ call: CoordinationCall, _ ticket: TaskTicket) -> EncodedCall {
        do {
            return try call.encoded(ticket)
        } catch {
            preconditionFailure("a few words can be encoded: \(error)")
        }
    }

    /// Asks a process, in one of the ways in which the answer is no old one.
    func ask(_ query: CoordinationQuery, at desk: MemberDesk, _ then: @escaping (CoordinationQuery.Answer) -> Void) {
        queriesEver += 1
        queries[queriesEver] = (query, then)
        let ways = ClusterQuery.Way.allCases
        let way = ways[world.random.pick(0...ways.count - 1)]
        if !desk.process.ask(query.group.rawValue, way, number: queriesEver) { queries[queriesEver] = nil }
    }

    /// Looks at something that may be wrong.
    func check(_ body: () throws -> Void) { world.check(body) }

    func note(_ text: @autoclosure () -> String) { world.trace.note(at: now, text()) }

    /// A user has something from now on.
    func begin(_ hold: CoordinationHold) {
        note("\(hold.caller.name) has \(hold.key)\(hold.token.map { ", token \($0)" } ?? "")")
        check { try holds.begin(hold, at: now) }
    }

    /// Somebody has read this.
    func note(_ published: CoordinationNews, version: UInt64, group: CoordinationGroup, at name: String) {
        switch published {
        case .admitted(let tickets, let token): meetings.noteAdmitted(tickets, token)
        case .lagged: meetings.noteLag()
        case .broken, .leads, .put, .said: break
        }
        check { try news.note(published, version: version, group: group, at: name) }
    }

    func beginUsers(of caller: CoordinationCaller) {
        let count = caller is MemberCaller ? scenario.usersPerMember : scenario.usersPerClient
        caller.users = (0..<count).map { _ in CoordinationUser(caller) }
        for user in caller.users { user.goOn() }
    }
}

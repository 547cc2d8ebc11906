import Distributed
import Lockstep

/// A write on its way along the chain.
@Wire
struct Update: Codable, Sendable {
    /// Its number, in the order that the head gives.
    var position: UInt64
    var key: String
    var value: Int
    /// The member that wants it, and the number by which that knows it.
    var client: UInt64
    var request: UInt64
}

/// What a member has, for one that comes later.
@Wire
struct Copy: Codable, Sendable {
    var values: [String: Int]
    /// The last write among them.
    var applied: UInt64
    var pending: [Update]
}

enum ChainError: Error {
    case notTheHead, notTheTail, notMyNeighbour
    /// This member came later, and has not been given the data yet.
    case noData
    /// The chain has changed, and nobody knows whether the write is in it.
    case unknown
}

/// Chain replication, after van Renesse and Schneider (OSDI 2004).
///
/// The head takes writes and gives them an order. Each member passes them to the next, and the tail, which has what all
/// have, answers the clients and the reads. That it has them travels back to the head.
///
/// In the paper a master says who is in the chain. Here the views do: they are all that goes through the order of the group.
@Replicated
distributed actor Chain: ViewAware {
    /// The incarnations of the members, head first.
    private var members: [UInt64] = []
    @Local private let link: Link

    // What this member has of the data.
    @Local private var values: [String: Int] = [:]
    @Local private var applied: UInt64 = 0
    /// Applied here, and perhaps not yet at the tail: the paper's "Sent".
    @Local private var pending: [Update] = []
    /// False until a member that came later has been given all this.
    @Local private var hasData = false

    init(actorSystem: LockstepSystem, link: Link) {
        self.link = link
        self.actorSystem = actorSystem
    }

    // MARK: - Who is in the chain

    /// Begins with these members. All of them say so, and the first counts: who says so later hears who is there.
    distributed func form(_ members: [UInt64]) {
        if self.members.isEmpty { (self.members, hasData) = (members, true) }
        link.follow(self.members)
    }

    /// Whoever is gone leaves a gap, which its neighbours close, and whoever is new comes behind the tail.
    func viewChanged(_ view: GroupView) {
        guard !members.isEmpty else { return }
        let gone = Set(view.gone.map(\.incarnation))
        members.removeAll { gone.contains($0) }
        // The last of them has what all have. Some of these clients may have been told before.
        if isTail { settle(upTo: applied) } else { link.settled.replace([settled]) }
        members += view.joined.map(\.incarnation)
        link.follow(members)
        // Nobody knows what the next one lacks: it drops what it has.
        link.updates.replace(pending)
    }

    private var isTail: Bool { members.last == link.me }

    /// True if the caller comes so many places behind this member in the chain.
    private func isCaller(behind distance: Int) -> Bool {
        guard let place = members.firstIndex(of: link.me), members.indices.contains(place + distance) else {
            return false
        }
        return members[place + distance] == context.caller.incarnation
    }

    // MARK: - Data for a new member

    /// What the member behind this one begins with. All that comes here later is sent to it.
    @Query
    distributed func copy() throws -> Copy {
        guard isCaller(behind: 1) else { throw ChainError.notMyNeighbour }
        guard hasData else { throw ChainError.noData }
        return Copy(values: values, applied: applied, pending: pending)
    }

    /// Takes what the member before this one has had, unless it is there already.
    @Direct
    distributed func begin(with copy: Copy) {
        guard !hasData else { return }
        (values, applied, pending, hasData) = (copy.values, copy.applied, copy.pending, true)
        link.updates.replace(pending)
        if isTail { settle(upTo: applied) }
    }

    // MARK: - Writes, from the head to the tail

    @Direct
    distributed func write(_ value: Int, to key: String, as request: UInt64) throws {
        guard members.first == link.me else { throw ChainError.notTheHead }
        guard hasData else { throw ChainError.noData }
        let client = context.caller.incarnation
        apply([Update(position: applied + 1, key: key, value: value, client: client, request: request)])
    }

    @Direct
    distributed func extend(_ updates: [Update]) throws {
        guard isCaller(behind: -1) else { throw ChainError.notMyNeighbour }
        guard hasData else { throw ChainError.noData }
        apply(updates)
    }

    private func apply(_ updates: [Update]) {
        for update in updates where update.position == applied + 1 {
            values[update.key] = update.value
            applied = update.position
            pending.append(update)
            link.updates.put([update])
        }
        if isTail { settle(upTo: applied) }
    }

    // MARK: - And back

    @Direct
    distributed func acknowledge(_ position: UInt64) throws {
        guard isCaller(behind: 1) else { throw ChainError.notMyNeighbour }
        settle(upTo: position)
    }

    /// All members behind this one have what comes before.
    private func settle(upTo position: UInt64) {
        let done = pending.prefix { $0.position <= position }
        if isTail { link.replies.put(Array(done)) }
        pending.removeFirst(done.count)
        link.settled.replace([settled])
    }

    private var settled: UInt64 { pending.first.map { $0.position - 1 } ?? applied }

    /// The tail has done these.
    @Direct
    distributed func finish(_ requests: [UInt64]) { link.finish(requests) }

    // MARK: - Reads

    @Query
    distributed func read(_ key: String) throws -> Int {
        guard isTail else { throw ChainError.notTheTail }
        guard hasData else { throw ChainError.noData }
        return values[key, default: 0]
    }

    /// What this member has, whoever it is: a mistake that the checker has to find.
    @Query
    distributed func peek(_ key: String) -> Int { values[key, default: 0] }
}

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

enum ChainError: Error {
    case notTheHead, notTheTail, notMyNeighbour
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

    init(actorSystem: LockstepSystem, link: Link) {
        self.link = link
        self.actorSystem = actorSystem
    }

    // MARK: - Who is in the chain

    /// Begins with these members. All of them say so, and the first counts.
    distributed func form(_ members: [UInt64]) {
        guard self.members.isEmpty else { return }
        self.members = members
        link.follow(members)
    }

    /// Whoever is gone leaves a gap, which its neighbours close.
    func viewChanged(_ view: GroupView) {
        let gone = Set(view.gone.map(\.incarnation))
        guard !gone.isEmpty else { return }
        members.removeAll { gone.contains($0) }
        link.follow(members)
        // Nobody knows what the next one lacks: it drops what it has.
        link.updates.replace(pending)
        // A new tail has what all have. Some of these clients may have been told before.
        if isTail { settle(upTo: applied) } else { link.settled.replace([settled]) }
    }

    private var isTail: Bool { members.last == link.me }

    // MARK: - Writes, from the head to the tail

    @Direct
    distributed func write(_ value: Int, to key: String, as request: UInt64) throws {
        guard members.first == link.me else { throw ChainError.notTheHead }
        let client = context.caller.incarnation
        apply([Update(position: applied + 1, key: key, value: value, client: client, request: request)])
    }

    @Direct
    distributed func extend(_ updates: [Update]) throws {
        guard let place = members.firstIndex(of: link.me), place > 0, members[place - 1] == context.caller.incarnation
        else { throw ChainError.notMyNeighbour }
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
        guard let place = members.firstIndex(of: link.me), place + 1 < members.count,
            members[place + 1] == context.caller.incarnation
        else { throw ChainError.notMyNeighbour }
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
        return values[key, default: 0]
    }

    /// What this member has, whoever it is: a mistake that the checker has to find.
    @Query
    distributed func peek(_ key: String) -> Int { values[key, default: 0] }
}

import Lockstep

/// A member of the chain, and its clients' way to it.
struct ChainMember: Store {
    let name = "chain"
    private let chain: Chain.Handle
    private let link: Link
    private let readsAnywhere: Bool

    /// Takes part in the chain, behind those that have formed it.
    ///
    /// - Parameter readsAnywhere: Makes the mistake of reading from whoever asks.
    static func join(on node: Node, readsAnywhere: Bool = false) async throws -> ChainMember {
        let view = node.membership.view
        let link = Link(me: view.members[view.rank].incarnation)
        let chain = try await node.host("chain") { Chain(actorSystem: $0, link: link) }
        let member = ChainMember(chain: chain, link: link, readsAnywhere: readsAnywhere)
        try await chain.form(view.members.map(\.incarnation))
        Task { await member.run() }
        return member
    }

    /// Calls that this member has made.
    var calls: Int { link.calls }

    func write(_ value: Int, to key: String) async throws {
        try await link.request { request in
            try await call(member(link.head)) { try await $0.write(value, to: key, as: request) }
        }
    }

    /// The lease shows that no view has begun in which another is the tail.
    func read(_ key: String) async throws -> Int {
        if readsAnywhere { return try await chain.reading(.local).peek(key) }
        return try await call(member(link.tail)) { try await $0.read(key) }
    }

    // MARK: - Sending

    /// Sends what the replica leaves.
    private func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask {
                await deliver({ member(link.predecessor) }) { predecessor in
                    let copy = try await predecessor.copy()
                    try await call(member(link.me)) { try await $0.begin(with: copy) }
                }
            }
            group.addTask {
                await link.updates.drain { updates in
                    await deliver({ member(link.successor) }) { try await $0.extend(updates) }
                }
            }
            group.addTask {
                await link.settled.drain { positions in
                    await deliver({ member(link.predecessor) }) { try await $0.acknowledge(positions.max() ?? 0) }
                }
            }
            group.addTask {
                await link.replies.drain { replies in
                    for (client, replies) in Dictionary(grouping: replies, by: \.client) {
                        await deliver({ member(client) }) { try await $0.finish(replies.map(\.request)) }
                    }
                }
            }
        }
    }

    /// Calls a neighbour until it has heard, or is one no more.
    private func deliver(
        _ neighbour: () -> Chain.Handle.OnMember?, _ body: (Chain.Handle.OnMember) async throws -> Void
    ) async {
        while let member = neighbour() {
            do {
                return try await call(member, body)
            } catch {
                try? await Task.sleep(for: .milliseconds(1))
            }
        }
    }

    private func call<Result>(
        _ member: Chain.Handle.OnMember?, _ body: (Chain.Handle.OnMember) async throws -> Result
    ) async throws -> Result {
        guard let member else { throw ChainError.unknown }
        link.noteCall()
        return try await body(member)
    }

    private func member(_ incarnation: UInt64?) -> Chain.Handle.OnMember? {
        chain.group.members.first { $0.incarnation == incarnation }.map { chain.reading(.leased).on($0) }
    }
}

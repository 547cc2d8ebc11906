import Lockstep

extension Node {
    /// This node's share of some work, and again at each view: every item is with one of the members, of which witnesses
    /// have none.
    ///
    /// ```swift
    /// for await parts in node.shares(of: Array(0..<64)) { await work.restart(with: parts) }
    /// ```
    ///
    /// Shares are stable: when a member goes, only its items move, and one that comes takes some from each. All members
    /// compute the same for one view; but they begin a view at different moments, so that for a moment an item may be with
    /// two of them. Where that matters, take a lock.
    ///
    /// - Parameter items: What is to be divided, the same on all members; they are told apart by their descriptions.
    public func shares<Item: Sendable & CustomStringConvertible>(of items: [Item]) -> AsyncStream<[Item]> {
        let views = views
        return AsyncStream { continuation in
            let task = Task {
                for await view in views {
                    let workers = view.members.filter { $0.role != .witness }
                    let names = workers.map(\.name)
                    continuation.yield(
                        items.filter { item in
                            Shares.owner(of: item.description, among: names).map { workers[$0].rank } == view.rank
                        })
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }
}

/// Who does what.
///
/// Each member draws a number for each item, and the highest has it: Thaler and Ravishankar, *A Name-Based Mapping Scheme
/// for Rendezvous*, 1996.
enum Shares {
    /// The place of the member that an item is with.
    static func owner(of item: String, among members: [String]) -> Int? {
        members.indices.max { draw(item, members[$0]) < draw(item, members[$1]) }
    }

    /// The same on all members: FNV-1a, and then the mixing of SplitMix64, since similar names must not draw alike.
    private static func draw(_ item: String, _ member: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in [UInt8](item.utf8) + [0] + [UInt8](member.utf8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash = (hash ^ hash >> 30) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ hash >> 27) &* 0x94D0_49BB_1331_11EB
        return hash ^ hash >> 31
    }
}

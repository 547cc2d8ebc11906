import Lockstep
import LockstepFabric

/// Where the benchmark's own words lie, at the same place in the region of every member.
struct BenchmarkMemory: Sendable {
    /// Each has a cache line of its own, and the one beside it, which processors like to fetch with it.
    enum Word: Int, CaseIterable {
        /// How many parts this member has come to, and how many it has begun.
        case arrived, started
        /// The bare ring of the first member.
        case ringStart, ringSize, written, consumed, ended
        /// The token, and how often it came back.
        case token, echo
        /// The plain connection to the first member, and the sum of what it has sent.
        case streamPort, writtenSum

        static let stride = 128
    }

    let rank: Int
    let count: Int
    private let incarnations: Set<UInt64>
    private let base: Int

    /// Takes the memory; the ring, if there is to be one, is the first member's alone.
    init(_ node: Node, ringBytes: Int = 0) async throws {
        let view = try await node.runOnPoller { _, view in view }
        (rank, count) = (view.rank, view.members.count)
        incarnations = Set(view.members.map(\.incarnation))
        base = try node.allocate(Word.allCases.count * Word.stride)
        guard rank == 0, count > 1, ringBytes > 0 else { return }
        let ring = try node.allocate(ringBytes)
        try await node.runOnPoller(with: self) { words, _ in
            words.set(.ringStart, UInt64(ring))
            words.set(.ringSize, UInt64(ringBytes))
        }
    }

    /// Where a word lies.
    func offset(of word: Word) -> Int { base + word.rawValue * Word.stride }

    /// True if all are there that have begun: nobody has a mirror of those that are not.
    fileprivate func isComplete(in view: View) -> Bool { incarnations.isSubset(of: view.members.map(\.incarnation)) }
}

extension Node {
    /// Does a part of a measurement on the poller, which does nothing else meanwhile.
    ///
    /// - Throws: A sentence if a member is gone, or what the part throws.
    func runOnPoller<Value: Sendable>(
        with memory: BenchmarkMemory, _ body: @escaping @Sendable (BenchmarkWords, View) throws -> Value
    ) async throws -> Value {
        try await runOnPoller { fabric, view in
            Result {
                guard memory.isComplete(in: view) else {
                    throw PerfFailure("A member is gone, without which nothing can be measured. See what it has said.")
                }
                return try body(BenchmarkWords(fabric, memory), view)
            }
        }.get()
    }
}

/// The benchmark's words, for code on the poller's thread.
struct BenchmarkWords {
    let fabric: any Fabric
    let memory: BenchmarkMemory
    let others: PeerSet

    init(_ fabric: any Fabric, _ memory: BenchmarkMemory) {
        (self.fabric, self.memory) = (fabric, memory)
        others = PeerSet((0..<memory.count).filter { $0 != memory.rank }.map { Peer($0) })
    }

    /// Writes a word of this member, with everything that it vouches for.
    func set(_ word: BenchmarkMemory.Word, _ value: UInt64) {
        let offset = memory.offset(of: word)
        fabric.region.storeReleasing(value, at: offset)
        fabric.push(offset..<offset + 8, to: others)
    }

    /// Reads a word of a member.
    func get(_ word: BenchmarkMemory.Word, of rank: Int) -> UInt64 {
        fabric.mirror(of: Peer(rank)).loadAcquiring(memory.offset(of: word))
    }

    /// True if the word of every member has reached a value.
    func all(_ word: BenchmarkMemory.Word, are value: UInt64) -> Bool {
        (0..<memory.count).allSatisfy { get(word, of: $0) >= value }
    }

    /// Wakes those of the peers that sleep.
    func wake(_ peers: PeerSet) { fabric.notify(peers, of: Bell.all) { true } }

    /// Sleeps until something is so; whoever makes it so wakes this member.
    func sleep(until isSo: () -> Bool) {
        while !isSo() { fabric.park(until: nil, unless: isSo) }
    }

    /// Returns at all members at about the same time.
    func startTogether(_ part: UInt64) {
        set(.started, part)
        wake(others)
        sleep { all(.started, are: part) }
    }
}

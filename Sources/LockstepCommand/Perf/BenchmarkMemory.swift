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
    private let base: Int

    /// Takes the memory; the ring, if there is to be one, is the first member's alone.
    init(_ node: Node, ringBytes: Int = 0) async throws {
        (rank, count) = try await node.runOnPoller { _, view in (view.rank, view.members.count) }
        base = try node.allocate(Word.allCases.count * Word.stride)
        guard rank == 0, count > 1, ringBytes > 0 else { return }
        let ring = try node.allocate(ringBytes)
        let memory = self
        try await node.runOnPoller { fabric, _ in
            let words = BenchmarkWords(fabric, memory)
            words.set(.ringStart, UInt64(ring))
            words.set(.ringSize, UInt64(ringBytes))
        }
    }

    /// Where a word lies.
    func offset(of word: Word) -> Int { base + word.rawValue * Word.stride }
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

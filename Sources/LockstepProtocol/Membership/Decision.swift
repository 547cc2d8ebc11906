import LockstepFabric

/// What one view decides about the next: who goes on, who is new, and how far each shard got.
package struct Decision: Hashable, Sendable {
    /// The members that go on. They were all wedged, so they hold everything that was delivered.
    package var survivors: PeerSet
    /// Those of the others who asked to leave.
    package var leavers: PeerSet
    /// The survivors that have the state of the view.
    package var holders: PeerSet
    /// Those whose death the kernel told a survivor. Who else is gone was not heard.
    package var dead: PeerSet
    /// The time, by the clock of the host that proposed it: ``MembershipMachine/hostTime``.
    package var time: UInt64
    package var newcomers: [MemberRecord]
    /// For each shard, the position up to which every survivor delivers.
    package var trims: [Trim]

    /// How far a shard got in a view: one word.
    package struct Trim: Hashable, Sendable {
        package let shard: Int
        package let position: UInt64

        package init(shard: Int, position: UInt64) {
            precondition(
                (0..<Self.shardMax).contains(shard) && position <= Counter.countMax,
                "a shard's number must be below Trim.shardMax, and a position one that can be counted"
            )
            self.shard = shard
            self.position = position
        }

        /// Shards have lower numbers.
        package static let shardMax = 1 << 16

        init(word: UInt64) { self.init(shard: Int(word >> 48), position: word & Counter.countMax) }

        var word: UInt64 { UInt64(shard) << 48 | position }
    }

    // MARK: - Words

    var words: [UInt64] {
        var words = [
            survivors.bits, leavers.bits, holders.bits, dead.bits, time, UInt64(newcomers.count), UInt64(trims.count),
        ]
        for newcomer in newcomers { words += newcomer.words }
        return words + trims.map(\.word)
    }

    /// Nil if no correct peer writes such words.
    init?(words: [UInt64]) {
        guard words.count >= 7, words[5] <= UInt64(Peer.countMax), words[6] <= UInt64(words.count) else { return nil }
        survivors = PeerSet(bits: words[0])
        leavers = PeerSet(bits: words[1])
        holders = PeerSet(bits: words[2])
        dead = PeerSet(bits: words[3])
        time = words[4]
        newcomers = []
        var rest = words[7...]
        for _ in 0..<words[5] {
            guard let newcomer = MemberRecord(from: &rest) else { return nil }
            newcomers.append(newcomer)
        }
        guard rest.count == words[6] else { return nil }
        trims = rest.map { Trim(word: $0) }
    }

    init(
        survivors: PeerSet, leavers: PeerSet, holders: PeerSet, dead: PeerSet, time: UInt64,
        newcomers: [MemberRecord] = [], trims: [Trim]
    ) {
        self.survivors = survivors
        self.time = time
        self.leavers = leavers
        self.holders = holders
        self.dead = dead
        self.newcomers = newcomers
        self.trims = trims
    }
}

extension MemberRecord {
    /// Beside the place of a member that does not vote.
    private static let voteless: UInt64 = 1 << 32

    var words: [UInt64] {
        var words = [UInt64(peer.index) | (votes ? 0 : Self.voteless), incarnation, UInt64(info.count)]
        for start in stride(from: 0, to: info.count, by: 8) {
            let bytes = info[start..<min(start + 8, info.count)]
            words.append(bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) })
        }
        return words
    }

    /// Takes a record from the front; nil if no correct peer writes such words.
    init?(from words: inout ArraySlice<UInt64>) {
        guard words.count >= 3 else { return nil }
        let head = Array(words.prefix(3))
        let (place, votes) = (head[0] & ~Self.voteless, head[0] & Self.voteless == 0)
        words = words.dropFirst(3)
        guard place < UInt64(Peer.countMax), head[1] != 0, head[2] <= UInt64(Self.infoMax) else { return nil }
        let count = Int(head[2])
        let body = words.prefix((count + 7) / 8)
        guard body.count == (count + 7) / 8 else { return nil }
        words = words.dropFirst(body.count)
        let bytes = body.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
        self.init(peer: Peer(Int(place)), incarnation: head[1], votes: votes, info: Array(bytes.prefix(count)))
    }
}

/// How far a member got in a shard of a view that it has wedged: its `received`, which never changes again.
package struct ShardFinal: Hashable, Sendable {
    package let shard: Int
    /// All members of the shard in that view.
    package let members: PeerSet
    package let position: UInt64

    package init(shard: Int, members: PeerSet, position: UInt64) {
        self.shard = shard
        self.members = members
        self.position = position
    }

    static func words(_ finals: [ShardFinal]) -> [UInt64] {
        finals.flatMap { [$0.members.bits, Decision.Trim(shard: $0.shard, position: $0.position).word] }
    }

    static func list(_ words: [UInt64]) -> [ShardFinal] {
        stride(from: 0, to: words.count - words.count % 2, by: 2).map { index in
            let trim = Decision.Trim(word: words[index + 1])
            return ShardFinal(shard: trim.shard, members: PeerSet(bits: words[index]), position: trim.position)
        }
    }
}

import LockstepFabric

/// A node's row, as somebody reads it who has a mirror of the node's region; the node itself too.
struct MembershipRow {
    let layout: MembershipLayout
    let mirror: Mirror

    var incarnation: UInt64 { mirror.loadAcquiring(layout.incarnation) }
    var heartbeat: UInt64 { mirror.loadAcquiring(layout.heartbeat) }
    var suspects: PeerSet { PeerSet(bits: mirror.loadAcquiring(layout.suspects)) }
    var dead: PeerSet { PeerSet(bits: mirror.loadAcquiring(layout.dead)) }
    var isLeaving: Bool { mirror.loadAcquiring(layout.leaving) == 1 }
    func echo(of peer: Peer) -> Echo { Echo(word: mirror.loadAcquiring(layout.echo(of: peer))) }

    /// The record of a learner that wants to be a member.
    var newcomer: MemberRecord? {
        guard mirror.loadAcquiring(layout.ready) == 1 else { return nil }
        let key = CheckedBlock.Key(view: 0, number: incarnation)
        guard var words = layout.record.read(key: key, from: mirror)?[...] else { return nil }
        return MemberRecord(from: &words)
    }

    func slot(_ view: UInt64) -> MembershipSlot {
        MembershipSlot(layout: layout.slot(view), view: view, tag: ViewTag(view: view), mirror: mirror)
    }
}

/// What a row says about one view; nothing as long as its place is another view's.
struct MembershipSlot {
    let layout: MembershipSlotLayout
    let view: UInt64
    let tag: ViewTag
    let mirror: Mirror

    /// The view whose slot it really is.
    var tagged: UInt64 { mirror.loadAcquiring(layout.view) }
    var isInstalled: Bool { count(layout.installed) == 1 }
    var isHolding: Bool { count(layout.holding) == 1 }
    var isWedged: Bool { count(layout.wedged) == 1 }
    var promised: UInt64 { count(layout.promised) }
    var accepted: UInt64 { count(layout.accepted) }
    var isDecided: Bool { count(layout.decided) == 1 }

    var finals: [ShardFinal]? { read(layout.finals, 0).map(ShardFinal.list) }
    /// The value that was accepted in a ballot.
    func proposal(_ ballot: UInt64) -> Decision? { read(layout.proposal, ballot).flatMap(Decision.init) }
    var decision: Decision? { isDecided ? read(layout.decision, 0).flatMap(Decision.init) : nil }

    private func count(_ offset: Int) -> UInt64 { Counter.unpack(mirror.loadAcquiring(offset), tag) ?? 0 }

    private func read(_ block: CheckedBlock, _ number: UInt64) -> [UInt64]? {
        block.read(key: CheckedBlock.Key(view: view, number: number), from: mirror)
    }
}

/// The row of this node: it writes it, and knows what must be pushed.
struct OwnMembershipRow {
    private let layout: MembershipLayout
    private let region: Region
    private var blocks: [Range<Int>] = []
    private var heads: [Range<Int>] = []
    /// What was accepted since the last push.
    private var acceptances: [Range<Int>] = []
    /// That of it to which a promise has come since.
    private var vouched: [Range<Int>] = []

    /// Whether that goes ahead.
    private let publishesAhead: Bool

    init(layout: MembershipLayout, region: Region, publishesAhead: Bool = true) {
        self.layout = layout
        self.region = region
        self.publishesAhead = publishesAhead
    }

    var reader: MembershipRow { MembershipRow(layout: layout, mirror: region.mirror) }

    // MARK: - Writing

    mutating func write(_ word: UInt64, at offset: Int) {
        region.storeReleasing(word, at: offset)
        push(head: layout.pulse)
    }

    mutating func write(_ record: MemberRecord) {
        let key = CheckedBlock.Key(view: 0, number: record.incarnation)
        blocks.append(layout.record.write(record.words, key: key, to: region))
        write(1, at: layout.ready)
    }

    /// Gives a view its slot; what an earlier view left there counts no more.
    mutating func begin(_ view: UInt64) {
        region.storeReleasing(view, at: layout.slot(view).view)
        push(head: layout.slot(view).head)
    }

    mutating func write(
        _ count: UInt64, at field: KeyPath<MembershipSlotLayout, Int>, of view: UInt64
    ) {
        let slot = layout.slot(view)
        region.storeReleasing(Counter.pack(count, ViewTag(view: view)), at: slot[keyPath: field])
        switch field {
        case \.accepted: acceptances.append(slot.acceptance)
        case \.promised: (vouched, acceptances) = (vouched + acceptances, [])
        default: break
        }
        push(head: slot.head)
    }

    mutating func write(
        _ words: [UInt64], to block: KeyPath<MembershipSlotLayout, CheckedBlock>, number: UInt64, of view: UInt64
    ) {
        let key = CheckedBlock.Key(view: view, number: number)
        blocks.append(layout.slot(view)[keyPath: block].write(words, key: key, to: region))
    }

    // MARK: - Pushing

    private mutating func push(head: Range<Int>) {
        if !heads.contains(head) { heads.append(head) }
    }

    /// What has changed since the last call: blocks first, because words in the heads vouch for them. A promise vouches for
    /// what was accepted before it, and within one push nothing has an order; so that goes ahead of it.
    mutating func takePublications() -> [Range<Int>] {
        defer { heads = [] }
        // A heartbeat alone, nearly always.
        if blocks.isEmpty, acceptances.isEmpty, vouched.isEmpty { return heads }
        defer { (blocks, acceptances, vouched) = ([], [], []) }
        return blocks + (publishesAhead ? vouched : []) + heads
    }

    /// The whole row, for a peer that may have missed some of it.
    func everything(near view: UInt64) -> [Range<Int>] {
        let slots = [layout.slot(view), layout.slot(view + 1)]
        return [layout.record.range] + slots.flatMap { [$0.finals.range, $0.proposal.range, $0.decision.range] }
            + slots.filter { hasPromisedMore(in: $0) }.map(\.acceptance) + slots.map(\.head) + [layout.pulse]
    }

    private func hasPromisedMore(in slot: MembershipSlotLayout) -> Bool {
        let tagged = region.load(slot.view)
        let (accepted, promised) = (reader.slot(tagged).accepted, reader.slot(tagged).promised)
        return publishesAhead && accepted > 0 && promised > accepted
    }
}

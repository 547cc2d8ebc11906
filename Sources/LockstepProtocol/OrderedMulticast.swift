import LockstepFabric

/// One shard at one member: atomic multicast in a total order, from counters that one writer raises and others read.
///
/// The order is round-robin over the senders: round `r` of the sender at place `i` of `k` is position `r·k + i`. A
/// round below `sent` without a record is a null, so skipping any number of rounds costs raising one counter. A
/// position is **stable** when every member has received all positions up to it; stable messages are delivered, in
/// order (Derecho's SMC over an SST: Jha et al., *Derecho: Fast State Machine Replication for Cloud Services*, 2019).
///
/// This is a plain value: it does no I/O, owns no thread and reads no clock. A turn of its poller is ``append(_:)``
/// for what is queued, ``observe()``, ``publish()``, and ``next()`` until it returns nil.
package struct OrderedMulticast {
    private let layout: ShardLayout
    private let region: Region
    private let mirrors: [Mirror]
    private let rules: Rules
    /// How many rounds an idle sender keeps ahead of those in use, so that nobody waits for its nulls.
    private let nullWindow: UInt64
    /// A view that delivers up to here has to end.
    private let positionMax: UInt64
    /// This node's place among the senders, nil if it does not send.
    private let sendingPlace: Int?

    private var writer: RingWriter?
    private var readers: [RingReader]
    /// What this node's line holds, and what of it has been pushed.
    private var line = Counters()
    private var published = Counters()
    /// Rounds that each sender has filled, as far as seen.
    private var filled: [UInt64]
    private var hasSpokenThisTurn = false
    private var bytesReleasedSincePublish = 0
    private let bytesReleasedUnpublishedMax: Int
    /// Every position below is stable.
    private(set) package var stable: UInt64 = 0

    private struct Counters: Equatable {
        var sent: UInt64 = 0
        var received: UInt64 = 0
        var released: UInt64 = 0
        var spoken: UInt64 = 0
    }

    /// A stable message.
    package struct Message {
        /// The sender's place among the members of the shard.
        package let sender: Int
        /// Its place in the total order.
        package let position: UInt64
        /// In the sender's ring; valid until the next ``OrderedMulticast/append(_:)`` or ``OrderedMulticast/publish()``.
        package let payload: UnsafeRawBufferPointer
    }

    /// `mirrors` are those of the members, in their order; this node's own is its region.
    package init(
        layout: ShardLayout, region: Region, mirrors: [Mirror], rules: Rules = .all, nullWindow: UInt64 = 32,
        positionMax: UInt64 = OrderedMulticast.positionMax
    ) {
        self.layout = layout
        self.region = region
        self.mirrors = mirrors
        self.rules = rules
        self.nullWindow = nullWindow
        self.positionMax = positionMax
        sendingPlace = layout.senders.firstIndex(of: layout.me)
        writer = sendingPlace.map { _ in
            RingWriter(region: region, ring: layout.members[layout.me].ring, tag: layout.tag)
        }
        readers = layout.senders.map {
            RingReader(mirror: mirrors[$0], ring: layout.members[$0].ring, tag: layout.tag)
        }
        filled = layout.senders.map { _ in 0 }
        let ringSizeMin = layout.senders.map { layout.members[$0].ring.count }.min() ?? 0
        bytesReleasedUnpublishedMax = ringSizeMin / 4
        writeLine()
    }

    /// Far enough from the end of the counters for whatever is on its way.
    package static let positionMax = Counter.countMax - (1 << 32)

    /// True if this node may send.
    package var isSender: Bool { sendingPlace != nil }

    /// The longest message that this node can send.
    package var payloadMax: Int { Record.payloadMax(ring: layout.members[layout.me].ring.count) }

    // MARK: - A turn

    /// Gives a message the next round of this sender; false if the ring is full, and then nothing has changed.
    package mutating func append(_ payload: UnsafeRawBufferPointer) -> Bool {
        precondition(isSender, "only a sender of the shard may send")
        if writer?.append(payload, round: line.sent) != true {
            freeRing()
            guard writer?.append(payload, round: line.sent) == true else { return false }
        }
        line.sent += 1
        line.spoken = line.sent
        hasSpokenThisTurn = true
        return true
    }

    /// Reads what the others have pushed: fills rounds for those who speak, and raises what is received and stable.
    package mutating func observe() {
        readFilled()
        fillNulls()
        line.received = prefix(of: filled)
        stable = rules.contains(.stability) ? leastReceived() : line.received
    }

    /// Takes the next stable message, nil when there is none. What was taken before counts as executed.
    package mutating func next() throws(ProtocolError) -> Message? {
        guard stable <= positionMax else { throw .countersExhausted }
        var first: (reader: Int, position: UInt64)?
        for reader in readers.indices {
            guard let round = try readers[reader].nextRound(below: filled[reader]) else { continue }
            let position = self.position(round, reader)
            if position < stable, first.map({ position < $0.position }) ?? true || !rules.contains(.order) {
                first = (reader, position)
            }
        }
        guard let first else {
            line.released = stable
            return nil
        }
        line.released = first.position
        let (payload, size) = readers[first.reader].take()
        bytesReleasedSincePublish += size
        return Message(sender: layout.senders[first.reader], position: first.position, payload: payload)
    }

    /// Writes this node's counters and says what of its region must be pushed, in this order.
    ///
    /// `released` alone is pushed only when it frees a good part of a ring: it travels with whatever is pushed next.
    package mutating func publish() -> Publication {
        let isDue =
            line.sent != published.sent || line.received != published.received
            || bytesReleasedSincePublish > bytesReleasedUnpublishedMax
        hasSpokenThisTurn = false
        guard isDue else { return Publication() }
        let ring = writer?.takeUnpublished() ?? []
        writeLine()
        published = line
        bytesReleasedSincePublish = 0
        let start = layout.members[layout.me].line
        return Publication(ring: ring, line: start..<start + Line.size)
    }

    /// What has to be pushed after a turn: the ring first, then the line that vouches for it.
    package struct Publication {
        package var ring: [Range<Int>] = []
        package var line: Range<Int>?
    }

    // MARK: - What a turn is made of

    private mutating func readFilled() {
        for (place, member) in layout.senders.enumerated() {
            let seen = member == layout.me ? line.sent : read(Line.sent, of: member)
            if seen > filled[place] { filled[place] = seen }
        }
    }

    /// A sender that has nothing to say fills its rounds up to those in use, and some ahead.
    private mutating func fillNulls() {
        guard let sendingPlace, rules.contains(.nulls) else { return }
        let inUse = layout.senders.reduce(0) { most, member in
            member == layout.me ? most : max(most, read(Line.spoken, of: member))
        }
        let ahead = hasSpokenThisTurn ? 0 : nullWindow
        if inUse > 0, line.sent < inUse + ahead / 2 {
            line.sent = inUse + ahead
            filled[sendingPlace] = line.sent
        }
    }

    /// The first position that is missing when each sender has filled its rounds so far.
    private func prefix(of filled: [UInt64]) -> UInt64 {
        filled.indices.reduce(UInt64.max) { min($0, position(filled[$1], $1)) }
    }

    private func position(_ round: UInt64, _ place: Int) -> UInt64 {
        round * UInt64(layout.senders.count) + UInt64(place)
    }

    private func leastReceived() -> UInt64 {
        layout.members.indices.reduce(line.received) { least, member in
            member == layout.me ? least : min(least, read(Line.received, of: member))
        }
    }

    private mutating func freeRing() {
        guard let sendingPlace else { return }
        let released = layout.members.indices.reduce(line.released) { least, member in
            member == layout.me ? least : min(least, read(Line.released, of: member))
        }
        let position = rules.contains(.ringReuse) ? released : UInt64.max
        writer?.free(position: position, of: sendingPlace, among: layout.senders.count)
    }

    /// A member's counter in this view; 0 as long as its line is of another.
    private func read(_ counter: Int, of member: Int) -> UInt64 {
        let word = mirrors[member].loadAcquiring(layout.members[member].line + counter)
        return Counter.unpack(word, layout.tag) ?? 0
    }

    private func writeLine() {
        let start = layout.members[layout.me].line
        region.storeReleasing(Counter.pack(line.spoken, layout.tag), at: start + Line.spoken)
        region.storeReleasing(Counter.pack(line.released, layout.tag), at: start + Line.released)
        region.storeReleasing(Counter.pack(line.sent, layout.tag), at: start + Line.sent)
        region.storeReleasing(Counter.pack(line.received, layout.tag), at: start + Line.received)
    }
}

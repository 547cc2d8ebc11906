/// Room in a ring for messages of one length, one behind the other, that somebody may write.
///
/// Whoever holds a claim writes the payloads and nothing else, and then commits it or abandons it.
package struct Claim: Hashable, Sendable {
    /// In bytes claimed since the ring began; where that is in the ring is its remainder.
    let start: UInt64
    let end: UInt64
    package let payloadSize: Int
    /// How many messages.
    package let count: Int

    init(start: UInt64, payloadSize: Int, count: Int) {
        self.start = start
        self.payloadSize = payloadSize
        self.count = count
        end = start + UInt64(Record.size(payload: payloadSize, count: count))
    }

    /// What is left of a claim whose first messages have been committed: it may only be abandoned.
    private init(rest: Range<UInt64>, count: Int) {
        (start, end) = (rest.lowerBound, rest.upperBound)
        self.count = count
        payloadSize = 0
    }

    /// From payload to payload.
    package var stride: Int { Record.stride(payload: payloadSize) }

    /// Where one of the payloads lies in a ring.
    package func payload(_ index: Int, in ring: Range<Int>) -> Range<Int> {
        precondition((0..<count).contains(index), "a payload must belong to the claim")
        let record = ring.lowerBound + Int(start & UInt64(ring.count - 1))
        let payload = record + Record.headerSize + index * stride
        return payload..<payload + payloadSize
    }

    /// From the first payload to the end of the last.
    package func payloads(in ring: Range<Int>) -> Range<Int> {
        let first = payload(0, in: ring).lowerBound
        return first..<first + (count - 1) * stride + payloadSize
    }

    /// True if it was claimed earlier.
    package func isBefore(_ other: Claim) -> Bool { start < other.start }

    /// The first messages, to be committed, and the rest, to be abandoned.
    package func split(at index: Int) -> (first: Claim, rest: Claim) {
        precondition((0...count).contains(index), "a claim must be split within its messages")
        let first = Claim(start: start, payloadSize: payloadSize, count: index)
        return (first, Claim(rest: first.end..<end, count: count - index))
    }
}

/// What became of a claim.
package struct Commit: Sendable {
    package let claim: Claim
    package let isAbandoned: Bool

    /// How many messages go into the order.
    package var messages: Int { isAbandoned ? 0 : claim.count }
}

/// Who may write where in a sender's ring.
///
/// Any task claims space, under a lock that the owner of this value keeps; rounds are given later, by the poller, in
/// the order of the commits. Every byte that is claimed is committed or abandoned in the end, padding too. For each
/// open message 16 bytes stay free, in case it commits after others behind it: then it needs a header of its own.
package struct RingClaims {
    private let ringSize: Int
    /// Everything below is claimed, and everything below `tail` is free again.
    private var head: UInt64 = 0
    private var tail: UInt64 = 0
    /// Claimed and not settled yet.
    private var openMessages = 0
    /// Claimed, and neither committed nor abandoned yet.
    private(set) package var uncommitted = 0
    private var commits: [Commit] = []
    private(set) package var messagesEver: UInt64 = 0

    package init(ringSize: Int) { self.ringSize = ringSize }

    /// Claims up to `count` messages, as many as lie in one piece; nil if there is no room for any now.
    package mutating func claim(payloadSize: Int, upTo count: Int = 1) -> Claim? {
        precondition(
            payloadSize <= Record.payloadMax(ring: ringSize) && count > 0, "a message must fit into its ring"
        )
        let size = Record.size(payload: payloadSize)
        let rest = ringSize - Int(head & UInt64(ringSize - 1))
        let padding = rest < size ? rest : 0
        // Behind the last record there must be room for the word that says that nothing follows yet.
        let reserved = Record.headerSize * (openMessages + (padding > 0 ? 2 : 1))
        let free = ringSize - Int(head - tail) - padding - reserved - Record.headerSize
        let piece = (padding > 0 ? ringSize : rest) - Record.headerSize
        let stride = Record.stride(payload: payloadSize)
        let messages =
            count == 1
            // Most claims are for one, and a division takes longer than all else here.
            ? (free >= stride + Record.headerSize && piece >= stride ? 1 : 0)
            : min(count, free / (stride + Record.headerSize), stride > 0 ? piece / stride : count)
        guard messages > 0 else { return nil }
        if padding > 0 { pad(padding) }
        let claim = Claim(start: head, payloadSize: payloadSize, count: messages)
        head = claim.end
        openMessages += messages
        uncommitted += messages
        return claim
    }

    private mutating func pad(_ size: Int) {
        let claim = Claim(start: head, payloadSize: size - Record.headerSize, count: 1)
        head = claim.end
        openMessages += 1
        uncommitted += 1
        abandon(claim)
    }

    /// The claim's messages are written: they come next in this sender's order. Returns the number of the first
    /// among all its messages, from 0.
    @discardableResult
    package mutating func commit(_ claim: Claim) -> UInt64 {
        commits.append(Commit(claim: claim, isAbandoned: false))
        uncommitted -= claim.count
        defer { messagesEver += UInt64(claim.count) }
        return messagesEver
    }

    /// The claim becomes padding and takes no round.
    package mutating func abandon(_ claim: Claim) {
        guard claim.count > 0 else { return }
        uncommitted -= claim.count
        commits.append(Commit(claim: claim, isAbandoned: true))
    }

    /// Exchanges an empty list for what was committed and abandoned since the last call, in that order.
    package mutating func take(into list: inout [Commit]) {
        precondition(list.isEmpty, "commits must be sent before more are taken")
        swap(&commits, &list)
    }

    /// The header of a late record goes behind everything that is claimed.
    mutating func claimLateHeader() -> UInt64 {
        defer { head += UInt64(Record.headerSize) }
        openMessages -= 1
        return head
    }

    /// Notes how many messages need no late header any more, and up to where the ring is free again.
    package mutating func settle(_ progress: RingProgress) {
        openMessages -= progress.settledMessages
        tail = max(tail, progress.freedBelow)
    }
}

/// What the poller has to tell those who claim.
package struct RingProgress: Sendable, Equatable {
    package var settledMessages = 0
    package var freedBelow: UInt64 = 0

    package init(settledMessages: Int = 0, freedBelow: UInt64 = 0) {
        self.settledMessages = settledMessages
        self.freedBelow = freedBelow
    }
}

import DequeModule
import Lockstep
import LockstepFabric
import LockstepProtocol

/// One shard at one node in one view.
final class ClusterShard {
    let number: Int
    let members: PeerSet
    /// What the replica has executed; nil as long as it has no state.
    var state: ClusterState?
    /// What else it executes.
    var replica: (any OrderedReplica)?
    /// True when every member has installed the view.
    var isOpen = false
    private let ring: Range<Int>
    private let region: Region
    private let rules: Rules
    private var multicast: OrderedMulticast
    private var claims: RingClaims
    private var commits: [Commit] = []
    private var deliveredCount = 0
    private let place: Int
    /// The queries whose marks are on their way.
    private(set) var marked: Deque<ClusterQuery> = []
    private(set) var isWedged = false

    init(
        number: Int, layout: ShardLayout, region: Region, mirrors: [Mirror], state: ClusterState?, rules: Rules
    ) {
        self.number = number
        self.state = state
        self.region = region
        self.rules = rules
        members = PeerSet(layout.members.map(\.peer))
        ring = layout.members[layout.me].ring
        place = layout.me
        claims = RingClaims(ringSize: ring.count)
        multicast = OrderedMulticast(
            layout: layout, region: region, mirrors: mirrors, rules: rules.union(.wake), nullWindow: 4)
    }

    // MARK: - A turn

    /// What comes next at a replica.
    enum Delivery {
        /// An update, with its number in the view, and what it came to if it is this node's.
        case update(ClusterUpdate, index: Int, DetachedReply?)
        /// The place of a query of this node.
        case mark(ClusterQuery)
    }

    /// Sends as many of the updates as there is room for, and marks queries.
    func send(_ waiting: inout Deque<ClusterUpdate>, _ queries: inout ClusterQueries) -> Int {
        claims.settle(multicast.takeProgress())
        guard isOpen, !isWedged else { return 0 }
        var count = 0
        while let update = waiting.first, let claim = claims.claim(payloadSize: update.size) {
            let place = claim.payload(0, in: ring).lowerBound
            region.store(update.origin, at: place)
            region.store(update.sequence, at: place + 8)
            update.content.withUnsafeBytes { region.write($0, at: place + ClusterUpdate.headSize) }
            claims.commit(claim)
            waiting.removeFirst()
            count += 1
        }
        while let index = queries.unmarked.firstIndex(where: { $0.shard == number }),
            let claim = claims.claim(payloadSize: 0)
        {
            claims.commit(claim)
            marked.append(queries.unmarked.remove(at: index).query)
        }
        claims.take(into: &commits)
        for commit in commits {
            precondition(multicast.send(commit), "this program commits in the order of its claims")
        }
        commits.removeAll()
        return count
    }

    /// Looks at what has arrived, and returns what must be pushed.
    func publish() -> [Range<Int>] {
        multicast.observe()
        var ranges: [Range<Int>] = []
        _ = multicast.publish { ranges.append($0) }
        return ranges
    }

    /// Delivers the next message, if there is one.
    func deliver() throws(ProtocolError) -> Delivery? {
        while state != nil, let message = try multicast.next() {
            if message.payload.isEmpty {
                if message.sender == place, let query = marked.popFirst() { return .mark(query) }
                continue
            }
            let update = ClusterUpdate(message.payload)
            state?.execute(update)
            defer { deliveredCount += 1 }
            return .update(update, index: deliveredCount, run(update, message))
        }
        return nil
    }

    private func run(_ update: ClusterUpdate, _ message: OrderedMulticast.Message) -> DetachedReply? {
        guard let replica, !update.content.isEmpty else { return nil }
        let content = UnsafeRawBufferPointer(rebasing: message.payload[ClusterUpdate.headSize...])
        return replica.run(
            OrderedMulticast.Message(sender: message.sender, position: message.position, payload: content),
            isAwaited: message.sender == place)
    }

    /// Everything below is here.
    var received: UInt64 { multicast.received }

    /// Everything below was delivered.
    var delivered: UInt64 { multicast.delivered }

    // MARK: - The end

    func wedge() -> ShardFinal {
        isWedged = true
        return ShardFinal(shard: number, members: members, position: multicast.wedge())
    }

    func end(at trim: UInt64) throws(Violation) {
        guard multicast.mayEnd(at: trim) else {
            throw Violation(
                .sameHistory, "Shard \(number) is to end at \(trim), but cannot: it has received \(multicast.wedge()).")
        }
        multicast.end(at: trim)
    }

    /// What this node sent and nobody delivers in this view.
    func takeDropped() throws(ProtocolError) -> [ClusterUpdate] {
        var dropped: [ClusterUpdate] = []
        try multicast.takeDropped { if !$0.isEmpty { dropped.append(ClusterUpdate($0)) } }
        return dropped
    }
}

extension ClusterUpdate {
    init(_ bytes: UnsafeRawBufferPointer) {
        let isWhole = bytes.count >= Self.headSize
        origin = isWhole ? bytes.load(as: UInt64.self) : 0
        sequence = isWhole ? bytes.load(fromByteOffset: 8, as: UInt64.self) : 0
        content = Array(bytes.dropFirst(Self.headSize))
    }
}
